"""What goes wrong is refused before anything is touched, or explains itself and converges."""

import socket
from typing import Any

import pytest

from operations import engine
from tests.e2e.stack import Stack, eventually, interrupt, said

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a target that does not exist": ({"target": "dokcer"}, "target"),
    "a misspelled key": ({"dta": {}}, "dta"),
    "a misspelled key below": ({"cache": {"maxmemry": "1Mi"}}, "cache.maxmemry"),
    "the tag latest": ({"web": {"image": "web:latest"}}, "web.image"),
    "no tag at all": ({"api": {"services": {"x": {"image": "x"}}}}, "api.services.x.image"),
    "a root user": ({"web": {"user": "0:0"}}, "web.user"),
    "a port out of range": ({"docker": {"ports": {"web": 70000}}}, "docker.ports.web"),
    "a port twice": ({"docker": {"ports": {"web": 9, "backend": 9}}}, "docker.ports.backend"),
    "a cache without room": ({"cache": {"maxmemory": "128Mi"}}, "cache.maxmemory"),
    "more connections than there are": ({"api": {"database_pool": 99}}, "data.max_connections"),
    "the world without a certificate": ({"docker": {"bind": "0.0.0.0"}}, "docker.bind"),
    "a service that nobody runs": (
        {"api": {"services": {"backend": {"calls": ["decison"]}}}},
        "api.services.backend.calls",
    ),
    "two writers on one volume": (
        {"api": {"services": {"backend": {"replicas": 2, "data_volume": {}}}}},
        "api.services.backend.replicas",
    ),
    "a password in plain text": (
        {
            "data": {
                "mode": "external",
                "external": {"host": "h", "user": "u", "password": "shown-nowhere"},
            }
        },
        "data.external.password",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_setting_is_refused_before_anything_is_touched(running: Stack, what: str) -> None:
    changes, path = WRONG[what]
    before = running.ids()
    result = running.up(**changes)
    assert result.returncode != 0
    assert path in said(result), said(result)
    assert "nothing was changed" in said(result)
    assert "shown-nowhere" not in said(result)
    assert running.ids() == before


def test_a_backend_that_never_gets_healthy_fails_up_and_says_why(running: Stack) -> None:
    source = running.tree / "images/api/backend/__init__.py"
    good = source.read_text()
    source.write_text(good + "\nraise SystemExit('the marked reason')\n")
    short = {"api": {"services": {"backend": {"start_budget": 5}}}}
    result = running.up(**short)
    assert result.returncode != 0
    assert f"{running.container('backend')} is" in said(result), said(result)
    assert "the marked reason" in said(result)
    source.write_text(good)
    again = running.up()
    assert again.returncode == 0, said(again)
    assert all(each.well for each in engine.containers(running.name))


def test_an_image_that_does_not_exist_is_named(running: Stack) -> None:
    missing = {"api": {"services": {"decision": {"image": "ai-platform/not-there:1"}}}}
    result = running.up(**missing)
    assert result.returncode != 0
    assert "ai-platform/not-there:1" in said(result)
    again = running.up()
    assert again.returncode == 0, said(again)


def test_a_taken_port_is_named_and_the_next_up_converges(running: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = running.up(docker={"ports": {"prometheus": port}})
    assert result.returncode != 0
    assert f"127.0.0.1:{port}" in said(result), said(result)
    again = running.up()
    assert again.returncode == 0, said(again)
    assert all(each.well for each in engine.containers(running.name))


def test_two_ups_at_once_one_proceeds_and_the_other_says_why_not(running: Stack) -> None:
    second = running.two_ups_at_once(api={"cache_ttl": 301})
    assert second.returncode != 0
    assert "lock" in said(second), said(second)


def test_up_after_an_interrupted_up_converges(running: Stack) -> None:
    before = running.ids()
    process = running.start_up(api={"cache_ttl": 302})
    eventually(lambda: running.ids().items() - before.items(), within=60)
    interrupt(process)
    assert process.returncode != 0
    result = running.up()
    assert result.returncode == 0, said(result)
    assert running.pulumi("preview", "--expect-no-changes").returncode == 0
