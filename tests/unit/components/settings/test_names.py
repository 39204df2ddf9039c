"""What an API service, and a stack, may be called."""

import pytest

from components.settings import stack_name_rules
from tests.unit.components.settings.refusals import paths, service
from tests.unit.describing import KUBERNETES


@pytest.mark.parametrize("name", ["r", "reports", "reports-2", "a-b-c"])
def test_a_service_may_be_named_in_lower_case_letters_digits_and_dashes(name: str) -> None:
    assert paths(service(name)) == []


@pytest.mark.parametrize("name", ["Reports", "-reports", "reports-", "re_ports", "a.b", "", "é"])
def test_other_names_of_services_are_rejected(name: str) -> None:
    assert paths(service(name)) == [f"api.services.{name}"]


def test_a_services_name_leaves_room_for_derived_names() -> None:
    """`ai-platform-NAME-metrics` is a DNS label: 63 characters at most."""

    def named(length: int) -> list[str]:
        service = {"a" * length: {"image": "acme/app:1"}}
        return paths({**KUBERNETES, "api": {"services": service}})

    assert named(43) == []
    assert named(44) == [f"api.services.{'a' * 44}"]


def test_a_service_with_a_volume_has_an_even_shorter_name() -> None:
    """The exporter of the volume is found as `ai-platform-NAME-volumes-metrics`, a DNS label."""

    def named(length: int) -> list[str]:
        service = {"a" * length: {"image": "acme/app:1", "data_volume": {}}}
        return paths({**KUBERNETES, "api": {"services": service}})

    assert named(35) == []
    assert named(36) == [f"api.services.{'a' * 36}"]


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
def test_a_stacks_name_must_be_a_valid_label(name: str, right: bool) -> None:
    assert (list(stack_name_rules(name)) == []) is right
