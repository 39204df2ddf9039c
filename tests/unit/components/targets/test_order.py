"""The order in which parts start, whatever the order of tiers and of the parts in them."""

from collections.abc import Callable, Sequence
from itertools import permutations

import pulumi
import pytest

from components.container import Identity, Image, Resources
from components.data import cloudnative_pg
from components.secrets import Secrets
from components.targets import Target, select
from components.targets.order import order
from components.tier import Description, Tier
from components.workload import Job, Workload
from tests.unit.describing import KUBERNETES, catalogue, settings
from tests.unit.rendering import Rendered, run

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
POSTGRES = cloudnative_pg.cluster(settings(), catalogue())
POOLED = cloudnative_pg.cluster(
    settings({**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {}}}),
    catalogue(),
)


class DataTier(Tier):
    name = "data"


class ApiTier(Tier):
    name = "api"


def workload(name: str, *starts_after: str, tier: str = "api") -> Workload:
    return Workload(name=name, tier=tier, image=IMAGE, resources=SMALL, starts_after=starts_after)


def names(parts: Sequence[Description]) -> list[str]:
    return [part.name for part in parts]


def refusal(*parts: Description) -> str:
    with pytest.raises(pulumi.RunError) as error:
        order(parts)
    return str(error.value)


def docker() -> Target:
    return select(settings(), catalogue(), Secrets(settings()))


def kubernetes() -> Target:
    return select(settings(KUBERNETES), catalogue(KUBERNETES), Secrets(settings(KUBERNETES)))


@pytest.mark.parametrize("parts", list(permutations("abcd")), ids="".join)
def test_a_part_comes_after_all_that_it_starts_after_whatever_their_order(
    parts: Sequence[str],
) -> None:
    starts_after = {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}
    ordered = names(order([workload(name, *starts_after[name]) for name in parts]))
    assert sorted(ordered) == ["a", "b", "c", "d"]
    for name, others in starts_after.items():
        for other in others:
            assert ordered.index(other) < ordered.index(name)


def test_parts_that_wait_for_nothing_keep_their_order() -> None:
    assert names(order([workload(name) for name in ("c", "a", "b")])) == ["c", "a", "b"]


def test_parts_in_a_valid_order_keep_it() -> None:
    parts = [workload("c"), workload("a", "c"), workload("b"), workload("d", "b", "c")]
    assert order(parts) == tuple(parts)


def test_only_parts_that_another_starts_after_move() -> None:
    parts = [workload("a"), workload("b", "d"), workload("c"), workload("d"), workload("e")]
    assert names(order(parts)) == ["a", "d", "b", "c", "e"]


def test_a_part_may_start_after_a_job() -> None:
    job = Job(name="migrate", tier="api", asked_by="api.migrate", image=IMAGE, resources=SMALL)
    assert names(order([workload("app", "migrate"), job])) == ["migrate", "app"]


def test_a_postgres_cluster_provides_its_primary() -> None:
    assert names(order([workload("app", "postgres-rw"), POSTGRES])) == ["postgres", "app"]
    assert list(POSTGRES.provides()) == ["postgres-rw"]


def test_a_postgres_cluster_provides_its_pooler_beside_its_primary() -> None:
    parts: list[Description] = [
        workload("app", "postgres-pooler"),
        workload("schema", "postgres-rw"),
        POOLED,
    ]
    assert names(order(parts)) == ["postgres", "app", "schema"]
    assert list(POOLED.provides()) == ["postgres-rw", "postgres-pooler"]


def test_a_postgres_cluster_does_not_provide_its_own_name() -> None:
    """No service has that name."""
    assert "app starts after postgres, which no part" in refusal(
        workload("app", "postgres"), POSTGRES
    )


def test_the_error_for_an_unknown_name_lists_the_names_that_parts_provide() -> None:
    assert refusal(workload("app", "ghost"), workload("redis"), POSTGRES) == (
        "app starts after ghost, which no part of the stack provides. Nothing was changed. "
        "The stack provides: app, postgres-rw, redis."
    )


def test_the_error_for_a_cycle_shows_it() -> None:
    parts = [workload("first", "a"), workload("a", "b"), workload("b", "c"), workload("c", "a")]
    assert refusal(*parts) == (
        "parts of the stack wait for each other: a starts after b starts after c starts after a. "
        "Nothing was changed."
    )


def test_a_part_cannot_start_after_itself() -> None:
    assert refusal(workload("a", "a")) == (
        "parts of the stack wait for each other: a starts after a. Nothing was changed."
    )


@pytest.mark.parametrize("target", [docker, kubernetes])
@pytest.mark.parametrize(
    ("starts_after", "words"),
    [("ghost", "app starts after ghost"), ("app", "app starts after app")],
    ids=["an unknown name", "a circle"],
)
def test_both_targets_fail_before_they_register_anything(
    target: Callable[[], Target],
    starts_after: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registered = Rendered()
    monkeypatch.setattr("tests.unit.rendering.Rendered", lambda: registered)
    with pytest.raises(pulumi.RunError, match=words):
        run(lambda: target().run([ApiTier([workload("app", starts_after)])]))
    assert registered.resources == {}


@pytest.mark.parametrize(
    ("target", "kind"), [(docker, "Container"), (kubernetes, "Deployment")], ids=["docker", "kube"]
)
@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "in reverse"])
def test_the_order_of_tiers_does_not_change_dependencies_on_either_target(
    target: Callable[[], Target], kind: str, reverse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A hook is a server that the engine calls; there is no engine in these tests.
    monkeypatch.setattr("components.targets.docker.failure.explain", lambda *_, **__: None)
    data = DataTier([workload("redis", tier="data")])
    api = ApiTier([workload("app", "redis"), workload("reports", "app")])
    tiers: list[Tier] = [api, data] if reverse else [data, api]
    resources = run(lambda: target().run(tiers), preview=True).of_type(kind)
    waiting = {
        name: {other for other in resources if {other, f"{kind} {other}"} & resource.depends_on}
        for name, resource in resources.items()
    }
    assert waiting == {"redis": set(), "app": {"redis"}, "reports": {"app"}}
    assert {name: resource.parent for name, resource in resources.items()} == {
        "redis": "data",
        "app": "api",
        "reports": "api",
    }
