"""What stands in one container: paths, ports, variables, memory. Each rule at its edge."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings

SERVICE = "api.services.reports"


def problems(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The paths of what is wrong; none where the settings hold, on both targets."""
    found = []
    for target in ({}, KUBERNETES):
        try:
            settings({**target, **given}, secret=secret)
        except SettingsError as error:
            found.append([problem.path for problem in error.problems])
        else:
            found.append([])
    docker, cluster = found
    assert docker == cluster
    return docker


def service(**given: Any) -> dict[str, Any]:
    return {"api": {"services": {"reports": {"image": "acme/reports:1"} | given}}}


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(given)
    return str(caught.value)


@pytest.mark.parametrize(
    "writable",
    [[], ["/tmp", "/srv/cache"], ["/srv", "/srv/cache"], ["/run", "/var/cache"], ["/dev/shm"]],
)
def test_writable_paths_may_stand_beside_and_in_each_other(writable: list[str]) -> None:
    assert problems(service(writable=writable)) == []
    assert problems({"web": {"writable": writable}}) == []


@pytest.mark.parametrize(
    "path", ["/", "//", "/.", "/tmp/..", "/proc", "/proc/self", "/sys", "/dev"]
)
def test_the_root_and_the_kernels_directories_are_not_to_be_written(path: str) -> None:
    assert problems(service(writable=["/tmp", path])) == [f"{SERVICE}.writable.1"]
    assert problems(service(data_volume={"path": path})) == [f"{SERVICE}.data_volume.path"]


def test_a_relative_path_is_no_path() -> None:
    assert problems(service(writable=["tmp"])) == [f"{SERVICE}.writable.0"]


@pytest.mark.parametrize("again", ["/tmp", "/tmp/", "//tmp", "/tmp/.", "/srv/../tmp"])
def test_a_writable_path_stands_there_once(again: str) -> None:
    assert problems(service(writable=["/tmp", again])) == [f"{SERVICE}.writable.1"]
    assert problems({"web": {"writable": ["/tmp", again]}}) == ["web.writable.1"]


def test_the_run_directory_has_two_names() -> None:
    assert problems(service(writable=["/run", "/var/run/"])) == [f"{SERVICE}.writable.1"]


@pytest.mark.parametrize("path", ["/run", "/var/run", "/run/secrets/", "/run/secrets/api-token/x"])
def test_a_writable_path_hides_no_credential(path: str) -> None:
    token = {"TOKEN_FILE": "api-token"}
    assert problems(service(writable=[path], credentials=token)) == [f"{SERVICE}.writable.0"]
    said = refusal(service(writable=[path], credentials=token))
    assert (
        f"{SERVICE}.writable.0\n  found    '{path}'\n  allowed  a directory that does not" in said
    )
    assert "hide /run/secrets/api-token, which the platform puts there" in said


def test_a_credential_hands_its_directory_to_nobody_where_it_is_no_file() -> None:
    given = {"credentials": {"TOKEN": "api-token"}, "secrets_as": "env", "writable": ["/run"]}
    assert problems(service(**given)) == []


def test_neither_a_writable_path_nor_a_volume_hides_a_file_of_the_services_choice() -> None:
    token = {"/etc/app/token": "api-token"}
    assert problems(service(writable=["/etc/app"], credentials=token)) == [f"{SERVICE}.writable.0"]
    volume = {"path": "/etc"}
    assert problems(service(data_volume=volume, credentials=token)) == [
        f"{SERVICE}.data_volume.path"
    ]


def test_the_authority_of_the_databases_certificate_is_not_hidden() -> None:
    external = {"host": "db.example.com", "user": "app", "password": "given"}
    external |= {"sslmode": "verify-full", "ca": "-----BEGIN CERTIFICATE-----\nMII\n"}
    data = {"data": {"mode": "external", "external": external}}
    asks = service(writable=["/etc"], credentials={"/srv/url": "database-url"})
    assert problems(data | asks, ("data",)) == [f"{SERVICE}.writable.0"]
    assert problems(data | service(writable=["/etc"]), ("data",)) == []


def test_a_volume_may_stand_among_the_writable_paths() -> None:
    assert problems(service(writable=["/tmp", "/app/data/"], data_volume={})) == []


@pytest.mark.parametrize(
    ("one", "other", "right"),
    [("/etc/a", "/etc/b", True), ("/etc/a", "/etc/ab", True), ("/etc/a", "/etc/a/b", False)],
)
def test_a_file_does_not_fake_another(one: str, other: str, right: bool) -> None:
    wrong = [] if right else [f"{SERVICE}.credentials"]
    assert problems(service(credentials={one: "api-token", other: "cache-url"})) == wrong


@pytest.mark.parametrize(
    "place",
    ["1TOKEN", "A B", "A=B", "", "..A", ".", "/", "/a/", "/a/../b", "/a//b", f"/{'a' * 120}"],
)
def test_a_credential_goes_to_a_variable_or_a_file(place: str) -> None:
    assert problems(service(credentials={place: "api-token"})) == [f"{SERVICE}.credentials.{place}"]


@pytest.mark.parametrize("place", ["TOKEN", "_T", "app.token-1", "/.env", "/srv/my_app/token.txt"])
def test_most_names_are_both(place: str) -> None:
    assert problems(service(credentials={place: "api-token"})) == []


@pytest.mark.parametrize("name", ["1A", "A B", "A=B", "", "é"])
def test_a_plain_variable_has_a_name_that_both_targets_take(name: str) -> None:
    assert problems(service(env={name: "x"})) == [f"{SERVICE}.env.{name}"]
    assert problems({"web": {"env": {name: "x"}}}) == [f"web.env.{name}"]


def test_a_variable_is_filled_once() -> None:
    given = {"env": {"TOKEN": "plain"}, "credentials": {"TOKEN": "api-token"}}
    assert problems(service(**given)) == [f"{SERVICE}.env.TOKEN"]
    assert problems(service(**given, secrets_as="env")) == [f"{SERVICE}.env.TOKEN"]


def test_the_web_tier_does_not_listen_where_its_exporter_does() -> None:
    assert problems({"web": {"port": 9113}}) == ["web.port"]
    assert problems({"web": {"port": 9113, "status_socket": None}}) == []
    assert problems({"web": {"port": 80}}) == []
    assert problems(service(port=9113)) == []


def test_the_web_tier_with_a_certificate_does_not_listen_twice_on_one_port(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM")
    tls = {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}
    said = refusal({"web": {"port": 8443}, "docker": {"tls": tls}})
    assert "web.port\n  found    8443\n  allowed  another port: its port with TLS has" in said
    said = refusal({"web": {"writable": ["/run"]}, "docker": {"tls": tls}})
    assert said.count("web.writable.0\n") == 2
    assert problems({"web": {"port": 8443}}) == []


def test_the_directory_of_the_status_socket_is_writable_as_it_is() -> None:
    assert problems({"web": {"writable": ["/tmp", "/var/run/web"]}}) == ["web.status_socket"]
    assert problems({"web": {"writable": ["/tmp", "/var/run"]}}) == []
    assert problems({"web": {"status_socket": "/status.sock"}}) == ["web.status_socket"]


@pytest.mark.parametrize(("memory", "right"), [("5Mi", False), ("6Mi", True)])
def test_a_container_has_the_least_memory_that_an_engine_gives(memory: str, right: bool) -> None:
    wrong = [] if right else [f"{SERVICE}.memory"]
    assert problems(service(memory=memory)) == wrong
