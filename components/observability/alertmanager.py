"""Alertmanager, with the receiver of the settings."""

from typing import Any

import yaml

from components import plain_files
from components.addresses import Outside
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import ALERTMANAGER, TIER
from components.settings import Mail, Receiver, Settings, Webhook, revealed, url_port
from components.text import Secret, Text
from components.workload import Volume, Workload

CONFIGURATION = "/etc/alertmanager/alertmanager.yml"


def alertmanager(settings: Settings, catalogue: Catalogue) -> Workload:
    receiver = settings.observability.receiver
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
        ),
        files=(File(path=CONFIGURATION, content=configuration(receiver)),),
        volumes=(Volume(name="alertmanager", path="/alertmanager", size="1Gi"),),
        ports=(Port(name="http", number=ALERTMANAGER.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/ready", port=ALERTMANAGER.port)),
        alive=Health(ask=Http(path="/-/healthy", port=ALERTMANAGER.port), period=10),
        reaches=_servers(receiver),
        resources=Resources(memory=128, cpu=0.2, cpu_request=0.02),
    )


def configuration(receiver: Receiver) -> Text:
    """The configuration file in monitoring/, with the receiver of the settings as `default`."""
    plain = yaml.safe_load(plain_files.text("monitoring/alertmanager/alertmanager.yml").template)
    default = next(entry for entry in plain["receivers"] if entry["name"] == "default")
    secrets: list[Secret] = []
    if receiver.webhook:
        url = Secret(name="alert-webhook-url", value=revealed(receiver.webhook.url))
        default["webhook_configs"] = [{"url": f"${{{url.name}:json}}", "send_resolved": True}]
        secrets.append(url)
    if receiver.mail:
        default["email_configs"] = [_mail(receiver.mail, secrets)]
    return Text(template=yaml.safe_dump(plain, sort_keys=False), secrets=tuple(secrets))


def webhook_port(webhook: Webhook) -> int:
    return webhook.port or url_port(revealed(webhook.url) or "https:")


def _servers(receiver: Receiver) -> tuple[Outside, ...]:
    """The server that Alertmanager sends alerts to."""
    if receiver.mail:
        port = int(receiver.mail.smarthost.rpartition(":")[2])
        return (Outside(name="alert-mail", ports=(port,)),)
    if receiver.webhook:
        return (Outside(name="alert-webhook", ports=(webhook_port(receiver.webhook),)),)
    return ()


def _mail(mail: Mail, secrets: list[Secret]) -> dict[str, Any]:
    integration: dict[str, Any] = {
        "to": mail.to,
        "from": mail.sender,
        "smarthost": mail.smarthost,
        "send_resolved": True,
    }
    if mail.user:
        integration["auth_username"] = mail.user
        password = Secret(name="alert-mail-password", value=revealed(mail.password))
        integration["auth_password"] = f"${{{password.name}:json}}"
        secrets.append(password)
    return integration
