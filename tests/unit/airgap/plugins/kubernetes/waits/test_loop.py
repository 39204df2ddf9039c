from __future__ import annotations

from collections.abc import Callable

import pytest

from airgap.plugins.kubernetes.api import Unreachable
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits import NotReady, Wait, seconds, until_gone, until_ready
from airgap.plugins.kubernetes.waits.check import READY, Check, Look
from tests.unit.airgap.plugins.kubernetes.waits.conftest import Clock, condition, thing

Waiting = Callable[[float], Wait]


class Scripted(Check):
    """Looks in turn, the last one for ever."""

    def __init__(self, objects: Objects, *looks: Look | Exception) -> None:
        super().__init__(objects)
        self.looks = list(looks)

    def look(self, live: Object) -> Look:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, Exception):
            raise look
        return look

    def reasons(self, live: Object) -> list[str]:
        return ["its own reason", "its own reason"]


def same(live: Object) -> Object:
    return live


@pytest.mark.parametrize(
    ("timeout", "annotation", "expected"),
    [(40, "50", 40), (0, "50", 50), (0, "soon", 600), (0, "", 600)],
)
def test_the_resources_own_time_out_counts_before_the_annotation_and_the_default(
    timeout: float, annotation: str, expected: float
) -> None:
    inputs = thing("Job", annotations={"pulumi.com/timeoutSeconds": annotation})
    assert seconds(inputs, timeout) == expected


def test_a_wait_ends_with_the_object_as_it_is_when_it_is_ready(
    objects: Objects, waiting: Waiting, lines: list[str]
) -> None:
    check = Scripted(objects, Look(doing="one"), Look(doing="one"), Look(doing="two"), READY)
    now = thing("Job", status={"done": True})
    assert until_ready(thing("Job"), check, lambda live: now, waiting(60)) == now
    assert lines == ["one", "two"]


def test_a_wait_ends_in_time_with_the_reasons_each_once(
    objects: Objects, waiting: Waiting, clock: Clock, lines: list[str]
) -> None:
    check = Scripted(objects, Look(doing="one"))
    with pytest.raises(NotReady, match=r"^'x' timed out waiting to be Ready$") as ended:
        until_ready(thing("Job"), check, same, waiting(12))
    assert ended.value.details == ("its own reason",)
    assert 12 <= clock.now < 12.5
    assert lines == ["one", "its own reason", "its own reason"]  # after ten seconds


def test_a_failure_ends_a_wait_at_once(objects: Objects, waiting: Waiting, clock: Clock) -> None:
    check = Scripted(objects, Look(failed="[BackoffLimitExceeded] no"))
    with pytest.raises(NotReady, match="'x' was created but failed to initialize") as ended:
        until_ready(thing("Job"), check, same, waiting(600))
    assert ended.value.details == ("[BackoffLimitExceeded] no", "its own reason")
    assert clock.now == 0


def test_a_cancel_ends_a_wait_within_a_moment(
    objects: Objects, waiting: Waiting, clock: Clock
) -> None:
    clock.cancels_at = 3
    with pytest.raises(NotReady, match='Resource operation was cancelled for "x"'):
        until_ready(thing("Job"), Scripted(objects, Look(doing="one")), same, waiting(600))
    assert clock.now < 3.5


def test_an_object_that_is_deleted_meanwhile_ends_a_wait(
    objects: Objects, waiting: Waiting
) -> None:
    with pytest.raises(NotReady, match="was deleted while it was waited for"):
        until_ready(
            thing("Job"), Scripted(objects, Look(doing="one")), lambda live: None, waiting(600)
        )


def test_a_server_that_does_not_answer_for_a_moment_ends_no_wait(
    objects: Objects, waiting: Waiting, lines: list[str]
) -> None:
    def stumble(live: Object) -> Object:
        raise Unreachable("gone")

    check = Scripted(objects, Unreachable("gone"), Look(doing="one"), READY)
    assert until_ready(thing("Job"), check, stumble, waiting(60)) == thing("Job")
    assert lines == ["Waiting for the API server: gone", "one"]


def test_a_deletion_says_what_is_left_in_a_namespace(
    waiting: Waiting, lines: list[str], clock: Clock
) -> None:
    left = condition("NamespaceContentRemaining", message="pods. has 2 resource instances")
    namespace = thing("Namespace", status={"conditions": [left]})
    with pytest.raises(
        NotReady, match=r"'x' timed out waiting to be deleted: pods\. has 2 resource"
    ):
        until_gone(namespace, lambda live: namespace, waiting(5))
    assert lines == ["Waiting for the deletion: pods. has 2 resource instances"]
    assert 5 <= clock.now < 5.5


def test_a_deletion_is_over_when_the_server_says_so_and_not_when_it_is_silent(
    waiting: Waiting,
) -> None:
    answers: list[object] = [Unreachable("gone"), thing("Job"), None]

    def get(live: Object) -> Object | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    until_gone(thing("Job"), get, waiting(60))
    assert answers == []
