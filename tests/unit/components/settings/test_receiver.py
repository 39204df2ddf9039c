"""Where alerts are sent."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import paths
from tests.unit.describing import settings

PATH = "observability.receiver"
WEBHOOK: dict[str, Any] = {"webhook": {"url": "https://alerts.example.com"}}
MAIL: dict[str, Any] = {
    "mail": {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
}


def received(receiver: Any, **more: Any) -> dict[str, Any]:
    return {"observability": {"receiver": receiver}} | more


def refused(receiver: Any, **more: Any) -> list[str]:
    return paths(received(receiver, **more), ("observability",))


@pytest.mark.parametrize(
    "receiver",
    [
        *(WEBHOOK, MAIL, WEBHOOK | MAIL, "none"),
        MAIL | {"critical": WEBHOOK, "warning": WEBHOOK | MAIL, "watchdog": WEBHOOK},
        {"critical": WEBHOOK, "warning": MAIL},
        {"critical": WEBHOOK, "warning": "none"},
        WEBHOOK | {"warning": "none"},
    ],
)
def test_alerts_have_a_receiver_for_all_and_one_for_each_severity(receiver: Any) -> None:
    assert refused(receiver) == []
    assert refused(receiver, production=True) == []


@pytest.mark.parametrize(
    "receiver",
    [
        *({"warning": MAIL}, {"watchdog": WEBHOOK}, {"critical": WEBHOOK}),
        {"watchdog": WEBHOOK, "warning": "none"},
    ],
)
def test_alerts_of_both_severities_reach_somebody_in_production(receiver: Any) -> None:
    assert refused(receiver) == []
    assert refused(receiver, production=True) == [PATH]


@pytest.mark.parametrize("receiver", [{}, None, "nobody"])
def test_only_none_says_that_nobody_is_told(receiver: Any) -> None:
    assert refused(receiver) == [PATH]
    assert refused(receiver, production=True) == [PATH]
    assert settings(received("none")).observability.receiver is None


@pytest.mark.parametrize("name", ["critical", "warning", "watchdog"])
def test_a_receiver_without_a_webhook_or_mail_is_refused(name: str) -> None:
    """It would take the alerts of its severity away from the others."""
    assert refused(WEBHOOK | {name: {}}) == [f"{PATH}.{name}"]


@pytest.mark.parametrize(
    ("key", "address"),
    [
        *(("to", address) for address in ("", "on-call", "a@b.example,", "@", "a @")),
        *(("sender", address) for address in ("", "a@b.example, c@d.example")),
    ],
)
def test_mail_needs_addresses(key: str, address: str) -> None:
    assert refused({"mail": MAIL["mail"] | {key: address}}) == [f"{PATH}.mail.{key}"]


@pytest.mark.parametrize("to", ["a@b.example", "a@b.example, On call <c@d.example>"])
def test_mail_goes_to_one_or_several_addresses(to: str) -> None:
    assert refused({"mail": MAIL["mail"] | {"to": to}}) == []


def test_a_password_of_mail_belongs_to_a_user() -> None:
    login = {"password": "given"}
    stack = received({"mail": MAIL["mail"] | login})
    assert paths(stack, ("observability",)) == [f"{PATH}.mail.user"]
    stack = received({"mail": MAIL["mail"] | login | {"user": "alerts"}})
    assert paths(stack, ("observability",)) == []
