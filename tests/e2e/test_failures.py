"""What goes wrong is refused before anything is touched, or explains itself and converges."""

import socket
import subprocess
from typing import Any

import pytest

from operations import docker_stack
from operations.up import update
from tests.e2e.stack import Stack, eventually, interrupt, said

# Settings that are wrong each for itself, and the paths under which all of them are named.
MISSPELLED: dict[str, Any] = {
    "target": "dokcer",
    "dta": {},
    "cache": {"maxmemry": "1Mi"},
    "web": {"image": "web:latest", "user": "0:0"},
    "api": {"services": {"x": {"image": "x"}}},
    "docker": {"ports": {"web": 70000}},
    "data": {
        "mode": "external",
        "external": {"host": "h", "user": "u", "password": "shown-nowhere"},
    },
}
CONTRADICTING: dict[str, Any] = {
    "docker": {"ports": {"web": 9, "backend": 9}, "bind": "0.0.0.0"},
    "cache": {"maxmemory": "128Mi"},
    "api": {
        "database_pool": 99,
        "services": {"backend": {"calls": ["decison"], "replicas": 2, "data_volume": {}}},
    },
}
WRONG = {
    "misspelled": (
        MISSPELLED,
        {
            "target",
            "dta",
            "cache.maxmemry",
            "web.image",
            "web.user",
            "api.services.x.image",
            "docker.ports.web",
            "data.external.password",
        },
    ),
    "contradicting": (
        CONTRADICTING,
        {
            "docker.ports.backend",
            "docker.bind",
            "cache.maxmemory",
            "data.max_connections",
            "api.services.backend.calls",
            "api.services.backend.replicas",
        },
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_settings_are_all_refused_before_anything_is_touched(
    running: Stack, what: str
) -> None:
    changes, paths = WRONG[what]
    before = running.ids()
    result = running.up(**changes)
    assert result.returncode != 0
    lines = {line.strip() for line in said(result).splitlines()}
    assert paths <= lines, said(result)
    assert "nothing was changed" in said(result)
    assert "shown-nowhere" not in said(result)
    assert running.ids() == before


def test_each_container_that_fails_says_why_and_the_next_up_converges(running: Stack) -> None:
    """One that never gets healthy, one whose port is taken and one whose image is nowhere."""
    source = running.tree / "images/api/backend/__init__.py"
    good = source.read_text()
    source.write_text(good + "\nraise SystemExit('the marked reason')\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = running.pulumi(
            *("up", "--yes", "--skip-preview", "--continue-on-error"),
            api={
                "services": {
                    "backend": {"start_budget": 5},
                    "reports": {"image": "ai-platform/not-there:1", "port": 8100},
                }
            },
            docker={"ports": {"prometheus": port}},
        )
    source.write_text(good)
    printed = said(result)
    assert result.returncode != 0
    assert "container failed to be in healthy state" in printed, printed
    assert f"{running.container('backend')} is" in printed, printed
    assert "the marked reason" in printed, printed
    assert f"127.0.0.1:{port}" in printed, printed
    assert running.inspect("prometheus")["State"]["Status"] == "created"
    assert "ai-platform/not-there:1" in printed, printed

    again = running.up()
    assert again.returncode == 0, said(again)
    assert [each for each in docker_stack.containers(running.name) if not each.healthy] == []


def test_a_container_that_stays_unhealthy_fails_every_up(running: Stack) -> None:
    """Also where a refresh comes between, which finds the container running."""
    never = {"services": {"decision": {"start_budget": 1, "ready": "/not-there"}}}
    result = running.up(api=never)
    assert result.returncode != 0, said(result)
    failed = running.inspect("decision")["Id"]
    with pytest.raises(subprocess.CalledProcessError):
        update(running.workspace, refresh=True)
    assert running.inspect("decision")["Id"] != failed

    running.write({})
    running.workspace.write_files()
    update(running.workspace, refresh=True)
    assert [each for each in docker_stack.containers(running.name) if not each.healthy] == []


def test_a_build_that_fails_shows_its_last_lines(running: Stack) -> None:
    dockerfile = running.tree / "images/web/Dockerfile"
    good = dockerfile.read_text()
    dockerfile.write_text(good + "\nRUN echo the marked line && false\n")
    before = running.ids()
    result = running.up()
    dockerfile.write_text(good)
    assert result.returncode != 0
    assert "the marked line" in said(result), said(result)
    assert running.ids() == before


def test_an_up_that_runs_keeps_others_out_and_one_that_was_interrupted_is_finished(
    running: Stack,
) -> None:
    before = running.ids()
    process = running.start_up(api={"cache_ttl": 302})
    eventually(lambda: list(running.directory.glob("state/.pulumi/locks/**/*.json")), within=30)
    second = running.workspace.pulumi(
        "up", "--yes", "--skip-preview", "--stack", running.name, quiet=True, check=False
    )
    assert second.returncode != 0
    assert "lock" in said(second), said(second)
    eventually(lambda: running.ids().items() - before.items(), within=60)
    interrupt(process)
    assert process.returncode != 0
    result = running.up()
    assert result.returncode == 0, said(result)
    assert running.pulumi("preview", "--expect-no-changes").returncode == 0
