"""Two plans of one stack, and what leads from one to the other."""

from operations.plan.compare import Change, compare
from tests.unit.operations.plan.states import CONTAINER, IMAGE, UNKNOWN, VOLUME, of, state, urn


def shown(change: Change) -> tuple[str, str, tuple[str, ...]]:
    return change.status, change.resource.name, change.lines


def test_a_plan_differs_in_nothing_from_itself() -> None:
    plan = of(state("backend", {"image": UNKNOWN}), state("redis", {"token": "[secret]"}))
    found = compare(plan, plan)
    assert found.changes == ()
    assert (found.same, found.hidden) == (2, 2)


def test_what_is_removed_comes_first_and_what_is_created_last() -> None:
    before = of(state("a", {"memory": 1}), state("gone"), state("same"))
    after = of(state("a", {"memory": 2}), state("new", {"name": "new"}), state("same"))
    found = compare(before, after)
    assert [shown(change) for change in found.changes] == [
        ("removed", "gone", ()),
        ("changed", "a", ("-memory: 1", "+memory: 2")),
        ("created", "new", ("+name: new",)),
    ]
    assert found.same == 1
    assert [found.count(status) for status in ("removed", "changed", "created")] == [1, 1, 1]


def test_protection_that_is_taken_away_is_a_change() -> None:
    found = compare(of(state("postgres", protect=True)), of(state("postgres")))
    assert [change.lines for change in found.changes] == [("-resource options.protect: true",)]


def test_a_removed_resource_is_the_one_that_was_there_with_its_protection() -> None:
    found = compare(of(state("postgres", kind=VOLUME, protect=True)), {})
    assert [change.resource.protected for change in found.changes] == [True]


def container(name: str, image: str) -> dict[str, object]:
    """A container whose image is known only after `up`, as on Docker."""
    return state(
        name, {"image": UNKNOWN}, propertyDependencies={"image": [urn(IMAGE, f"image-{image}")]}
    )


def image(reference: str, **inputs: str) -> dict[str, object]:
    return state(f"image-{reference}", {"name": reference, **inputs}, kind=IMAGE)


def test_another_image_is_seen_in_the_container_although_its_id_is_not_known_yet() -> None:
    before = of(image("redis:7"), container("redis", "redis:7"))
    after = of(image("redis:8"), container("redis", "redis:8"))
    assert [shown(change) for change in compare(before, after).changes] == [
        ("removed", "image-redis:7", ()),
        ("changed", "redis", (" image comes from:", "-image-redis:7", "+image-redis:8")),
        ("created", "image-redis:8", ("+name: redis:8",)),
    ]


def test_what_is_made_of_a_changed_image_follows_it() -> None:
    before = of(image("api", digest="a"), container("backend", "api"), container("other", "x"))
    after = of(image("api", digest="b"), container("backend", "api"), container("other", "x"))
    assert [shown(change) for change in compare(before, after).changes] == [
        ("changed", "image-api", ("-digest: a", "+digest: b")),
        ("follows", "backend", (" image: comes from image-api",)),
    ]


def test_what_follows_is_followed_in_turn() -> None:
    last = state("probe", {"id": UNKNOWN}, propertyDependencies={"id": [urn(CONTAINER, "backend")]})
    before = of(image("api", digest="a"), container("backend", "api"), last)
    after = of(image("api", digest="b"), container("backend", "api"), last)
    assert [change.resource.name for change in compare(before, after).changes] == [
        "image-api",
        "backend",
        "probe",
    ]


def test_against_what_is_deployed_pulumis_own_word_counts() -> None:
    plan = of(state("backend", {"memory": 1}), state("redis"))
    found = compare(plan, plan, {urn(CONTAINER, "backend"): "replaced"})
    assert [shown(change) for change in found.changes] == [("replaced", "backend", ())]
