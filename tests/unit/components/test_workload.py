"""The vocabulary, as far as it does something."""

import pytest

from components.workload import (
    Address,
    Container,
    Identity,
    Image,
    Port,
    Resources,
    Workload,
    host_name,
    metrics_name,
)

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=2))
SMALL = Resources(memory=64, cpu=0.1)


def test_every_target_gives_a_workload_the_same_host_name() -> None:
    assert host_name("backend") == "ai-platform-backend"
    assert metrics_name("backend") == "ai-platform-backend-metrics"


def test_an_address_knows_its_host_and_its_url() -> None:
    address = Address(workload="redis", port=6379)
    assert address.host == "ai-platform-redis"
    assert address.url() == "http://ai-platform-redis:6379"
    assert address.url("redis") == "redis://ai-platform-redis:6379"


@pytest.mark.parametrize(("uid", "root"), [(0, True), (1, False), (65534, False)])
def test_only_user_0_is_root(uid: int, root: bool) -> None:
    assert Identity(uid=uid, gid=0).root is root


def test_an_identity_is_written_as_engines_take_it() -> None:
    assert str(Identity(uid=472, gid=0)) == "472:0"


def test_a_container_is_scraped_if_one_of_its_ports_has_metrics() -> None:
    plain = Port(name="http", number=1)
    metrics = Port(name="metrics", number=2, metrics="/metrics")
    assert not Container(name="a", image=IMAGE, resources=SMALL, ports=(plain,)).scraped
    assert Container(name="a", image=IMAGE, resources=SMALL, ports=(plain, metrics)).scraped


def test_a_workloads_containers_are_itself_and_then_its_sidecars() -> None:
    sidecar = Container(name="exporter", image=IMAGE, resources=SMALL)
    workload = Workload(name="web", tier="web", image=IMAGE, resources=SMALL, sidecars=(sidecar,))
    assert list(workload.containers()) == [workload, sidecar]
