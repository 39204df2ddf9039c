"""Alertmanager, and the gateway through which people read it."""

from typing import Any

import yaml

from components import plain_files
from components.addresses import Outside
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import ALERTMANAGER, TIER
from components.settings import Mail, Receiver, Settings, Webhook, revealed, url_port
from components.text import Secret, Text
from components.workload import Exposure, Volume, Workload

CONFIGURATION = "/etc/alertmanager/alertmanager.yml"
GATEWAY_CONFIGURATION = "/etc/gateway/nginx.conf"
# nginx resolves names only when it reads its configuration. It reloads the configuration every few
# seconds, because a container that Docker recreates may get another address.
GATEWAY_COMMAND = f"""\
while sleep 15; do nginx -c {GATEWAY_CONFIGURATION} -s reload; done &
exec nginx -c {GATEWAY_CONFIGURATION} -g 'daemon off;'
"""


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


def gateway(catalogue: Catalogue) -> Workload:
    """The read-only proxy in front of Alertmanager.

    Alertmanager has no read-only mode, and its port is published without a login.
    """
    return Workload(
        name="alertmanager-gateway",
        tier=TIER,
        monitoring=True,
        image=catalogue.image("nginx"),
        command=("sh", "-c", GATEWAY_COMMAND),
        files=(
            File(
                path=GATEWAY_CONFIGURATION,
                content=plain_files.text("monitoring/alertmanager/gateway.conf"),
            ),
        ),
        scratch=("/tmp",),
        ports=(Port(name="http", number=ALERTMANAGER.port),),
        ready=Health(ask=Http(path="/-/ready", port=ALERTMANAGER.port)),
        reaches=(ALERTMANAGER,),
        starts_after=(ALERTMANAGER.workload,),
        resources=Resources(memory=32, cpu=0.1, cpu_request=0.01),
        exposure=Exposure(endpoint="alertmanager", port=ALERTMANAGER.port),
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
