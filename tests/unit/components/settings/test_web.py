"""The web tier's settings."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import BuildContext
from tests.unit.components.settings.refusals import paths, paths_on_both, refusal, service
from tests.unit.describing import settings


def test_an_image_for_the_web_tier_replaces_its_build() -> None:
    web = settings({"web": {"image": "acme/page:1"}}).web
    assert (web.image, web.build) == ("acme/page:1", None)


def test_a_user_may_build_another_page() -> None:
    build = {"context": "images/services", "dockerfile": "decision.Dockerfile"}
    web = settings({"web": {"build": build}}).web
    assert (web.image, web.build) == (None, BuildContext.model_validate(build))


def test_the_web_tier_cannot_listen_on_its_exporters_port() -> None:
    assert paths_on_both({"web": {"port": 9113}}) == ["web.port"]
    assert paths_on_both({"web": {"port": 9113, "status_socket": None}}) == []
    assert paths_on_both({"web": {"port": 80}}) == []
    assert paths_on_both(service(port=9113)) == []


def test_the_web_tier_cannot_listen_on_its_https_port_as_well(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM")
    tls = {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}
    message = refusal({"web": {"port": 8443}, "docker": {"tls": tls}})
    assert "web.port\n  found    8443\n  allowed  another port: its own HTTPS uses" in message
    message = refusal({"web": {"writable": ["/run"]}, "docker": {"tls": tls}})
    assert message.count("web.writable.0\n") == 2
    assert paths_on_both({"web": {"port": 8443}}) == []


def test_the_directory_of_the_status_socket_cannot_be_in_writable() -> None:
    assert paths_on_both({"web": {"writable": ["/tmp", "/var/run/web"]}}) == ["web.status_socket"]
    assert paths_on_both({"web": {"writable": ["/tmp", "/var/run"]}}) == []
    assert paths_on_both({"web": {"status_socket": "/status.sock"}}) == ["web.status_socket"]


@pytest.mark.parametrize("key", ["database", "calls", "metrics"])
def test_the_web_tier_does_not_have_the_keys_of_an_api_service(key: str) -> None:
    values: dict[str, Any] = {
        "database": {},
        "calls": ["decision"],
        "metrics": "/metrics",
    }
    assert paths({"web": {key: values[key]}}) == [f"web.{key}"]
