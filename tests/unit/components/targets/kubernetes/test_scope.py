"""The values with which all objects of a part are registered."""

import pulumi

from components.settings import Kubernetes
from components.targets.kubernetes import naming, objects
from components.targets.kubernetes.scope import Scope
from tests.unit.rendering import run

STACK = Scope(
    settings=Kubernetes(),
    namespace="acme",
    opts=pulumi.ResourceOptions(protect=True),
    discovered=True,
    pull_secret="login",
)


def test_metadata_has_name_namespace_labels_and_further_fields() -> None:
    scope = STACK.of("backend", "api")
    assert scope.metadata("ai-platform-backend-files", annotations={"a": "b"}) == {
        "name": "ai-platform-backend-files",
        "namespace": "acme",
        "labels": naming.labels("backend", "api"),
        "annotations": {"a": "b"},
    }


def test_objects_of_no_part_belong_to_the_platform() -> None:
    assert STACK.labels == naming.labels("platform", "platform")


def test_the_scope_of_a_part_keeps_the_stacks_values() -> None:
    scope = STACK.of("backend", "api")
    assert (scope.settings, scope.namespace, scope.opts, scope.discovered, scope.pull_secret) == (
        STACK.settings,
        STACK.namespace,
        STACK.opts,
        STACK.discovered,
        STACK.pull_secret,
    )


def test_objects_of_a_part_are_children_of_its_tiers_component_with_the_stacks_options() -> None:
    def program() -> None:
        component = pulumi.ComponentResource("ai-platform:index:ApiTier", "api")
        scope = STACK.of("backend", "api", component)
        objects.ConfigMap("files", metadata=scope.metadata("files"), opts=scope.opts)
        objects.ConfigMap(
            "more-files", metadata=scope.metadata("more-files"), opts=scope.options(protect=False)
        )

    files, more_files = run(program).of_type("ConfigMap").values()
    assert (files.parent, files.protect) == ("api", True)
    assert (more_files.parent, more_files.protect) == ("api", False)
