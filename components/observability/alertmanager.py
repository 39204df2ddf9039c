"""Alertmanager, with the receiver of the settings."""

from collections.abc import Iterator
from typing import Any

import yaml

from components import plain_files
from components.addresses import Outside
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import ALERTMANAGER, TIER, links
from components.settings import (
    DEFAULT,
    WATCHDOG,
    Channels,
    Mail,
    Receiver,
    Settings,
    Webhook,
    alert_name,
    revealed,
    url_port,
)
from components.text import Secret, Text
from components.volumes import Volume
from components.workload import Workload

CONFIGURATION = "/etc/alertmanager/alertmanager.yml"


def alertmanager(settings: Settings, catalogue: Catalogue) -> Workload:
    observability = settings.observability
    return Workload(
        name=ALERTMANAGER.workload,
        tier=TIER,
        monitoring=True,
        image=catalogue.image("alertmanager"),
        command=(
            f"--config.file={CONFIGURATION}",
            "--storage.path=/alertmanager",
            # A single instance needs no gossip, and no port for it.
            "--cluster.listen-address=",
            *links.flags(settings, ALERTMANAGER),
        ),
        files=(File(path=CONFIGURATION, content=configuration(observability.receiver)),),
        volumes=(Volume(name="alertmanager", path="/alertmanager", size="1Gi"),),
        ports=(Port(name="http", number=ALERTMANAGER.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/ready", port=ALERTMANAGER.port)),
        alive=Health(ask=Http(path="/-/healthy", port=ALERTMANAGER.port), period=10),
        reaches=tuple(_servers(observability.receiver)),
        resources=Resources(memory=128, cpu=0.2, cpu_request=0.02),
    )


def configuration(receiver: Receiver | None) -> Text:
    """The configuration file in monitoring/, with the receivers of the settings.

    Critical alerts and warnings without a receiver of their own have that of all alerts, unless
    the settings say `none`.
    """
    plain = yaml.safe_load(plain_files.text("monitoring/alertmanager/alertmanager.yml").template)
    by_name = receiver.by_name if receiver else {}
    secrets: list[Secret] = []
    for entry in plain["receivers"]:
        name = entry["name"]
        if receiver and name in receiver.inheriting:
            name = DEFAULT
        # The end of an alert would look to a dead man's switch like a sign of life.
        resolved = {"send_resolved": entry["name"] != WATCHDOG}
        channels = by_name.get(name, Channels())
        if channels.webhook:
            webhook = _webhook(alert_name(name, "webhook-url"), channels.webhook, secrets)
            entry["webhook_configs"] = [webhook | resolved]
        if channels.mail:
            mail = _mail(alert_name(name, "mail-password"), channels.mail, secrets)
            entry["email_configs"] = [mail | resolved]
    template = yaml.safe_dump(plain, sort_keys=False)
    return Text(template=template, secrets=tuple(dict.fromkeys(secrets)))


def webhook_port(webhook: Webhook) -> int:
    return webhook.port or url_port(revealed(webhook.url) or "https:")


def _servers(receiver: Receiver | None) -> Iterator[Outside]:
    """The servers that Alertmanager sends alerts to."""
    for name, channels in (receiver.by_name if receiver else {}).items():
        if channels.webhook:
            yield Outside(
                name=alert_name(name, "webhook"),
                ports=(webhook_port(channels.webhook),),
                cidrs=tuple(channels.webhook.cidrs or ()),
            )
        if channels.mail:
            yield Outside(
                name=alert_name(name, "mail"),
                ports=(int(channels.mail.smarthost.rpartition(":")[2]),),
                cidrs=tuple(channels.mail.cidrs or ()),
            )


def _webhook(name: str, webhook: Webhook, secrets: list[Secret]) -> dict[str, Any]:
    url = Secret(name=name, value=revealed(webhook.url))
    secrets.append(url)
    return {"url": f"${{{url.name}:json}}"}


def _mail(name: str, mail: Mail, secrets: list[Secret]) -> dict[str, Any]:
    integration: dict[str, Any] = {
        "to": mail.to,
        "from": mail.sender,
        "smarthost": mail.smarthost,
    }
    if not mail.require_tls:
        integration["require_tls"] = False
    if mail.user:
        integration["auth_username"] = mail.user
        password = Secret(name=name, value=revealed(mail.password))
        integration["auth_password"] = f"${{{password.name}:json}}"
        secrets.append(password)
    return integration
