"""What an API service, and a stack, may be called."""

from typing import Any

import pytest

from components.settings import SettingsError, name_rules
from tests.unit.describing import KUBERNETES, settings


def problems(given: dict[str, Any]) -> list[str]:
    """The paths of what is wrong; none where the settings hold."""
    try:
        settings(given)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def service(name: str = "reports", **given: Any) -> dict[str, Any]:
    return {"api": {"services": {name: {"image": "acme/reports:1"} | given}}}


@pytest.mark.parametrize("name", ["r", "reports", "reports-2", "a-b-c"])
def test_a_service_may_be_named_in_lower_case_letters_digits_and_dashes(name: str) -> None:
    assert problems(service(name)) == []


@pytest.mark.parametrize("name", ["Reports", "-reports", "reports-", "re_ports", "a.b", "", "é"])
def test_any_other_name_of_a_service_is_refused(name: str) -> None:
    assert problems(service(name)) == [f"api.services.{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "postgres",
        "postgres-r",
        "postgres-ro",
        "postgres-rw",
        "postgres-pooler-2",
        "postgres-exporter",
        "redis-exporter",
        "frontend",
        "prometheus",
        "alertmanager-gateway",
        "web",
        "edge",
        "outside",
        "ingress",
        "certificate",
    ],
)
def test_a_service_can_not_take_the_name_of_what_the_platform_has(name: str) -> None:
    """Containers, networks, endpoints and objects, an operator's among them."""
    assert problems(service(name)) == [f"api.services.{name}"]


@pytest.mark.parametrize(
    "name",
    ["post", "redis-worker", "postgres-sync", "frontend-api", "grafanas", "x-metrics", "worker-1"],
)
def test_a_name_that_only_resembles_one_of_the_platform_s_is_free(name: str) -> None:
    assert problems(service(name)) == []


def test_a_refusal_says_that_the_platform_has_it() -> None:
    with pytest.raises(SettingsError) as caught:
        settings(service("postgres-ro"))
    assert (
        "api.services.postgres-ro\n"
        "  found    'postgres-ro'\n"
        "  allowed  a name that nothing of the platform has: it has this one"
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("replicas", "name", "right"),
    [
        (1, "reports-2", True),
        (2, "reports-2", False),
        (2, "reports-3", True),
        (3, "reports-1", True),
    ],
)
def test_a_service_is_not_named_as_a_replica_of_another(
    replicas: int, name: str, right: bool
) -> None:
    given = service(replicas=replicas)
    given["api"]["services"][name] = {"image": "acme/other:1"}
    assert problems(given) == ([] if right else [f"api.services.{name}"])


def test_a_service_s_name_is_short_enough_for_all_that_is_named_after_it() -> None:
    """`ai-platform-NAME-metrics` is a DNS label: 63 characters at most."""

    def named(length: int) -> list[str]:
        service = {"a" * length: {"image": "acme/app:1"}}
        return problems({**KUBERNETES, "api": {"services": service}})

    assert named(43) == []
    assert named(44) == [f"api.services.{'a' * 44}"]


def test_one_with_a_volume_has_a_shorter_name_yet() -> None:
    """Its pods have a label `ai-platform-NAME-0123456789` of at most 63 characters."""

    def named(length: int) -> list[str]:
        service = {"a" * length: {"image": "acme/app:1", "data_volume": {}}}
        return problems({**KUBERNETES, "api": {"services": service}})

    assert named(40) == []
    assert named(41) == [f"api.services.{'a' * 41}"]


@pytest.mark.parametrize("name", ["backend-metrics", "deny-all"])
def test_a_service_is_not_named_as_an_object_of_the_platform_s(name: str) -> None:
    service = {name: {"image": "acme/app:1"}}
    assert problems({**KUBERNETES, "api": {"services": service}}) == [f"api.services.{name}"]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("dev", True),
        ("Acme_prod.eu-1", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("-dev", False),
        ("dev-", False),
        (".dev", False),
        ("dev\n", False),
    ],
)
def test_a_stack_has_a_name_that_a_label_can_have(name: str, right: bool) -> None:
    assert (list(name_rules.stack(name)) == []) is right


def test_a_service_is_not_named_as_the_figures_of_another() -> None:
    given = service()
    given["api"]["services"]["reports-metrics"] = {"image": "acme/other:1"}
    assert problems(given) == ["api.services.reports-metrics"]
