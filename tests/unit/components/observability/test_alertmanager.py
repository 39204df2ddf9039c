"""Alertmanager, and its receiver from the settings."""

from typing import Any

import pytest
import yaml

from components.addresses import Outside
from components.container import File
from components.observability.alertmanager import (
    alertmanager,
    configuration,
    webhook_port,
)
from components.settings import Receiver, Webhook
from components.workload import Workload
from tests.unit.describing import ROOT, catalogue, settings

MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:587"}
HOSTILE = "https://u:p@alerts.example.com/a?b=c&d=%20#e: {f} '\"\\ ${g} é\t\n- x"


def alertmanager_workload(**receiver: Any) -> Workload:
    values = {"observability": {"receiver": receiver or "none"}}
    return alertmanager(settings(values, secret=("observability",)), catalogue())


def receivers(**receiver: Any) -> dict[str, Any]:
    """Alertmanager's receivers by name, with the secrets of the settings filled in."""
    text = configuration(Receiver.model_validate(receiver) if receiver else None)
    values = {secret.name: str(secret.value) for secret in text.secrets}
    assert not [value for value in values.values() if value in text.template]
    filled = yaml.safe_load(text.fill(values))
    return {receiver["name"]: receiver for receiver in filled["receivers"]}


def test_without_a_receiver_alertmanager_only_shows_alerts() -> None:
    assert receivers()["default"] == {"name": "default"}


def test_everything_but_the_receiver_comes_from_the_file() -> None:
    plain = (ROOT / "monitoring" / "alertmanager" / "alertmanager.yml").read_text()
    assert yaml.safe_load(configuration(None).fill({})) == yaml.safe_load(plain)


@pytest.mark.parametrize("url", ["https://alerts.example.com/x", HOSTILE])
def test_a_webhook_gets_its_exact_url_with_any_characters(url: str) -> None:
    integrations = receivers(webhook={"url": url})
    assert integrations["default"]["webhook_configs"] == [{"url": url, "send_resolved": True}]
    assert "webhook_configs" not in integrations["watchdog"]


@pytest.mark.parametrize("password", ["plain", HOSTILE])
def test_mail_gets_its_exact_password_with_any_characters(password: str) -> None:
    mail = MAIL | {"user": "u", "password": password}
    assert receivers(mail=mail)["default"]["email_configs"] == [
        {
            "to": "a@example.com",
            "from": "b@example.com",
            "smarthost": "mail.example.com:587",
            "send_resolved": True,
            "auth_username": "u",
            "auth_password": password,
        }
    ]


@pytest.mark.parametrize(
    "to", ["a: b <a@b>", "- a <a@b>", "a # b <a@b>", "{a} <a@b>", "'a@example.com", "*a@b, &c@d"]
)
def test_mail_gets_its_exact_addresses(to: str) -> None:
    mail = MAIL | {"to": to, "user": "u", "password": "pw"}
    assert receivers(mail=mail)["default"]["email_configs"][0]["to"] == to


def channels(receiver: dict[str, Any]) -> set[str]:
    """The URLs and the mail addresses that a receiver sends alerts to."""
    return {
        *(entry["url"] for entry in receiver.get("webhook_configs", ())),
        *(entry["to"] for entry in receiver.get("email_configs", ())),
    }


def test_a_severity_has_the_receiver_of_all_alerts_unless_it_has_its_own() -> None:
    pager = {"url": "https://pager.example.com/x"}
    configured = receivers(webhook={"url": "https://chat.example.com/x"}, mail=MAIL)
    everything = {"https://chat.example.com/x", "a@example.com"}
    assert {name: channels(entry) for name, entry in configured.items()} == {
        "default": everything,
        "critical": everything,
        "warning": everything,
        "info": set(),
        "watchdog": set(),
    }
    configured = receivers(mail=MAIL, critical={"webhook": pager}, watchdog={"webhook": pager})
    assert {name: channels(entry) for name, entry in configured.items()} == {
        "default": {"a@example.com"},
        "critical": {"https://pager.example.com/x"},
        "warning": {"a@example.com"},
        "info": set(),
        "watchdog": {"https://pager.example.com/x"},
    }


