"""Mistakes are refused before anything changes, and failures are explained and repaired."""

import os
import signal
import socket
import subprocess
import time
from typing import Any

import pytest

from components.catalogue import Catalogue
from components.settings import Settings
from operations import processes, untracked
from operations.up import update
from tests.e2e.stack import Stack, eventually, interrupt, output_of, variables
from tests.e2e.test_changes import unhealthy

# Wrong settings, and the paths that the error must name.
MISSPELLED: dict[str, Any] = {
    "target": "dokcer",
    "dta": {},
    "cache": {"maxmemry": "1Mi"},
    "web": {"frontend": {"image": "web:latest", "user": "0:0"}},
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
        "services": {
            "backend": {
                "calls": ["decison"],
                "replicas": 2,
                "data_volume": {},
                "database": {"shared": "application", "connections": 99},
                "env": {"MODEL_KEY": "${secret.model-key}"},
            }
        },
    },
}
WRONG = {
    "misspelled": (
        MISSPELLED,
        {
            "target",
            "dta",
            "cache.maxmemry",
            "web.frontend.image",
            "web.frontend.user",
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
            "api.services.backend.env.MODEL_KEY",
            "api.services.backend.replicas",
        },
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_all_wrong_settings_are_reported_before_anything_changes(stack: Stack, kind: str) -> None:
    changes, paths = WRONG[kind]
    before = stack.ids()
    result = stack.up(**changes)
    assert result.returncode != 0
    lines = {line.strip() for line in output_of(result).splitlines()}
    assert paths <= lines, output_of(result)
    assert "nothing was changed" in output_of(result)
    assert "shown-nowhere" not in output_of(result)
    assert stack.ids() == before


def test_every_failed_container_is_explained_and_the_next_up_repairs_it(stack: Stack) -> None:
    """One restarts in a loop, the port of one is in use, and the image of one does not exist."""
    source = stack.tree / "images/services/backend/__init__.py"
    original = source.read_text()
    source.write_text(original + "\nraise SystemExit('the marked reason')\n")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
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
    source.write_text(original)
    output = output_of(result)
    assert result.returncode != 0
    assert f"{stack.container('backend')} restarts in a loop" in output, output
    assert "last exit code 1" in output, output
    assert "the marked reason" in output, output
    assert f"127.0.0.1:{port}" in output, output
    assert stack.inspect("prometheus-gateway")["State"]["Status"] == "created"
    assert "ai-platform/not-there:1" in output, output

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert unhealthy(stack) == []


def test_a_container_that_stays_unhealthy_fails_every_up(stack: Stack) -> None:
    """Also an `up` that does not change the container."""
    unhealthy_service = {"services": {"decision": {"start_budget": 1, "ready": "/not-there"}}}
    result = stack.up(api=unhealthy_service)
    assert result.returncode != 0, output_of(result)
    failed = stack.inspect("decision")["Id"]
    with pytest.raises(subprocess.CalledProcessError):
        update(stack.workspace, refresh=True)
    assert stack.inspect("decision")["Id"] == failed

    stack.write({})
    stack.workspace.write_files()
    update(stack.workspace, refresh=True)
    assert unhealthy(stack) == []


def test_a_container_that_restarts_in_a_loop_fails_every_up_soon_and_the_status(
    stack: Stack,
) -> None:
    """Whatever its image is, and although nothing scrapes it."""
    catalogue = Catalogue(Settings.model_validate(stack.settings))
    looping: dict[str, Any] = {
        "image": catalogue.image("busybox").reference,
        "command": ["/bin/busybox", "sh", "-c", "echo the marked line; sleep 0.5; exit 3"],
        "metrics": None,
        "start_budget": 600,
    }
    for _ in range(2):
        start = time.monotonic()
        result = stack.up(api={"services": {"looping": looping}})
        output = output_of(result)
        assert result.returncode != 0, output
        assert f"{stack.container('looping')} restarts in a loop" in output, output
        assert "last exit code 3" in output, output
        assert "the marked line" in output, output
        assert time.monotonic() - start < 120
    # The second `up` has just replaced the prober.
    eventually(lambda: unhealthy(stack) == [stack.container("looping")])
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert unhealthy(stack) == []


def test_a_failed_build_shows_its_last_lines(stack: Stack) -> None:
    dockerfile = stack.tree / "images/web/Dockerfile"
    original = dockerfile.read_text()
    dockerfile.write_text(original + "\nRUN echo the marked line && false\n")
    before = stack.ids()
    result = stack.up()
    dockerfile.write_text(original)
    assert result.returncode != 0
    assert "the marked line" in output_of(result), output_of(result)
    assert stack.ids() == before


def test_a_second_up_is_locked_out_and_the_next_up_completes_interrupted_and_killed_ones(
    stack: Stack,
) -> None:
    """The first one gets a SIGINT. Of the second one, everything is killed."""
    before = stack.ids()
    process = stack.start_up(api=variables(CACHE_TTL_SECONDS="302"))
    eventually(lambda: list(stack.directory.glob("state/.pulumi/locks/**/*.json")), within=30)
    second = stack.workspace.pulumi(
        "up", "--yes", "--skip-preview", "--stack", stack.name, quiet=True, check=False
    )
    assert second.returncode != 0
    assert "lock" in output_of(second), output_of(second)
    eventually(lambda: stack.ids().items() - before.items(), within=60)
    interrupt(process)
    assert process.returncode != 0
    before = stack.ids()
    process = stack.start_up(api=variables(CACHE_TTL_SECONDS="303"))
    eventually(lambda: stack.ids().items() - before.items(), within=60)
    (lock,) = stack.directory.glob("state/.pulumi/locks/**/*.json")
    # Its plugins have process groups of their own, and stay.
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert lock.exists()

    stack.write({})
    resume(stack)
    assert not lock.exists()
    assert processes.abandoned_plugins(processes.running(), stack.tree) == []
    assert unhealthy(stack) == []
    assert stack.pulumi("preview", "--expect-no-changes").returncode == 0


def resume(stack: Stack) -> None:
    """Run what `make up` runs on a prepared machine."""
    resumes = stack.workspace.prepare()
    existing = untracked.existing(stack.workspace)
    untracked.remove(stack.workspace, existing, stack.workspace.identifiers())
    update(stack.workspace, refresh=True, adopt=resumes)
