"""A name that two parts of a stack need is refused, and so is one that the platform reserves."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pytest

from components.container import Identity, Image, Port, Resources
from components.targets.shared_names import RESERVED, refuse_shared_names
from components.tier import Tier
from components.workload import Exposure, Workload
from tests.unit.cases import CASES
from tests.unit.describing import KUBERNETES, tiers
from tests.unit.rendering import Rendered, render

Stack = Mapping[str, Any]

DOCKER: Stack = {}
OPERATED: Stack = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {}}}
MEASURED = (Port(name="http", number=80, metrics="/metrics"),)
HEADING = "1 wrong setting; nothing was changed. docs/configuration.md has every key.\n\n"


def refusal(tiers: Sequence[Tier]) -> str:
    """The error message for the parts of these tiers; empty if all are accepted."""
    try:
        refuse_shared_names(tiers)
    except pulumi.RunError as error:
        return str(error)
    return ""


def paths(tiers: Sequence[Tier]) -> set[str]:
    """The settings, or parts, that the message names."""
    lines = refusal(tiers).splitlines()[2:]
    return {line for line in lines if not line.startswith(" ")}


def with_services(services: Mapping[str, Mapping[str, Any]], stack: Stack = DOCKER) -> Stack:
    """A stack with additional API services."""
    images = {name: {"image": "acme/app:1", **service} for name, service in services.items()}
    return {**stack, "api": {"services": images}}


def with_service(name: str, stack: Stack = DOCKER) -> Stack:
    return with_services({name: {}}, stack)


class SomeTier(Tier):
    name = "data"


def workload(name: str, **fields: Any) -> Workload:
    return Workload(
        name=name,
        tier="data",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        **fields,
    )


@pytest.mark.parametrize("stack", [DOCKER, KUBERNETES, OPERATED], ids=["docker", "kube", "cnpg"])
@pytest.mark.parametrize(
    "name",
    [
        *("postgres", "redis", "postgres-exporter", "redis-exporter", "frontend", "prometheus"),
        *("alertmanager", "alertmanager-gateway", "grafana"),
        # A sidecar, names of metrics, and an endpoint.
        "frontend-exporter",
        *("gateway", "gateway-exporter", "gateway-metrics"),
        *("redis-metrics", "postgres-metrics", "frontend-metrics", "backend-metrics"),
        "web",
        *sorted(RESERVED),
    ],
)
def test_a_service_cannot_take_a_name_that_the_platform_uses(name: str, stack: Stack) -> None:
    """Containers, networks, endpoints and objects, on both targets."""
    assert paths(tiers(with_service(name, stack))) == {f"api.services.{name}"}


@pytest.mark.parametrize(
    "name",
    [
        # Objects that the operator creates, and our Services for the metrics of its pods.
        *("postgres-rw", "postgres-ro", "postgres-r", "postgres-primary", "postgres-pooler"),
        *("postgres-instances", "postgres-instances-metrics", "postgres-pooler-metrics"),
    ],
)
def test_a_service_cannot_take_the_name_of_an_operators_object(
    name: str,
) -> None:
    assert paths(tiers(with_service(name, OPERATED))) == {f"api.services.{name}"}
    assert paths(tiers(with_service(name, KUBERNETES))) == set()


def test_the_name_of_the_pooler_is_reserved_even_without_a_pooler() -> None:
    """A stack may add a pooler later."""
    stack = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False}}
    assert paths(tiers(with_service("postgres-pooler", stack))) == {"api.services.postgres-pooler"}


@pytest.mark.parametrize("stack", [DOCKER, OPERATED], ids=["docker", "cnpg"])
@pytest.mark.parametrize(
    "name",
    [
        *("post", "redis-worker", "postgres-sync", "frontend-api", "grafanas", "x-metrics"),
        *("worker-1", "backend-2", "postgres-2", "frontend-2"),
    ],
)
def test_a_name_that_only_resembles_a_reserved_one_is_free(name: str, stack: Stack) -> None:
    assert paths(tiers(with_service(name, stack))) == set()


@pytest.mark.parametrize("name", ["gateway-2", "gateway-exporter-2"])
def test_a_service_cannot_be_named_like_a_replica_of_a_platform_service(name: str) -> None:
    stack = {"web": {"gateway": {"replicas": 2}}}
    assert paths(tiers(with_service(name, stack))) == {f"api.services.{name}"}


@pytest.mark.parametrize(
    ("replicas", "name", "free"),
    [
        (1, "reports-2", True),
        (2, "reports-2", False),
        (2, "reports-3", True),
        (3, "reports-3", False),
        (3, "reports-1", True),
        ({"min": 1, "max": 4}, "reports-2", True),
    ],
)
def test_a_service_cannot_be_named_like_a_replica_of_another(
    replicas: Any, name: str, free: bool
) -> None:
    stack = with_services({"reports": {"replicas": replicas}, name: {}})
    assert paths(tiers(stack)) == (set() if free else {f"api.services.{name}"})


@pytest.mark.parametrize("names", [("reports", "reports-2"), ("reports-2", "reports")])
def test_of_two_services_that_share_a_name_the_later_one_must_change(
    names: tuple[str, str],
) -> None:
    services: dict[str, dict[str, Any]] = {"reports": {"replicas": 2}, "reports-2": {}}
    stack = with_services({name: services[name] for name in names})
    assert paths(tiers(stack)) == {f"api.services.{names[1]}"}


def test_a_service_cannot_be_named_like_the_metrics_of_another() -> None:
    stack = with_services({"reports": {}, "reports-metrics": {}})
    assert paths(tiers(stack)) == {"api.services.reports-metrics"}


def test_the_name_for_metrics_is_free_if_a_service_has_none() -> None:
    stack = with_services({"reports": {"metrics": None}, "reports-metrics": {}})
    assert paths(tiers(stack)) == set()


def test_two_exporters_for_one_workload_are_rejected() -> None:
    exporters = [workload(name, metrics_of="redis", ports=MEASURED) for name in ("a", "b")]
    assert refusal([SomeTier(exporters)]) == (
        "b exports metrics of redis, and so does a of the data tier. Nothing was changed. Remove "
        "metrics_of from b: its metrics then have its own name."
    )


def test_two_parts_of_one_name_are_refused() -> None:
    assert refusal([SomeTier([workload(name) for name in ("a", "b", "a")])]) == (
        "two parts are named a, in the data tier and in the data tier. Nothing was changed. Rename "
        "one of them."
    )


def test_two_parts_cannot_have_the_same_endpoint() -> None:
    exposed = [workload(name, exposure=Exposure(endpoint="web", port=80)) for name in ("a", "b")]
    assert refusal([SomeTier(exposed)]) == (
        "b of the data tier needs the name web, which a of the data tier uses. Nothing was changed."
    )


def test_a_workload_may_be_exposed_under_its_own_name_or_that_of_another() -> None:
    """Endpoints name ports of a machine and hosts. No target creates an object of that name."""
    exposures = [("a", "a"), ("b", "c"), ("c", "b")]
    workloads = [
        workload(name, exposure=Exposure(endpoint=endpoint, port=80))
        for name, endpoint in exposures
    ]
    assert refusal([SomeTier(workloads)]) == ""


@pytest.mark.parametrize(
    ("endpoint", "stack"),
    [
        ("grafana", {"observability": {"grafana": False}}),
        (
            "prometheus",
            {
                **KUBERNETES,
                "observability": {"mode": "operator", "operator": {"url": "http://p.m:9090"}},
            },
        ),
    ],
)
def test_an_endpoint_is_reserved_even_if_its_part_does_not_run(endpoint: str, stack: Stack) -> None:
    assert refusal(tiers(with_service(endpoint, stack))) == HEADING + (
        f"api.services.{endpoint}\n"
        f"  found    '{endpoint}'\n"
        "  allowed  a name that nothing else in the stack uses: the endpoint of the observability "
        "tier uses this one"
    )


@pytest.mark.parametrize(
    ("name", "owner"),
    [("postgres-ro", "postgres of the data tier"), ("deny-all", "the platform itself")],
)
def test_an_error_names_the_setting_the_name_and_the_part_that_uses_it(
    name: str, owner: str
) -> None:
    assert refusal(tiers(with_service(name, OPERATED))) == HEADING + (
        f"api.services.{name}\n"
        f"  found    '{name}'\n"
        f"  allowed  a name that nothing else in the stack uses: {owner} uses this one"
    )


def test_an_error_lists_every_name() -> None:
    stack = with_services({"edge": {}, "redis-exporter": {"metrics": None}, "reports": {}})
    assert paths(tiers(stack)) == {"api.services.edge", "api.services.redis-exporter"}


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "in reverse"])
def test_the_users_setting_must_change_whatever_the_order_of_parts(reverse: bool) -> None:
    stack = tiers(with_service("alertmanager-gateway"))
    assert paths(stack[::-1] if reverse else stack) == {"api.services.alertmanager-gateway"}


@pytest.mark.parametrize("stack", [DOCKER, KUBERNETES], ids=["docker", "kube"])
def test_both_targets_fail_before_they_register_anything(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = Rendered()
    monkeypatch.setattr("tests.unit.rendering.Rendered", lambda: registered)
    with pytest.raises(pulumi.RunError, match=r"api\.services\.redis-exporter"):
        render(with_service("redis-exporter", stack))
    assert registered.resources == {}


@pytest.mark.parametrize("name", CASES)
def test_every_recorded_stack_is_accepted(name: str) -> None:
    assert refusal(tiers(CASES[name].settings, CASES[name].secret)) == ""
