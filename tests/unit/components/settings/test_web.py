"""The web tier's settings."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import BuildContext, Frontend
from tests.unit.components.settings.refusals import paths, paths_on_both, refusal
from tests.unit.describing import settings


def page(**fields: Any) -> Frontend:
    frontend = settings({"web": {"frontend": fields}}).web.frontend
    assert frontend is not None
    return frontend


def wrong(**fields: Any) -> list[str]:
    return paths_on_both({"web": {"frontend": fields}})


def test_our_page_has_its_own_health_and_status() -> None:
    ours = page(memory="128Mi")
    assert ours.build == BuildContext(context="images/web")
    assert (ours.health, ours.status_socket) == ("/health", "/var/run/web/status.sock")


@pytest.mark.parametrize(
    "source",
    [
        {"image": "acme/page:1"},
        {"build": {"context": "images/services", "dockerfile": "api.Dockerfile"}},
    ],
)
def test_a_users_page_has_none_of_what_ours_needs(source: dict[str, Any]) -> None:
    own = page(**source)
    assert own.build != BuildContext(context="images/web")
    assert (own.health, own.ready, own.status_socket) == ("/", None, None)


def test_the_page_cannot_listen_on_its_exporters_port() -> None:
    own = {"image": "acme/page:1", "status_socket": "/run/page/status.sock"}
    assert wrong(**own, port=9113) == ["web.frontend.port"]
    assert wrong(**own | {"status_socket": None}, port=9113) == []
    assert wrong(**own, port=80) == []


def test_our_page_has_one_port() -> None:
    assert wrong(port=80) == ["web.frontend.port"]
    assert "allowed  8080, the port of our image" in refusal({"web": {"frontend": {"port": 80}}})


def test_the_directory_of_the_status_socket_cannot_be_in_writable() -> None:
    socket = ["web.frontend.status_socket"]
    assert wrong(writable=["/tmp", "/var/run/web"]) == socket
    assert wrong(writable=["/tmp", "/var/run"]) == []
    assert wrong(status_socket="/status.sock") == socket


def test_the_page_may_refer_to_services_and_secrets_but_has_no_database() -> None:
    values = {"API": "${service.backend.url}", "CACHE": "${cache.url}", "TOKEN": "${api-token}"}
    assert wrong(env=values) == []
    assert wrong(env={"DSN": "${database.url}"}) == ["web.frontend.env.DSN"]
    config = {"web": {"frontend": {"env": {"API": "${service.backnd.url}"}}}}
    assert "nearest  service.backend.url" in refusal(config)
    assert "web.frontend.database" not in refusal(
        {"web": {"frontend": {"env": {"DSN": "${database.url}"}}}}
    )


@pytest.mark.parametrize("key", ["calls", "metrics", "database", "data_volume"])
def test_the_page_does_not_have_the_keys_of_an_api_service(key: str) -> None:
    assert paths({"web": {"frontend": {key: {}}}}) == [f"web.frontend.{key}"]


def test_the_gateways_numbers_are_checked() -> None:
    assert paths_on_both({"web": {"gateway": {"stop_grace": 14}}}) == ["web.gateway.stop_grace"]
    assert paths_on_both({"web": {"gateway": {"rate_limit": 0}}}) == ["web.gateway.rate_limit"]
    too_much = {"memory": "64Mi", "memory_request": "128Mi"}
    assert paths_on_both({"web": {"gateway": too_much}}) == ["web.gateway.memory_request"]


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("ai.example.com", True),
        ("ai", True),
        ("https://ai.example.com", False),
        ("ai.example.com/", False),
        ("AI.example.com", False),
        ("ai.example.com:443", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_the_host_is_a_name_and_not_a_url(host: str, right: bool) -> None:
    assert paths({"web": {"host": host}}) == ([] if right else ["web.host"])


def test_a_certificate_does_not_take_a_port_from_the_page(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM")
    tls = {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}
    page = {"image": "acme/page:1", "port": 8443}
    assert paths({"web": {"frontend": page}, "docker": {"tls": tls}}) == []
