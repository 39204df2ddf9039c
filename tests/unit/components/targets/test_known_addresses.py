"""A part reaches only addresses of the stack on which some part listens."""

from typing import Any

import pulumi
import pytest

from components.addresses import Address, Outside
from components.container import Identity, Image, Port, Resources
from components.operated import PostgresCluster, Role
from components.targets.known_addresses import refuse_unknown_addresses
from components.text import Secret
from components.workload import Workload
from tests.unit.describing import KUBERNETES
from tests.unit.rendering import Rendered, render

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
ROLE = Role(user="postgres", password=Secret(name="password"))


def workload(name: str, **fields: Any) -> Workload:
    return Workload(name=name, tier="api", image=IMAGE, resources=SMALL, **fields)


SERVER = workload("server", ports=(Port(name="http", number=80),))


def test_a_port_of_another_part_and_what_is_outside_may_be_reached() -> None:
    reaches = (Address(workload="server", port=80), Outside(name="mail", ports=(25,)))
    refuse_unknown_addresses([SERVER, workload("client", reaches=reaches)])


@pytest.mark.parametrize(("name", "port"), [("ghost", 80), ("server", 81)])
def test_an_address_where_no_part_listens_is_refused_in_one_sentence(name: str, port: int) -> None:
    client = workload("client", reaches=(Address(workload=name, port=port),))
    with pytest.raises(pulumi.RunError) as error:
        refuse_unknown_addresses([SERVER, client])
    assert str(error.value) == (
        f"client reaches port {port} of {name}, where no part of the stack listens. Nothing was "
        "changed."
    )


def test_an_operators_cluster_listens_where_its_services_do() -> None:
    cluster = PostgresCluster(
        name="postgres",
        tier="data",
        asked_by="data.mode",
        image=IMAGE,
        instances=2,
        shared_memory=256,
        format="PostgreSQL 15",
        durability="preferred",
        size="1Gi",
        resources=SMALL,
        database="platform",
        owner=ROLE,
        superuser=ROLE,
    )
    reaches = (cluster.primary, *(target.address for target in cluster.scrape_targets()))
    refuse_unknown_addresses([cluster, workload("client", reaches=reaches)])


@pytest.mark.parametrize("stack", [{}, KUBERNETES], ids=["docker", "kubernetes"])
def test_both_targets_refuse_before_they_register_anything(
    stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = Rendered()
    monkeypatch.setattr("tests.unit.rendering.Rendered", lambda: registered)
    monkeypatch.setattr("components.cache.exporter.SERVER", Address(workload="redis", port=1))
    with pytest.raises(pulumi.RunError, match="redis-exporter reaches port 1 of redis"):
        render(stack)
    assert registered.resources == {}
