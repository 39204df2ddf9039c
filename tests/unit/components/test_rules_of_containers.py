"""Rules for every container of every stack, including third-party images."""

import json
import re
from typing import Any

import pytest

from components.container import TOOLS
from tests.unit.rendering import PASSWORD, Rendered


@pytest.fixture(params=["dev", "debian", "own"])
def containers(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    rendered: Rendered = request.getfixturevalue(request.param)
    return rendered.containers()


@pytest.fixture
def services(containers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The containers that keep running."""
    return {name: inputs for name, inputs in containers.items() if not inputs.get("attach")}


def test_it_drops_every_capability_and_gains_none(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        assert inputs["capabilities"] == {"drops": ["ALL"]}, name
        assert inputs["securityOpts"] == ["no-new-privileges:true"], name
        assert not {"privileged", "pidMode", "ipcMode", "devices"} & set(inputs)
        assert inputs.get("networkMode", "none") == "none", name
        assert bool(inputs["networksAdvanced"]) != ("networkMode" in inputs), name


def test_it_does_not_run_as_root(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        assert re.fullmatch(r"[1-9]\d*:\d+", inputs["user"]), name


def test_its_memory_is_limited_and_never_swapped(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        assert inputs["memory"] >= 16, name
        assert inputs["memorySwap"] == inputs["memory"], name


def test_its_cpu_is_limited(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        assert 0 < float(inputs["cpus"]) <= 2, name
        assert inputs["cpus"] == str(float(inputs["cpus"])), name


def test_it_is_restarted_unless_it_was_stopped(services: dict[str, dict[str, Any]]) -> None:
    assert {inputs["restart"] for inputs in services.values()} == {"unless-stopped"}


def test_its_log_is_rotated(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        assert inputs["logDriver"] == "json-file", name
        assert inputs["logOpts"] == {"max-size": "10m", "max-file": "3"}, name


def test_it_is_stopped_with_its_own_signal_and_has_time_to_end(
    containers: dict[str, dict[str, Any]],
) -> None:
    # The server, and the step and the jobs that run in its image.
    on_postgres = ("postgres", "postgres-restore", "postgres-schema", "postgres-retention")
    signals = dict.fromkeys(on_postgres, "SIGINT")
    gateways = ("gateway", "alertmanager-gateway", "prometheus-gateway")
    signals |= dict.fromkeys(gateways, "SIGQUIT")
    if "frontend-exporter" in containers:  # then the page is served by our nginx
        signals["frontend"] = "SIGQUIT"
    for name, inputs in containers.items():
        assert inputs["stopSignal"] == signals.get(name, "SIGTERM"), name
        assert inputs["stopTimeout"] == inputs["destroyGraceSeconds"] >= 10, name


def test_it_has_a_health_check_whatever_its_image_contains(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, inputs in services.items():
        check = inputs["healthcheck"]
        assert check["tests"][0] == "CMD", name
        assert len(check["tests"]) > 1, name


def test_it_mounts_the_tools_read_only_where_its_check_needs_them(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, inputs in services.items():
        tools = [mount for mount in inputs["volumes"] if mount["containerPath"] == TOOLS]
        needed = inputs["healthcheck"]["tests"][1].startswith(f"{TOOLS}/")
        mount = {"volumeName": "ai-platform-dev-tools", "containerPath": TOOLS, "readOnly": True}
        assert tools == ([mount] if needed else []), name


def test_its_check_uses_a_reliable_program_that_the_image_has(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name, inputs in containers.items():
        check = " ".join(inputs.get("healthcheck", {}).get("tests", []))
        assert "pg_isready" not in check, name
        assert "redis-cli" not in check or "grep -qx PONG" in check, name


def test_its_ports_are_published_on_this_machine_only(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name, inputs in containers.items():
        for port in inputs.get("ports", []):
            assert port["ip"] == "127.0.0.1", name
            assert port["protocol"] == "tcp", name


def test_its_files_are_readable_and_read_only(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name, inputs in containers.items():
        assert {upload["permissions"] for upload in inputs["uploads"]} <= {"0444"}, name


def test_no_path_is_mounted_twice(containers: dict[str, dict[str, Any]]) -> None:
    for name, inputs in containers.items():
        mounted = [volume["containerPath"] for volume in inputs["volumes"]]
        paths = [*mounted, *inputs.get("tmpfs", {})]
        assert len(paths) == len(set(paths)), name


@pytest.mark.parametrize("stack", ["dev", "debian"])
def test_no_secret_is_where_inspect_and_process_lists_show_it(
    stack: str, request: pytest.FixtureRequest
) -> None:
    rendered: Rendered = request.getfixturevalue(stack)
    for name, inputs in rendered.containers().items():
        visible = {key: value for key, value in inputs.items() if key != "uploads"}
        assert PASSWORD not in json.dumps(visible), name


def test_only_variables_that_ask_for_secrets_have_them(own: Rendered) -> None:
    variables = {
        name: [env.partition("=")[0] for env in inputs["envs"] if PASSWORD in env]
        for name, inputs in own.containers().items()
    }
    assert {name: names for name, names in variables.items() if names} == {
        "backend": ["DSN", "REDIS"]
    }


@pytest.mark.parametrize("stack", ["dev", "debian", "own"])
def test_every_secret_stays_secret_on_its_way_to_the_engine(
    stack: str, request: pytest.FixtureRequest
) -> None:
    rendered: Rendered = request.getfixturevalue(stack)
    for name, container in rendered.of_type("Container").items():
        for number, upload in enumerate(container.inputs["uploads"]):
            if PASSWORD in upload["content"]:
                place = ("uploads", str(number), "content")
                assert place in container.secrets, (name, upload["file"])