def test_warnings_reach_nobody_if_the_settings_say_so() -> None:
    configured = receivers(mail=MAIL, warning="none")
    assert channels(configured["critical"]) == {"a@example.com"}
    assert channels(configured["warning"]) == set()


def test_a_dead_mans_switch_never_hears_that_alerting_works_from_an_alert_that_ended() -> None:
    webhook = {"webhook": {"url": "https://watch.example.com/x"}}
    configured = receivers(**webhook, watchdog=webhook)
    (entry,) = configured["watchdog"]["webhook_configs"]
    assert entry["send_resolved"] is False


def test_each_receiver_has_secrets_and_servers_of_its_own() -> None:
    def both(name: str) -> dict[str, Any]:
        login = {"user": "u", "password": f"{name}-password"}
        return {
            "webhook": {"url": f"https://{name}.example.com/x", "cidrs": ["192.0.2.0/24"]},
            "mail": MAIL | login | {"cidrs": ["198.51.100.0/24"]},
        }

    own = {name: both(name) for name in ("critical", "warning", "watchdog")}
    workload = alertmanager_workload(**both("all"), **own)
    (file,) = workload.files
    names = ("alert", "alert-critical", "alert-warning", "alert-watchdog")
    assert {secret.name: secret.value for secret in file.content.secrets} == {
        f"{name}-{secret}": value.format(name.rpartition("-")[2].replace("alert", "all"))
        for name in names
        for secret, value in (
            ("webhook-url", "https://{}.example.com/x"),
            ("mail-password", "{}-password"),
        )
    }
    assert workload.reaches == tuple(
        Outside(name=f"{name}-{server}", ports=(port,), cidrs=(cidr,))
        for name in names
        for server, port, cidr in (
            ("webhook", 443, "192.0.2.0/24"),
            ("mail", 587, "198.51.100.0/24"),
        )
    )


@pytest.mark.parametrize(("setting", "written"), [({}, {}), ({"require_tls": False},) * 2])
def test_mail_needs_tls_unless_the_settings_say_otherwise(
    setting: dict[str, Any], written: dict[str, Any]
) -> None:
    (integration,) = receivers(mail=MAIL | setting)["default"]["email_configs"]
    found = {key: value for key, value in integration.items() if key == "require_tls"}
    assert found == written


def test_mail_without_a_user_has_no_login() -> None:
    (integration,) = receivers(mail=MAIL)["default"]["email_configs"]
    assert not [key for key in integration if key.startswith("auth")]


def test_it_reads_the_configuration_with_the_receiver_of_the_settings() -> None:
    workload = alertmanager_workload(mail=MAIL)
    content = configuration(Receiver.model_validate({"mail": MAIL}))
    path = "/etc/alertmanager/alertmanager.yml"
    assert workload.files == (File(path=path, content=content),)
    assert f"--config.file={path}" in workload.command


def test_it_stores_its_data_on_its_kept_volume() -> None:
    (volume,) = alertmanager_workload().volumes
    assert volume.keep
    assert f"--storage.path={volume.path}" in alertmanager_workload().command


def test_without_a_receiver_it_reaches_nothing() -> None:
    assert alertmanager_workload().reaches == ()


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://alerts.example.com/x", 443),
        ("http://alerts.example.com/x", 80),
        ("https://alerts.example.com:8443/x", 8443),
    ],
)
def test_it_reaches_the_port_of_its_webhook(url: str, port: int) -> None:
    outside = Outside(name="alert-webhook", ports=(port,))
    assert alertmanager_workload(webhook={"url": url}).reaches == (outside,)


@pytest.mark.parametrize(("fields", "port"), [({}, 443), ({"port": 8443}, 8443)])
def test_a_webhook_url_in_a_secret_has_the_port_of_the_settings_or_443(
    fields: dict[str, int], port: int
) -> None:
    assert webhook_port(Webhook.model_validate(fields)) == port


def test_it_reaches_the_port_of_its_mail_server() -> None:
    assert alertmanager_workload(mail=MAIL).reaches == (Outside(name="alert-mail", ports=(587,)),)
