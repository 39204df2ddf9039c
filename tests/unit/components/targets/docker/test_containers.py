"""A container's description as the arguments of docker.Container."""

from dataclasses import replace
from typing import Any

import pytest

from components.container import (
    Command,
    Container,
    File,
    Health,
    Http,
    Identity,
    Image,
    Resources,
)
from components.targets.docker.containers import (
    ContainerInputs,
    Mounted,
    Published,
    container_args,
    health_check,
    start_limit,
)
from components.text import Secret, Text

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8), stop_signal="SIGINT")
INPUTS = ContainerInputs(name="ai-platform-dev-app", image="sha256:1", labels={}, networks=[])


def rendered(inputs: ContainerInputs = INPUTS, **fields: Any) -> dict[str, Any]:
    """The arguments of a small container with these fields."""
    defaults: dict[str, Any] = {
        "name": "app",
        "image": IMAGE,
        "resources": Resources(memory=64, cpu=0.5),
    }
    return container_args(Container(**(defaults | fields)), inputs, lambda text: text.fill({}))


def check(**fields: Any) -> Any:
    return health_check(Health(ask=Http(path="/ready", port=80), **fields), "app")


def test_the_image_says_which_user_runs_it_and_how_it_is_stopped() -> None:
    args = rendered(stop_grace=45)
    assert args["user"] == "7:8"
    assert args["stop_signal"] == "SIGINT"
    assert (args["stop_timeout"], args["destroy_grace_seconds"]) == (45, 45)


@pytest.mark.parametrize(("cpu", "spelled"), [(1, "1.0"), (1.0, "1.0"), (0.5, "0.5"), (2, "2.0")])
def test_a_cpu_limit_has_the_notation_that_the_provider_stores(cpu: float, spelled: str) -> None:
    assert rendered(resources=Resources(memory=64, cpu=cpu))["cpus"] == spelled


@pytest.mark.parametrize(
    ("resources", "shares"),
    [
        (Resources(memory=64, cpu=1), 512),
        (Resources(memory=64, cpu=1, cpu_request=0.5), 512),
        (Resources(memory=64, cpu=2, cpu_request=2), 2048),
        (Resources(memory=64, cpu=1, cpu_request=0.05), 128),
    ],
)
def test_a_container_gets_a_share_of_the_cpu_in_proportion_to_its_request(
    resources: Resources, shares: int
) -> None:
    assert rendered(resources=resources)["cpu_shares"] == shares


def test_memory_and_swap_are_equal_so_that_there_is_no_swap() -> None:
    args = rendered()
    assert args["memory"] == args["memory_swap"] == 64


def test_empty_values_are_left_out() -> None:
    absent = {"entrypoints", "command", "tmpfs", "shm_size", "ports", "healthcheck"}
    absent |= {"gpus", "device_requests"}
    assert not absent & set(rendered())


def test_plain_variables_are_sorted() -> None:
    assert rendered(env={"B": "2", "A": "1=1"})["envs"] == ["A=1=1", "B=2"]


def test_a_file_is_readable_by_all_and_writable_by_none() -> None:
    """The file belongs to root, and the container's user must be able to read it."""
    args = rendered(files=(File(path="/etc/x", content=Text(template="text")),))
    (upload,) = args["uploads"]
    assert (upload.file, upload.content, upload.permissions) == ("/etc/x", "text", "0444")


def test_fill_puts_secrets_into_files() -> None:
    text = Text(template="${key}", secrets=(Secret(name="key"),))
    container = Container(
        name="app",
        image=IMAGE,
        resources=Resources(memory=1, cpu=1),
        files=(File(path="/run/secrets/key", content=text),),
    )
    args = container_args(container, INPUTS, lambda text: text.fill({"key": "value"}))
    assert args["uploads"][0].content == "value"


