"""A stack remembers what can read its data, and refuses a server that cannot."""

import re
from typing import Any

import pulumi
import pytest

from components.targets import formats
from tests.unit.describing import KUBERNETES
from tests.unit.rendering import Rendered, render

FIFTEEN = {"formats": {"postgres": "PostgreSQL 15"}}
SIXTEEN: dict[str, Any] = {
    "data": {"version": 16},
    "images": {"references": {"postgres": "postgres:16.4"}},
}
OPERATED = {"mode": "cloudnative-pg", "backup": False, "version": 16}
VOLUMES = {
    "docker": "docker:index/volume:Volume::volume-postgres",
    "claim": "kubernetes:core/v1:PersistentVolumeClaim::postgres",
    "operated": "kubernetes:postgresql.cnpg.io/v1:Cluster::postgres",
}
STACKS: dict[str, dict[str, Any]] = {
    "docker": SIXTEEN,
    "claim": {**KUBERNETES, "data": SIXTEEN["data"]}
    | {"images": {**KUBERNETES["images"], **SIXTEEN["images"]}},
    "operated": {**KUBERNETES, "data": OPERATED}
    | {"images": {**KUBERNETES["images"], "references": {"cloudnative-pg": "acme/pg:16.4"}}},
}


def state(volume: str = "docker", outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """The state after an update of a stack with this volume."""
    stack = "urn:pulumi:dev::ai-platform"
    data: dict[str, Any] = {
        "docker": {},
        "claim": {
            "metadata": {"name": "ai-platform-postgres"},
            "spec": {"resources": {"requests": {"storage": "1Gi"}}},
        },
        "operated": {
            "metadata": {"name": "ai-platform-postgres"},
            "spec": {"storage": {"size": "1Gi"}},
        },
    }[volume]
    return {
        f"{stack}::ai-platform:index:DataTier::data": FIFTEEN if outputs is None else outputs,
        f"{stack}::ai-platform:index:DataTier${VOLUMES[volume]}": data,
    }


@pytest.mark.parametrize("kind", VOLUMES)
def test_another_major_version_than_that_of_the_data_is_refused(kind: str) -> None:
    with pytest.raises(pulumi.RunError) as error:
        render(STACKS[kind], state=state(kind))
    assert str(error.value).endswith(
        "\npostgres holds data of PostgreSQL 15, and the stack file asks for PostgreSQL 16"
    )
    assert re.search(r"make upgrade-database STACK=\S*dev TO=16\. Or set", str(error.value))


def test_a_preview_refuses_it_too() -> None:
    with pytest.raises(pulumi.RunError, match="PostgreSQL 15"):
        render(SIXTEEN, state=state(), preview=True)


def test_the_version_of_the_data_and_a_new_stack_are_accepted() -> None:
    assert render({}, state=state()).resources
    assert render(SIXTEEN).resources
    # A stack from before versions were remembered.
    assert render(SIXTEEN, state=state(outputs={})).resources


def test_a_version_without_a_volume_is_forgotten() -> None:
    """The first `up` may have failed before it created the volume."""
    component, volume = state()
    assert formats.remembered(state()) == {"postgres": "PostgreSQL 15"}
    assert formats.remembered({component: state()[component]}) == {}
    assert formats.remembered({volume: {}}) == {"postgres": formats.UNKNOWN}


def volumes(rendered: Rendered) -> set[str]:
    """The names of PostgreSQL's volumes on the target."""
    names = {volume.inputs["name"] for volume in rendered.of_type("Volume").values()}
    return {name for name in names if "postgres" in name}


@pytest.mark.parametrize(
    ("version", "before", "name"),
    [
        (15, None, "postgres"),
        (17, None, "postgres-17"),
        # A stack from before volumes were named after versions keeps its volume.
        (17, {"formats": {"postgres": "PostgreSQL 17"}}, "postgres"),
        (17, {}, "postgres"),
    ],
)
def test_the_data_of_another_major_version_has_a_volume_of_its_own(
    version: int, before: dict[str, Any] | None, name: str
) -> None:
    last = {} if before is None else state(outputs=before)
    rendered = render({"data": {"version": version}}, state=last)
    assert volumes(rendered) == {f"ai-platform-dev-{name}"}


def test_an_earlier_version_than_that_of_the_data_is_refused() -> None:
    component, volume = state()
    last = {
        component: {"formats": {"postgres-17": "PostgreSQL 17"}},
        f"{volume}-17": {},
    }
    with pytest.raises(pulumi.RunError, match="postgres-17 holds data of PostgreSQL 17, and the"):
        render({}, state=last)


@pytest.mark.parametrize("stack", [{}, KUBERNETES], ids=["docker", "kubernetes"])
def test_the_component_of_the_tier_remembers_the_version(
    stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs: dict[str, Any] = {}

    def register(component: pulumi.ComponentResource, values: Any) -> None:
        outputs[component._name] = values

    monkeypatch.setattr(pulumi.ComponentResource, "register_outputs", register)
    render(stack)
    assert outputs["data"]["formats"] == FIFTEEN["formats"]
    assert outputs["cache"]["formats"] == {}
