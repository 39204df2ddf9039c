"""The kinds of objects, compared with the SDK's classes, which the program does not import."""

from importlib.util import find_spec
from pathlib import Path

import pulumi
import pytest

from components.targets.kubernetes.objects import ConfigMap, Deployment, Object
from tests.unit.rendering import Rendered, run

OF_OPERATORS = ("postgresql.cnpg.io/", "barmancloud.cnpg.io/", "monitoring.coreos.com/")
KINDS = sorted(Object.__subclasses__(), key=lambda kind: kind.__name__)
OFFICIAL = [kind for kind in KINDS if not kind.api.startswith(OF_OPERATORS)]


def source(kind: type[Object]) -> str:
    """The SDK's own class."""
    spec = find_spec("pulumi_kubernetes")
    assert spec is not None
    assert spec.origin is not None
    group, _, version = kind.api.rpartition("/")
    package = group.partition(".")[0] or "core"
    return (Path(spec.origin).parent / package / version / f"{kind.__name__}.py").read_text()


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    """One object of each kind."""

    def program() -> None:
        for kind in KINDS:
            kind(kind.__name__, metadata={"name": "a"}, opts=pulumi.ResourceOptions())

    return run(program)


@pytest.mark.parametrize("kind", OFFICIAL, ids=lambda kind: kind.__name__)
def test_its_type_is_the_official_one(kind: type[Object], rendered: Rendered) -> None:
    (resource,) = rendered.of_type(kind.__name__).values()
    assert f'@pulumi.type_token("{resource.type}")' in source(kind)


def test_an_operators_kind_has_the_type_of_its_group(rendered: Rendered) -> None:
    assert rendered.of_type("Cluster")["Cluster"].type == (
        "kubernetes:postgresql.cnpg.io/v1:Cluster"
    )


def test_an_object_has_its_kind_and_its_fields(rendered: Rendered) -> None:
    assert rendered.of_type("Deployment")["Deployment"].inputs == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "annotations": {"pulumi.com/patchForce": "true"}},
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_up_restores_fields_that_were_changed_by_hand(kind: type[Object]) -> None:
    """The object's own annotation does this, which every version of the plugin supports."""
    metadata = {"name": "a", "annotations": {"of": "its own"}}

    def program() -> None:
        kind("a", metadata=metadata, opts=pulumi.ResourceOptions())

    assert run(program).of_type(kind.__name__)["a"].inputs["metadata"]["annotations"] == {
        "of": "its own",
        "pulumi.com/patchForce": "true",
    }


@pytest.mark.parametrize("kind", OFFICIAL, ids=lambda kind: kind.__name__)
def test_the_same_outputs_are_secret_as_in_the_official_classes(kind: type[Object]) -> None:
    """Only fields that we set count: we never set a Secret's `stringData`."""
    keeps_secrets = "additional_secret_outputs=" in source(kind)
    assert bool(kind.secret_outputs) is keeps_secrets
    for output in kind.secret_outputs:
        assert f'"{output}"' in source(kind).partition("additional_secret_outputs=")[2][:40]


def test_an_object_outside_the_update_has_an_unknown_name() -> None:
    """The engine returns only the known outputs, which are fewer than the inputs."""

    def program() -> None:
        left_out = ConfigMap("files", metadata={"labels": {}}, opts=pulumi.ResourceOptions())
        pod = {"volumes": [{"configMap": {"name": left_out.object_name, "defaultMode": 0o444}}]}
        Deployment("app", metadata={"name": "app"}, spec=pod, opts=pulumi.ResourceOptions())

    deployment = run(program).of_type("Deployment")["app"]
    assert deployment.inputs["spec"]["volumes"] == [
        {"configMap": {"name": None, "defaultMode": 0o444}}
    ]
