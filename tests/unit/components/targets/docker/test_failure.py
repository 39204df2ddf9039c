"""Reports about a container that did not start."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from components.targets.docker.failure import (
    LAST_LINES,
    explanation,
    inspect,
    report,
    summary,
)

UNHEALTHY: dict[str, Any] = {
    "Name": "/app",
    "RestartCount": 0,
    "State": {
        "Status": "running",
        "ExitCode": 0,
        "OOMKilled": False,
        "Error": "",
        "Health": {
            "Status": "unhealthy",
            "Log": [
                {"ExitCode": 0, "Output": "an earlier answer"},
                {"ExitCode": 22, "Output": "curl: (22) 503\n"},
            ],
        },
    },
}
EXITED: dict[str, Any] = {
    "RestartCount": 4,
    "State": {"Status": "restarting", "ExitCode": 137, "OOMKilled": True, "Error": ""},
}
REFUSED: dict[str, Any] = {
    "RestartCount": 0,
    "State": {
        "Status": "created",
        "ExitCode": 128,
        "OOMKilled": False,
        "Error": "Bind for 127.0.0.1:8080 failed: port is already allocated",
    },
}


def engine(directory: Path, script: str) -> list[str]:
    """A fake for the docker command: `$1 $2` is its verb."""
    program = directory / "engine"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return [str(program)]


def test_the_report_of_an_unhealthy_container_has_its_last_check() -> None:
    assert summary("app", UNHEALTHY) == [
        "app is running and unhealthy",
        "health check, exit code 22: curl: (22) 503",
    ]


def test_the_report_of_an_unhealthy_service_says_what_was_asked_and_who_must_answer() -> None:
    refused = "wget: can't connect to remote host (10.0.0.2): Connection refused"
    service = {
        **UNHEALTHY,
        "Config": {"Healthcheck": {"Test": ["CMD", "wget", "http://app:8080/health"]}},
        "State": {
            "Status": "running",
            "Health": {"Status": "unhealthy", "Log": [{"ExitCode": 1, "Output": refused}]},
        },
    }
    assert summary("app", service) == [
        "app is running and unhealthy",
        f"health check of http://app:8080/health, exit code 1: {refused}",
        "Nothing listens there. The service must listen on all addresses (0.0.0.0, not 127.0.0.1) "
        "at its `port`.",
    ]


def test_the_report_of_a_container_without_its_gpus_says_what_the_machine_needs() -> None:
    error = 'could not select device driver "" with capabilities: [[gpu]]'
    without = {**REFUSED, "State": {**REFUSED["State"], "Error": error}}
    assert summary("app", without) == [
        "app is created; last exit code 128",
        f"engine: {error}",
        "The container asks for GPUs. The engine's machine needs an NVIDIA GPU with its driver and "
        "the NVIDIA Container Toolkit, and the engine a restart after it was installed "
        "(docs/models.md). `gpus: null` starts the service without GPUs.",
    ]


def test_the_report_of_a_crashing_container_says_how_it_ended() -> None:
    assert summary("app", EXITED) == [
        "app is restarting; restarted 4 times; last exit code 137; it ran out of memory"
    ]


def test_the_report_of_a_container_that_did_not_start_has_the_engines_error() -> None:
    assert summary("app", REFUSED) == [
        "app is created; last exit code 128",
        "engine: Bind for 127.0.0.1:8080 failed: port is already allocated",
    ]


def test_before_the_first_check_the_report_has_the_status_only() -> None:
    state = UNHEALTHY["State"] | {"Health": {"Status": "starting", "Log": []}}
    assert summary("app", UNHEALTHY | {"State": state}) == ["app is running and starting"]


def test_a_report_ends_with_the_last_log_lines_of_both_streams(tmp_path: Path) -> None:
    (tmp_path / "inspected").write_text(json.dumps([UNHEALTHY]))
    command = engine(
        tmp_path,
        f'case "$1" in\n'
        f'container) cat "{tmp_path}/inspected";;\n'
        f'logs) echo "$@"; echo "Traceback" >&2;;\n'
        f"esac",
    )
    assert report(command, "app") == (
        "app is running and unhealthy\n"
        "health check, exit code 22: curl: (22) 503\n"
        f"last log lines ({shlex.join(command)} logs app):\n"
        f"  logs --tail {LAST_LINES} app\n"
        "  Traceback"
    )


def test_the_report_says_if_the_container_does_not_exist(tmp_path: Path) -> None:
    assert report(engine(tmp_path, "exit 1"), "app") == "app: the engine has no such container"


def test_the_report_says_if_the_engine_does_not_answer(tmp_path: Path) -> None:
    message = report([str(tmp_path / "no-docker-here")], "app")
    assert message.startswith("app: the engine did not report its state: ")
    assert "no-docker-here" in message


def test_one_command_inspects_several_containers(tmp_path: Path) -> None:
    containers = [{"Name": "/a", "RestartCount": 1}, {"Name": "/b", "RestartCount": 2}]
    (tmp_path / "inspected").write_text(json.dumps(containers))
    command = engine(tmp_path, f'echo "$@" >> {tmp_path}/calls; cat {tmp_path}/inspected; false')
    assert inspect(command, ["a", "b", "c"]) == {"a": containers[0], "b": containers[1], "c": None}
    assert (tmp_path / "calls").read_text() == "container inspect a b c\n"


def of_state(directory: Path, restarts: int = 0, **state: Any) -> list[str]:
    """A fake for the docker command, of an engine with one container in this state."""
    container = {"Name": "/app", "RestartCount": restarts, "State": state}
    script = f"""case "$1 $2" in
        "container inspect") echo '{json.dumps([container])}';;
        logs*) echo line;;
        esac"""
    return engine(directory, script)


@pytest.mark.parametrize(
    "state",
    [
        {"Status": "running", "Health": {"Status": "healthy"}},
        {"Status": "running", "Health": {"Status": "starting"}},
        {"Status": "running"},
        # Another container has its name, for example.
        {"Status": "created", "ExitCode": 0, "Error": ""},
    ],
)
def test_nothing_is_said_about_a_container_that_is_well(
    tmp_path: Path, state: dict[str, Any]
) -> None:
    assert explanation(of_state(tmp_path, **state), "app") is None


def test_nothing_is_said_about_a_container_that_does_not_exist(tmp_path: Path) -> None:
    assert explanation(engine(tmp_path, "echo '[]'"), "app") is None


@pytest.mark.parametrize(
    ("restarts", "state", "line"),
    [
        (
            0,
            {"Status": "running", "Health": {"Status": "unhealthy"}},
            "app is running and unhealthy",
        ),
        (2, {"Status": "running"}, "app is running; restarted 2 times"),
        (0, {"Status": "exited", "ExitCode": 3}, "app is exited; last exit code 3"),
        (0, {"Status": "created", "Error": "Bind failed"}, "engine: Bind failed"),
    ],
)
def test_a_container_that_is_not_well_is_explained(
    tmp_path: Path, restarts: int, state: dict[str, Any], line: str
) -> None:
    explained = explanation(of_state(tmp_path, restarts, **state), "app")
    assert explained is not None
    assert line in explained


def test_an_engine_that_does_not_answer_is_named(tmp_path: Path) -> None:
    explained = explanation([str(tmp_path / "no-engine")], "app")
    assert explained is not None
    assert explained.startswith("app: the engine did not report its state")
