"""Each rule across settings at its edge: just right, and just wrong."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings


def problems(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The paths of what is wrong; none where the settings hold."""
    try:
        settings(given, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def service(name: str = "reports", **given: Any) -> dict[str, Any]:
    return {"api": {"services": {name: {"image": "acme/reports:1"} | given}}}


EXTERNAL = {"host": "db.example.com", "user": "app", "password": "given"}


@pytest.mark.parametrize("tier", ["data", "cache"])
def test_an_external_server_and_its_mode_go_together(tier: str) -> None:
    assert problems({tier: {"mode": "external", "external": EXTERNAL}}, (tier,)) == []
    assert problems({tier: {"mode": "external"}}) == [f"{tier}.external"]
    assert problems({tier: {"external": EXTERNAL}}, (tier,)) == [f"{tier}.mode"]


def test_a_server_is_checked_with_a_certificate_that_is_given() -> None:
    def database(**tls: str) -> dict[str, Any]:
        return {"data": {"mode": "external", "external": EXTERNAL | tls}}

    ca = "-----BEGIN CERTIFICATE-----\nMII\n"
    assert problems(database(sslmode="require"), ("data",)) == []
    assert problems(database(sslmode="verify-full", ca=ca), ("data",)) == []
    assert problems(database(sslmode="verify-ca"), ("data",)) == ["data.external.ca"]


def test_a_service_has_either_an_image_or_a_build() -> None:
    assert problems(service()) == []
    assert problems(service(image=None, build="images/api")) == []
    assert problems(service(build="images/api")) == ["api.services.reports"]
    assert problems(service(image=None)) == ["api.services.reports"]


def test_the_web_tier_has_either_an_image_or_a_build() -> None:
    assert problems({"web": {"image": "acme/page:1"}}) == []
    assert problems({"web": {"image": "acme/page:1", "build": "images/web"}}) == ["web"]
    assert problems({"web": {"build": None}}) == ["web"]


def test_a_registry_has_both_a_user_and_a_password_or_neither() -> None:
    url = {"url": "mirror.example.com"}
    assert problems({"registry": url}) == []
    assert problems({"registry": url | {"user": "u", "password": "p"}}, ("registry",)) == []
    assert problems({"registry": url | {"user": "u"}}) == ["registry"]
    assert problems({"registry": url | {"password": "p"}}, ("registry",)) == ["registry"]


@pytest.mark.parametrize(
    ("memory", "right", "wrong"), [("128Mi", "96Mi", "97Mi"), ("1Gi", "768Mi", "1Gi")]
)
def test_the_cache_holds_at_most_three_quarters_of_its_memory(
    memory: str, right: str, wrong: str
) -> None:
    assert problems({"cache": {"memory": memory, "maxmemory": right}}) == []
    assert problems({"cache": {"memory": memory, "maxmemory": wrong}}) == ["cache.maxmemory"]


def connections(**data: Any) -> dict[str, Any]:
    """Three backends and a further service of two with pools of ten: 50 and 6 in reserve."""
    return {
        "data": data,
        "api": {
            "database_pool": 10,
            "services": {
                "backend": {"replicas": {"min": 1, "max": 3}},
                "reports": {
                    "image": "acme/reports:1",
                    "replicas": 2,
                    "credentials": {"PASSWORD_FILE": "database-password"},
                },
            },
        },
    }


def test_the_pools_of_all_replicas_fit_the_databases_connections() -> None:
    assert problems(connections(max_connections=56)) == []
    assert problems(connections(max_connections=55)) == ["data.max_connections"]


def test_a_roll_out_on_a_cluster_has_a_quarter_more_of_each_for_a_while() -> None:
    """Rounded up: one more backend and one more of the service, with pools of ten."""
    assert problems({**KUBERNETES, **connections(max_connections=76)}) == []
    assert problems({**KUBERNETES, **connections(max_connections=75)}) == ["data.max_connections"]


def test_the_connections_of_an_external_database_are_not_ours_to_count() -> None:
    external = {"mode": "external", "external": EXTERNAL, "max_connections": 20}
    assert problems(connections(**external), ("data",)) == []


def test_the_web_tier_needs_a_backend() -> None:
    assert problems({"api": {"services": {"decision": None, "backend": {"calls": []}}}}) == []
    assert problems({"api": {"services": {"backend": None}}}) == ["api.services.backend"]


def test_a_service_calls_services_that_there_are() -> None:
    assert problems(service(calls=["backend", "decision"])) == []
    with pytest.raises(SettingsError, match="nearest  decision"):
        settings(service(calls=["decison"]))


def test_a_service_that_others_call_can_not_be_left_out() -> None:
    assert problems({"api": {"services": {"decision": None}}}) == ["api.services.backend.calls"]


def test_the_least_number_of_replicas_is_at_most_the_greatest() -> None:
    assert problems(service(replicas={"min": 2, "max": 2})) == []
    assert problems(service(replicas={"min": 3, "max": 2})) == ["api.services.reports.replicas.min"]


def test_the_replicas_of_the_web_tier_follow_the_same_rule() -> None:
    assert problems({"web": {"replicas": {"min": 2, "max": 2}}}) == []
    assert problems({"web": {"replicas": {"min": 3, "max": 2}}}) == ["web.replicas.min"]


def test_a_volume_has_one_writer() -> None:
    assert problems(service(data_volume={}, replicas=1)) == []
    assert problems(service(data_volume={}, replicas={"min": 1, "max": 2})) == [
        "api.services.reports.replicas"
    ]
    assert problems(service(replicas=2)) == []


def test_alerts_have_one_receiver() -> None:
    webhook = {"url": "https://alerts.example.com"}
    mail = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    secret = ("observability",)
    assert problems({"observability": {"receiver": {"webhook": webhook}}}, secret) == []
    assert problems({"observability": {"receiver": {"mail": mail}}}) == []
    both = {"observability": {"receiver": {"webhook": webhook, "mail": mail}}}
    assert problems(both, secret) == ["observability.receiver"]


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM")
    return {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}


def test_the_web_tier_leaves_the_machine_only_with_a_certificate(tls: dict[str, str]) -> None:
    assert problems({"docker": {"bind": "127.0.0.2"}}) == []
    assert problems({"docker": {"bind": "0.0.0.0", "tls": tls}}) == []
    assert problems({"docker": {"bind": "0.0.0.0"}}) == ["docker.bind"]
    assert problems({"docker": {"bind": "192.168.1.5"}}) == ["docker.bind"]


def test_a_certificate_that_can_not_be_read_is_named(tls: dict[str, str]) -> None:
    assert problems({"docker": {"tls": tls | {"key": "/nowhere/key.pem"}}}) == ["docker.tls.key"]


def test_the_rules_of_docker_do_not_bind_a_kubernetes_stack() -> None:
    assert problems({**KUBERNETES, "docker": {"bind": "0.0.0.0"}}) == []


def test_every_endpoint_has_a_port_of_its_own() -> None:
    assert problems({"docker": {"ports": {"web": 9000}}}) == []
    assert problems({"docker": {"ports": {"web": 9090}}}) == ["docker.ports.prometheus"]
    assert problems({"docker": {"ports": {"web": None, "backend": None}}}) == []


def test_the_port_of_an_endpoint_that_the_stack_has_not_is_free() -> None:
    given: dict[str, Any] = {
        "api": {
            "services": {
                "decision": None,
                "backend": {"calls": []},
                "reports": {"image": "acme/reports:1"},
            }
        },
        "docker": {"ports": {"reports": 8001}},
    }
    assert problems(given) == []


def test_a_port_is_for_an_endpoint_that_there_is() -> None:
    ports = {"docker": {"ports": {"reports": 8100}}}
    assert problems(service() | ports) == []
    assert problems(ports) == ["docker.ports.reports"]
    with pytest.raises(SettingsError, match="nearest  prometheus"):
        settings({"docker": {"ports": {"prometeus": 9090, "prometheus": None}}})


@pytest.mark.parametrize("key", ["credentials", "calls", "secrets_as", "metrics"])
def test_what_the_web_tier_does_not_do_can_not_be_asked_of_it(key: str) -> None:
    values: dict[str, Any] = {
        "credentials": {"TOKEN": "api-token"},
        "calls": ["decision"],
        "secrets_as": "env",
        "metrics": "/metrics",
    }
    assert problems({"web": {key: values[key]}}) == [f"web.{key}"]
