"""Where alerts are sent."""

from tests.unit.components.settings.refusals import paths


def test_alerts_cannot_have_two_receivers() -> None:
    webhook = {"url": "https://alerts.example.com"}
    mail = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    secret = ("observability",)
    assert paths({"observability": {"receiver": {"webhook": webhook}}}, secret) == []
    assert paths({"observability": {"receiver": {"mail": mail}}}) == []
    both = {"observability": {"receiver": {"webhook": webhook, "mail": mail}}}
    assert paths(both, secret) == ["observability.receiver"]
