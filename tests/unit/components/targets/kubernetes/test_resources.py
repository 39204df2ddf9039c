"""The requests and limits of one container."""

from typing import Any

import pytest

from components.container import Container, Identity, Image, Resources, SharedDirectory
from components.targets.kubernetes.resources import disk, resources

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)


def amounts(memory: str, cpu: str, disk: str) -> dict[str, str]:
    return {"memory": memory, "cpu": cpu, "ephemeral-storage": disk}


@pytest.mark.parametrize(
    ("limits", "request_", "limit"),
    [
        (Resources(memory=512, cpu=1), ("256Mi", "500m"), ("512Mi", "1")),
        (Resources(memory=1, cpu=0.05), ("1Mi", "25m"), ("1Mi", "50m")),
        (
            Resources(memory=1024, cpu=0.5, memory_request=512, cpu_request=0.25),
            ("512Mi", "250m"),
            ("1024Mi", "500m"),
        ),
        (Resources(memory=64, cpu=3, cpu_request=2.5), ("32Mi", "2500m"), ("64Mi", "3")),
    ],
)
def test_requests_are_half_of_the_limits_by_default(
    limits: Resources, request_: tuple[str, str], limit: tuple[str, str]
) -> None:
    assert resources(limits) == {
        "requests": amounts(*request_, "64Mi"),
        "limits": amounts(*limit, "512Mi"),
    }


def test_a_node_reserves_all_that_a_guaranteed_part_may_use() -> None:
    limits = Resources(memory=1024, cpu=0.5, memory_request=512, cpu_request=0.25)
    rendered = resources(limits, guaranteed=True)
    for kind, amount in (("memory", "1024Mi"), ("cpu", "500m")):
        assert rendered["requests"][kind] == rendered["limits"][kind] == amount


@pytest.mark.parametrize(
    ("fields", "mebibytes"),
    [
        ({}, 512),
        ({"scratch": ("/tmp", "/var/cache")}, 512 + 2 * 256),
        ({"shared": (SharedDirectory(name="socket", path="/run/socket"),)}, 512 + 1),
        ({"shared_memory": 256}, 512),
    ],
)
def test_a_container_may_fill_its_directories_beside_its_logs(
    fields: dict[str, Any], mebibytes: int
) -> None:
    """/dev/shm counts as memory."""
    assert disk(Container(name="app", image=IMAGE, resources=SMALL, **fields)) == mebibytes