def test_scratch_paths_are_in_memory_not_executable_and_belong_to_the_containers_user() -> None:
    options = "rw,noexec,nosuid,size=64m,mode=1777,uid=7,gid=8"
    assert rendered(scratch=("/tmp",))["tmpfs"] == {"/tmp": options}


def test_a_published_port_names_its_address() -> None:
    published = Published(address="127.0.0.1", port=18080, container_port=8080)
    (port,) = rendered(replace(INPUTS, published=published))["ports"]
    assert (port.ip, port.external, port.internal) == ("127.0.0.1", 18080, 8080)


def test_a_request_goes_to_the_containers_own_address_and_needs_nothing_of_the_image() -> None:
    assert check().tests == [
        "CMD",
        "/run/ai-platform/busybox",
        *("wget", "-q", "-Y", "off", "-O", "/dev/null"),
        "http://app:80/ready",
    ]


def test_a_container_that_is_asked_over_http_has_the_tools_read_only() -> None:
    args = rendered(replace(INPUTS, volumes=[Mounted(volume="data", path="/data")], tools="tools"))
    data, tools = args["volumes"]
    assert (data.volume_name, data.container_path, data.read_only) == ("data", "/data", None)
    assert (tools.volume_name, tools.container_path) == ("tools", "/run/ai-platform")
    assert tools.read_only is True


def test_a_container_without_a_readiness_check_is_asked_whether_it_is_alive() -> None:
    alive = Health(ask=Command(argv=("alive",)))
    assert rendered(alive=alive)["healthcheck"].tests == ["CMD", "alive"]
    ready = Health(ask=Command(argv=("ready",)))
    assert rendered(alive=alive, ready=ready)["healthcheck"].tests == ["CMD", "ready"]


def test_a_container_on_no_network_has_no_network_interface() -> None:
    assert rendered()["network_mode"] == "none"
    joined = replace(INPUTS, networks=[("net", ())])
    assert "network_mode" not in rendered(joined)


def test_a_command_is_the_health_check_unchanged() -> None:
    question = health_check(Health(ask=Command(argv=("redis-cli", "ping"))), "app")
    assert question.tests == ["CMD", "redis-cli", "ping"]


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [(1, "1s"), (59, "59s"), (60, "1m0s"), (90, "1m30s"), (3600, "1h0m0s"), (3661, "1h1m1s")],
)
def test_a_time_has_gos_notation_which_the_provider_compares(seconds: int, spelled: str) -> None:
    question = check(period=seconds, timeout=seconds, start_budget=seconds)
    assert question.interval == question.timeout == question.start_period == spelled


def test_a_start_may_take_its_budget_and_all_retries() -> None:
    ready = Health(ask=Command(argv=("true",)), period=2, timeout=3, failures=4, start_budget=100)
    container = Container(name="a", image=IMAGE, resources=Resources(memory=1, cpu=1), ready=ready)
    assert start_limit(container) == 100 + 4 * (2 + 3) + 15
    assert start_limit(replace(container, ready=None)) == 15
    assert rendered(ready=ready)["healthcheck"].retries == 4


def test_a_volume_is_writable_unless_it_is_mounted_read_only() -> None:
    volumes = [
        Mounted(volume="data", path="/data"),
        Mounted(volume="models", path="/models", read_only=True),
    ]
    args = rendered(replace(INPUTS, volumes=volumes))
    assert [
        (volume.volume_name, volume.container_path, volume.read_only) for volume in args["volumes"]
    ] == [("data", "/data", None), ("models", "/models", True)]


def test_all_gpus_are_one_argument_and_chosen_ones_a_request() -> None:
    """The provider reads `device=0,2` in the argument for all GPUs as one device and a number."""
    assert rendered(replace(INPUTS, gpus="all"))["gpus"] == "all"
    args = rendered(replace(INPUTS, gpus=("0", "2")))
    assert "gpus" not in args
    (request,) = args["device_requests"]
    assert (request.driver, request.device_ids, request.capabilities) == (
        "nvidia",
        ["0", "2"],
        ["gpu"],
    )
