"""The addresses of servers that the platform does not run."""

from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.components.settings.refusals import paths
from tests.unit.describing import KUBERNETES, settings

SERVER = {"host": "server.example.com", "user": "app", "password": "given"}
MAIL = {"to": "a@b.example", "sender": "c@d.example", "smarthost": "mail.example.com:25"}
WEBHOOK = {"url": "https://alerts.example.com"}
# A stack with every server that it may have outside.
STACK: dict[str, Any] = {
    "data": {"mode": "external", "external": SERVER | {"sslmode": "require"}},
    "cache": {"mode": "external", "external": SERVER},
    "api": {
        "services": {
            "reports": {"image": "acme/reports:1", "outside": [{"name": "x", "ports": [443]}]}
        }
    },
    "web": {"frontend": {"outside": [{"name": "y", "ports": [443]}]}},
    "observability": {
        "receiver": {
            "webhook": WEBHOOK,
            "mail": MAIL,
            "critical": {"webhook": WEBHOOK},
            "warning": {"mail": MAIL},
            "watchdog": {"webhook": WEBHOOK},
        }
    },
}
SECRET = ("data", "cache", "observability")
PATHS = {
    "data.external.cidrs",
    "cache.external.cidrs",
    "api.services.reports.outside.0.cidrs",
    "web.frontend.outside.0.cidrs",
    "observability.receiver.webhook.cidrs",
    "observability.receiver.mail.cidrs",
    "observability.receiver.critical.webhook.cidrs",
    "observability.receiver.warning.mail.cidrs",
    "observability.receiver.watchdog.webhook.cidrs",
}


def test_on_a_cluster_each_server_outside_needs_its_addresses() -> None:
    assert paths(STACK, SECRET) == []
    assert set(paths({**KUBERNETES} | STACK, SECRET)) == PATHS


def test_an_error_says_what_to_write() -> None:
    webhook = {"observability": {"receiver": {"webhook": WEBHOOK}}}
    with pytest.raises(SettingsError) as error:
        settings({**KUBERNETES} | webhook, secret=SECRET)
    (problem,) = map(str, error.value.problems)
    assert problem == (
        "observability.receiver.webhook.cidrs\n"
        "  found    nothing\n"
        "  allowed  the server's address ranges, such as `[203.0.113.0/24]`; `[0.0.0.0/0]` for "
        "every public address"
    )


def test_a_range_may_be_private_and_no_list_is_empty() -> None:
    def webhook(*cidrs: str) -> list[str]:
        receiver = {"receiver": {"webhook": WEBHOOK | {"cidrs": list(cidrs)}}}
        return paths({**KUBERNETES} | {"observability": receiver}, SECRET)

    assert webhook("10.0.0.0/8", "fd00::/8") == []
    assert webhook() == ["observability.receiver.webhook.cidrs"]


def test_on_a_cluster_an_external_database_needs_its_tls_mode() -> None:
    server = SERVER | {"cidrs": ["10.20.0.0/16"]}
    data = {"data": {"mode": "external", "external": server}}
    assert paths(data, SECRET) == []
    assert paths({**KUBERNETES} | data, SECRET) == ["data.external.sslmode"]
    written = {"data": {"mode": "external", "external": server | {"sslmode": "disable"}}}
    assert paths({**KUBERNETES} | written, SECRET) == []
