"""What goes wrong is refused before anything is touched, or explains itself and converges."""

import socket
import subprocess
from typing import Any

import pytest

from operations import docker_stack
from operations.up import update
from tests.e2e.stack import Stack, eventually, interrupt, output_of

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
def test_wrong_settings_are_all_refused_before_anything_is_touched(stack: Stack, what: str) -> None:
    changes, paths = WRONG[what]
    before = stack.ids()
    result = stack.up(**changes)
    assert result.returncode != 0
    lines = {line.strip() for line in output_of(result).splitlines()}
    assert paths <= lines, output_of(result)
    assert "nothing was changed" in output_of(result)
    assert "shown-nowhere" not in output_of(result)
    assert stack.ids() == before


def test_each_container_that_fails_says_why_and_the_next_up_converges(stack: Stack) -> None:
    """One that never gets healthy, one whose port is taken and one whose image is nowhere."""
    source = stack.tree / "images/api/backend/__init__.py"
    good = source.read_text()
    source.write_text(good + "\nraise SystemExit('the marked reason')\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = stack.pulumi(
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
    printed = output_of(result)
    assert result.returncode != 0
    assert "container failed to be in healthy state" in printed, printed
    assert f"{stack.container('backend')} is" in printed, printed
    assert "the marked reason" in printed, printed
    assert f"127.0.0.1:{port}" in printed, printed
    assert stack.inspect("prometheus")["State"]["Status"] == "created"
    assert "ai-platform/not-there:1" in printed, printed

    again = stack.up()
    assert again.returncode == 0, output_of(again)
    assert [each for each in docker_stack.containers(stack.name) if not each.healthy] == []


def test_a_container_that_stays_unhealthy_fails_every_up(stack: Stack) -> None:
    """Also where a refresh comes between, which finds the container running."""
    never = {"services": {"decision": {"start_budget": 1, "ready": "/not-there"}}}
    result = stack.up(api=never)
    assert result.returncode != 0, output_of(result)
    failed = stack.inspect("decision")["Id"]
    with pytest.raises(subprocess.CalledProcessError):
        update(stack.workspace, refresh=True)
    assert stack.inspect("decision")["Id"] != failed

    stack.write({})
    stack.workspace.write_files()
    update(stack.workspace, refresh=True)
    assert [each for each in docker_stack.containers(stack.name) if not each.healthy] == []


def test_a_build_that_fails_shows_its_last_lines(stack: Stack) -> None:
    dockerfile = stack.tree / "images/web/Dockerfile"
    good = dockerfile.read_text()
    dockerfile.write_text(good + "\nRUN echo the marked line && false\n")
    before = stack.ids()
    result = stack.up()
    dockerfile.write_text(good)
    assert result.returncode != 0
    assert "the marked line" in output_of(result), output_of(result)
    assert stack.ids() == before


def test_an_up_that_runs_keeps_others_out_and_one_that_was_interrupted_is_finished(
    stack: Stack,
) -> None:
    before = stack.ids()
    process = stack.start_up(api={"cache_ttl": 302})
    eventually(lambda: list(stack.directory.glob("state/.pulumi/locks/**/*.json")), within=30)
    second = stack.workspace.pulumi(
        "up", "--yes", "--skip-preview", "--stack", stack.name, quiet=True, check=False
    )
    assert second.returncode != 0
    assert "lock" in output_of(second), output_of(second)
    eventually(lambda: stack.ids().items() - before.items(), within=60)
    interrupt(process)
    assert process.returncode != 0
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.pulumi("preview", "--expect-no-changes").returncode == 0
