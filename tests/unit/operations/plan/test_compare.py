"""The changes from one plan of a stack to another."""

from operations.plan.compare import Change, compare
from tests.unit.operations.plan.states import CONTAINER, IMAGE, UNKNOWN, VOLUME, plan_of, state, urn


def summary(change: Change) -> tuple[str, str, tuple[str, ...]]:
    return change.status, change.resource.name, change.lines


def test_a_plan_has_no_difference_from_itself() -> None:
    plan = plan_of(state("backend", {"image": UNKNOWN}), state("redis", {"token": "[secret]"}))
    difference = compare(plan, plan)
    assert difference.changes == ()
    assert (difference.same, difference.hidden) == (2, 2)


def test_removed_resources_come_first_and_created_ones_last() -> None:
    before = plan_of(state("a", {"memory": 1}), state("removed"), state("same"))
    after = plan_of(state("a", {"memory": 2}), state("new", {"name": "new"}), state("same"))
    difference = compare(before, after)
    assert [summary(change) for change in difference.changes] == [
        ("removed", "removed", ()),
        ("changed", "a", ("-memory: 1", "+memory: 2")),
        ("created", "new", ("+name: new",)),
    ]
    assert difference.same == 1
    assert [difference.count(status) for status in ("removed", "changed", "created")] == [1, 1, 1]


def test_a_removed_protection_is_a_change() -> None:
    difference = compare(plan_of(state("postgres", protect=True)), plan_of(state("postgres")))
    assert [change.lines for change in difference.changes] == [("-resource options.protect: true",)]


def test_a_removed_resource_shows_that_it_was_protected() -> None:
    difference = compare(plan_of(state("postgres", kind=VOLUME, protect=True)), {})
    assert [change.resource.protected for change in difference.changes] == [True]


def container(name: str, image: str) -> dict[str, object]:
    """A container whose image is known only after `up`, as on Docker."""
    return state(
        name, {"image": UNKNOWN}, propertyDependencies={"image": [urn(IMAGE, f"image-{image}")]}
    )


def image(reference: str, **inputs: str) -> dict[str, object]:
    return state(f"image-{reference}", {"name": reference, **inputs}, kind=IMAGE)


def test_a_container_with_another_image_changes_although_the_image_id_is_unknown() -> None:
    before = plan_of(image("redis:7"), container("redis", "redis:7"))
    after = plan_of(image("redis:8"), container("redis", "redis:8"))
    assert [summary(change) for change in compare(before, after).changes] == [
        ("removed", "image-redis:7", ()),
        ("changed", "redis", (" image comes from:", "-image-redis:7", "+image-redis:8")),
        ("created", "image-redis:8", ("+name: redis:8",)),
    ]


def test_a_container_of_a_changed_image_follows_it() -> None:
    before = plan_of(image("api", digest="a"), container("backend", "api"), container("other", "x"))
    after = plan_of(image("api", digest="b"), container("backend", "api"), container("other", "x"))
    assert [summary(change) for change in compare(before, after).changes] == [
        ("changed", "image-api", ("-digest: a", "+digest: b")),
        ("follows", "backend", (" image: comes from image-api",)),
    ]


def test_a_resource_follows_another_that_follows() -> None:
    last = state("probe", {"id": UNKNOWN}, propertyDependencies={"id": [urn(CONTAINER, "backend")]})
    before = plan_of(image("api", digest="a"), container("backend", "api"), last)
    after = plan_of(image("api", digest="b"), container("backend", "api"), last)
    assert [change.resource.name for change in compare(before, after).changes] == [
        "image-api",
        "backend",
        "probe",
    ]


def test_pulumis_own_status_counts_against_a_deployed_stack() -> None:
    plan = plan_of(state("backend", {"memory": 1}), state("redis"))
    difference = compare(plan, plan, {urn(CONTAINER, "backend"): "replaced"})
    assert [summary(change) for change in difference.changes] == [("replaced", "backend", ())]
