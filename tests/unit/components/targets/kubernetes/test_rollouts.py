"""When a workload is rolled out, and what `up` reports about one that is not."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pulumi
import pytest
from kubernetes.client import ApiException

from components.targets.kubernetes import rollouts
from components.targets.kubernetes.objects import Deployment, StatefulSet
from components.targets.kubernetes.progress import ABSENT, lack
from components.targets.kubernetes.rollouts import Rollout, Rollouts
from tests.unit.components.targets.kubernetes.controllers import (
    Cluster,
    controller,
    deployment,
    finish,
    labels,
    of,
    stateful_set,
)
from tests.unit.rendering import Rendered, run

pytestmark = pytest.mark.usefixtures("log")


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        (controller(), None),
        (controller(desired=3), None),
        (controller(desired=0), None),
        (None, ABSENT),
        ({**controller(), "status": {}}, "the cluster has not begun its roll-out"),
        # All pods are ready, but have the old version.
        (controller(observedGeneration=1), "the cluster has not begun its roll-out"),
        (controller(updatedReplicas=0), "0 of 1 pods are of the new version"),
        (
            {**controller(), "status": {"observedGeneration": 2}},
            "0 of 1 pods are of the new version",
        ),
        (controller(desired=3, replicas=4), "1 pods of the old version have not ended"),
        (controller(desired=3, readyReplicas=2), "2 of 3 pods are ready"),
    ],
)
def test_a_workload_is_rolled_out_when_all_its_pods_are_of_the_new_version_and_ready(
    workload: Any, expected: str | None
) -> None:
    assert lack(workload) == expected


def test_an_autoscaler_may_have_changed_the_number_of_pods() -> None:
    scaled = controller(desired=4, updatedReplicas=2)
    assert lack(scaled) == "2 of 4 pods are of the new version"


def test_up_logs_what_it_waits_for_until_the_roll_out_is_done(log: list[str]) -> None:
    old, pulling = controller(observedGeneration=1), controller(readyReplicas=0)
    cluster = Cluster([old], [old], [pulling], [controller()])
    finish(cluster, deployment())
    assert len(cluster.questions) == 4
    assert log == [
        "info: waiting for Deployment backend: the cluster has not begun its roll-out",
        "info: waiting for Deployment backend: 0 of 1 pods are ready",
    ]


def test_a_roll_out_beyond_its_patience_fails_with_reports_of_its_pods(
    log: list[str],
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        finish(Cluster([controller(readyReplicas=0)]), deployment(patience=0))
    assert str(caught.value) == "not done after 0 s: Deployment backend: 0 of 1 pods are ready"
    assert log == ["error: the pods of backend in acme pull an image"]


def test_the_first_roll_out_beyond_its_patience_fails_up_and_all_unfinished_are_named() -> None:
    """A part that starts after a broken workload may have more time, but cannot succeed."""
    other = Rollout(kind="Deployment", name="other", labels=labels("other"), patience=3600)
    both = [controller(readyReplicas=0), controller("other", readyReplicas=0)]
    with pytest.raises(pulumi.RunError) as caught:
        finish(Cluster(both), deployment(patience=0), other)
    assert "Deployment backend: 0 of 1 pods are ready" in str(caught.value)
    assert "Deployment other: 0 of 1 pods are ready" in str(caught.value)


def test_a_short_wait_is_not_logged(log: list[str]) -> None:
    with patch.object(rollouts, "BRIEF", 10):
        finish(Cluster([controller(readyReplicas=0)], [controller()]), deployment())
    assert log == []


def test_up_does_not_wait_for_a_missing_object() -> None:
    with (
        patch("pulumi.get_organization", lambda: "acme"),
        pytest.raises(pulumi.RunError) as caught,
    ):
        finish(Cluster([]), deployment(patience=3600))
    assert str(caught.value) == (
        "not done after 0 s: Deployment backend: it is not on the cluster. "
        f"pulumi up --refresh --stack acme/{pulumi.get_stack()} creates it again"
    )


def test_a_restart_of_the_api_server_fails_nothing(log: list[str]) -> None:
    refused = ApiException(status=503, reason="Service Unavailable")
    finish(Cluster(refused, OSError("connection refused"), [controller()]), deployment())
    assert log == [
        "info: waiting for Deployment backend: the cluster does not answer: Service Unavailable",
        "info: waiting for Deployment backend: the cluster does not answer: connection refused",
    ]


def test_one_workload_is_listed_by_its_labels_and_many_with_one_request_per_kind() -> None:
    selector = "app.kubernetes.io/instance=prod,app.kubernetes.io/name=backend"
    all_of_the_stack = "app.kubernetes.io/instance=prod"
    single, many = (
        Cluster([controller()]),
        Cluster([controller(), controller("other"), controller("postgres")]),
    )
    finish(single, deployment())
    assert single.questions == [("Deployment", "acme", selector)]
    other = Rollout(kind="Deployment", name="other", labels=labels("other"), patience=60)
    finish(many, deployment(), other, stateful_set())
    assert sorted(many.questions) == [
        ("Deployment", "acme", all_of_the_stack),
        ("StatefulSet", "acme", all_of_the_stack),
    ]


def hooks(rollouts: Rollouts, rollout: Rollout) -> list[Any]:
    """The hooks of a workload that note a change."""
    with patch("pulumi.ResourceHook", lambda name, hook: hook):
        bound = rollouts.hooks(rollout)
    assert bound.after_create == bound.after_update
    return bound.after_update or []


def test_the_hook_notes_a_change_and_does_not_wait() -> None:
    """The engine saves no state until it returns."""
    cluster = Cluster([controller(readyReplicas=0)])
    changed = of(cluster)
    (hook,) = hooks(changed, deployment(patience=0))
    assert hook(SimpleNamespace()) is None
    assert changed.changed == {("Deployment", "backend")}
    assert cluster.questions == []


def test_a_changed_roll_out_holds_back_what_starts_after_it() -> None:
    changed = of(Cluster([controller("postgres", readyReplicas=0)]))
    changed.changed.add(("StatefulSet", "postgres"))
    assert registered_before_failure(changed) == ["postgres"]


def program(rollouts: Rollouts) -> Rendered:
    """Run a program with a database, and a service that starts after it."""

    def register() -> None:
        server = StatefulSet(
            "postgres", metadata={"name": "postgres"}, opts=pulumi.ResourceOptions()
        )
        first = rollouts.settled(stateful_set(0), server)
        after = pulumi.ResourceOptions(depends_on=[first.apply(lambda _: server)])
        service = Deployment("backend", metadata={"name": "backend"}, opts=after)
        second = rollouts.settled(deployment(0), service)
        rollouts.confirm([(stateful_set(0), first), (deployment(0), second)])

    return run(register)


def test_a_workload_that_is_unchanged_and_broken_fails_up_at_its_end() -> None:
    program(of(Cluster([controller(), controller("postgres")])))
    broken = Cluster([controller(), controller("postgres", readyReplicas=0)])
    with pytest.raises(pulumi.RunError, match="StatefulSet postgres: 0 of 1 pods are ready"):
        program(of(broken))
    assert len(broken.questions) == 2, "one list of each kind"


def registered_before_failure(rollouts: Rollouts) -> list[str]:
    """What the program registers before PostgreSQL's roll-out fails."""
    registered: list[str] = []

    def record(_: Any, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        registered.append(args.name)
        return f"{args.name}-id", args.inputs

    with (
        patch("tests.unit.rendering._Mocks.new_resource", record),
        pytest.raises(pulumi.RunError, match="StatefulSet postgres: 0 of 1 pods are ready"),
    ):
        program(rollouts)
    return registered


def test_parts_that_start_after_an_unfinished_roll_out_wait_for_it() -> None:
    unfinished = ("StatefulSet", "postgres")
    broken = of(Cluster([controller("postgres", readyReplicas=0)]), unfinished)
    assert registered_before_failure(broken) == ["postgres"]


def test_nothing_waits_for_a_roll_out_that_has_finished_since() -> None:
    rendered = program(
        of(Cluster([controller(), controller("postgres")]), ("StatefulSet", "postgres"))
    )
    backend = rendered.of_type("Deployment")["backend"]
    assert backend.depends_on == {"StatefulSet postgres"}


def test_a_workload_outside_the_update_that_does_not_exist_is_not_checked() -> None:
    left_out = patch("tests.unit.rendering._Mocks.new_resource", lambda _, args: ("", args.inputs))
    cluster = Cluster([])
    with left_out:
        program(of(cluster, ("StatefulSet", "postgres")))
    assert cluster.questions == []
