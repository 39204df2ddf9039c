"""The state lets a volume of the server go, which stays on its target."""

from typing import Any

from operations.upgrade import volumes
from tests.unit.describing import settings

TIER = "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier"
VOLUME = f"{TIER}$docker:index/volume:Volume::volume-postgres"
CONTAINER = f"{TIER}$docker:index/container:Container::postgres"


def resource(urn: str, **fields: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], **fields}


def state() -> dict[str, Any]:
    resources = [
        resource(f"{TIER}::data", outputs={"formats": {"postgres": "PostgreSQL 15"}}),
        resource(VOLUME, id="ai-platform-dev-postgres", protect=True),
        resource(f"{VOLUME}-17", id="ai-platform-dev-postgres-17"),
        resource(
            CONTAINER,
            dependencies=[VOLUME, f"{TIER}::data"],
            propertyDependencies={"volumes": [VOLUME], "image": []},
        ),
    ]
    return {"version": 3, "deployment": {"resources": resources}}


def test_the_volume_and_what_refers_to_it_leave_the_state_and_the_new_format_is_remembered() -> (
    None
):
    before = state()
    after = volumes.let_go(before, "postgres", {"postgres-17": volumes.readable(17)})
    component, volume, container = after["deployment"]["resources"]
    assert component["outputs"] == {"formats": {"postgres-17": "PostgreSQL 17"}}
    assert volume["urn"] == f"{VOLUME}-17"
    assert container["dependencies"] == [f"{TIER}::data"]
    assert container["propertyDependencies"] == {"volumes": [], "image": []}
    assert before == state()


def test_each_version_but_the_first_is_in_the_name_of_its_volume() -> None:
    assert [volumes.stored_as(settings(), version) for version in (15, 17)] == [
        "postgres",
        "postgres-17",
    ]
