"""The observability tier: Prometheus, Alertmanager and Grafana over the files in monitoring/."""

from collections.abc import Iterator, Sequence

import pulumi

from components import monitoring
from components.images import Catalogue
from components.operated import Monitors
from components.settings import Settings, mebibytes, url_port
from components.text import Secret, Text
from components.tier import Described, Tier
from components.workload import (
    Address,
    Exposure,
    File,
    Health,
    Http,
    Neighbour,
    Outside,
    Port,
    Reach,
    Resources,
    Scraped,
    Volume,
    Workload,
)

TIER = "observability"
PROMETHEUS = Address(workload="prometheus", port=9090)
ALERTMANAGER = Address(workload="alertmanager", port=9093)
GRAFANA = Address(workload="grafana", port=3000)

GRAFANA_PASSWORD = Secret(name="grafana-password", keep=True)

# Alertmanager has no read-only mode: what is published without a login may only be read. Its status
# holds the configuration, in which Alertmanager 0.25 shows a webhook's secret URL.
READ_ONLY = """\
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events {{
    worker_connections 256;
}}
http {{
    access_log off;
    client_body_temp_path /tmp/client;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server {{
        listen {port};
        location /api/v2/status {{
            return 403;
        }}
        location / {{
            limit_except GET {{ deny all; }}
            proxy_pass {upstream};
        }}
    }}
}}
"""
GATEWAY = "/etc/gateway/nginx.conf"
# nginx looks a name up when it reads its configuration. It does so anew every few seconds, because
# on an engine a container that is made again may get another address.
FOLLOWING = f"""\
while sleep 15; do nginx -c {GATEWAY} -s reload; done &
exec nginx -c {GATEWAY} -g 'daemon off;'
"""


class ObservabilityTier(Tier):
    def __init__(
        self, settings: Settings, catalogue: Catalogue, scraped: Sequence[Scraped]
    ) -> None:
        grafanas = [grafana(settings, catalogue)] if _has_grafana(settings, catalogue) else []
        parts: list[Described]
        if settings.observability.mode == "operator":
            parts = [monitors(settings, [*scraped, *grafanas]), *grafanas]
        else:
            own = [alertmanager(settings, catalogue), gateway(catalogue), *grafanas]
            parts = [prometheus(settings, catalogue, [*scraped, *own]), *own]
        super().__init__(
            TIER,
            parts,
            {"grafana": {"user": "admin", "password": GRAFANA_PASSWORD}} if grafanas else {},
        )


def _has_grafana(settings: Settings, catalogue: Catalogue) -> bool:
    if settings.observability.grafana and not catalogue.has("grafana"):
        pulumi.log.info(
            f"grafana is left out: the {settings.images.catalogue} catalogue has no image of it"
        )
    return settings.observability.grafana and catalogue.has("grafana")


def monitors(settings: Settings, scraped: Sequence[Scraped]) -> Monitors:
    """What the cluster's own Prometheus does for us; who is told is its Alertmanager's business."""
    wanted = settings.observability
    jobs, rules = monitoring.others_prometheus(scraped, wanted.runbook_base_url)
    return Monitors(
        name=TIER,
        tier=TIER,
        asked_by="observability.mode: operator",
        jobs=jobs,
        rules=rules,
        labels=wanted.operator.labels,
    )


def prometheus(settings: Settings, catalogue: Catalogue, scraped: Sequence[Scraped]) -> Workload:
    """Waits for nothing and reaches every port that has metrics, and Alertmanager."""
    wanted = settings.observability
    port = Port(name="http", number=PROMETHEUS.port, metrics="/metrics")
    files = monitoring.prometheus_files(scraped, PROMETHEUS, wanted.runbook_base_url)
    return Workload(
        name=PROMETHEUS.workload,
        tier=TIER,
        image=catalogue.image("prometheus"),
        # No admin and no lifecycle API: it is published without a login, to be read.
        command=(
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={wanted.retention}",
        ),
        files=files,
        volumes=(Volume(name="prometheus", path="/prometheus", size=wanted.size),),
        ports=(port,),
        ready=Health(ask=Http(path="/-/ready", port=PROMETHEUS.port), start_budget=120),
        alive=Health(ask=Http(path="/-/healthy", port=PROMETHEUS.port), period=10),
        reaches=(*_metrics(scraped), PROMETHEUS, ALERTMANAGER),
        resources=Resources(memory=mebibytes(wanted.memory), cpu=1.0, cpu_request=0.2),
        exposure=Exposure(endpoint="prometheus", port=PROMETHEUS.port),
        stop_grace=60,
    )


def _metrics(scraped: Sequence[Scraped]) -> Iterator[Address]:
    for part in scraped:
        for each in part.watched():
            if each.address.workload != ALERTMANAGER.workload:
                yield each.address


def alertmanager(settings: Settings, catalogue: Catalogue) -> Workload:
    receiver = settings.observability.receiver
    return Workload(
        name=ALERTMANAGER.workload,
        tier=TIER,
        image=catalogue.image("alertmanager"),
        command=(
            "--config.file=/etc/alertmanager/alertmanager.yml",
            "--storage.path=/alertmanager",
            # One instance: no gossip, and no port for it.
            "--cluster.listen-address=",
        ),
        files=(
            File(
                path="/etc/alertmanager/alertmanager.yml",
                content=monitoring.alertmanager_configuration(receiver),
            ),
        ),
        volumes=(Volume(name="alertmanager", path="/alertmanager", size="1Gi"),),
        ports=(Port(name="http", number=ALERTMANAGER.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/ready", port=ALERTMANAGER.port)),
        alive=Health(ask=Http(path="/-/healthy", port=ALERTMANAGER.port), period=10),
        reaches=_receivers(settings),
        resources=Resources(memory=128, cpu=0.2, cpu_request=0.02),
    )


def _receivers(settings: Settings) -> tuple[Outside, ...]:
    receiver = settings.observability.receiver
    if receiver.mail:
        port = int(receiver.mail.smarthost.rpartition(":")[2])
        return (Outside(name="alert-mail", ports=(port,)),)
    if receiver.webhook:
        return (Outside(name="alert-webhook", ports=monitoring.webhook_ports(receiver.webhook)),)
    return ()


def gateway(catalogue: Catalogue) -> Workload:
    """What is published of Alertmanager."""
    page = READ_ONLY.format(port=ALERTMANAGER.port, upstream=ALERTMANAGER.url())
    return Workload(
        name="alertmanager-gateway",
        tier=TIER,
        image=catalogue.image("nginx"),
        command=("sh", "-c", FOLLOWING),
        files=(File(path=GATEWAY, content=Text(template=page)),),
        scratch=("/tmp",),
        ports=(Port(name="http", number=ALERTMANAGER.port),),
        ready=Health(ask=Http(path="/-/ready", port=ALERTMANAGER.port)),
        reaches=(ALERTMANAGER,),
        starts_after=(ALERTMANAGER.workload,),
        resources=Resources(memory=32, cpu=0.1, cpu_request=0.01),
        exposure=Exposure(endpoint="alertmanager", port=ALERTMANAGER.port),
    )


def grafana(settings: Settings, catalogue: Catalogue) -> Workload:
    """Its figures come from our Prometheus, or from the one that the cluster has."""
    operator = settings.observability.operator
    source = PROMETHEUS.url()
    reach: Reach = PROMETHEUS
    if settings.observability.mode == "operator":
        source = operator.url or ""
        reach = Neighbour(namespace=operator.namespace, ports=(url_port(source),))
    return Workload(
        name=GRAFANA.workload,
        tier=TIER,
        image=catalogue.image("grafana"),
        env={
            "GF_SECURITY_ADMIN_USER": "admin",
            "GF_SECURITY_ADMIN_PASSWORD__FILE": GRAFANA_PASSWORD.path,
            "GF_PATHS_PROVISIONING": "/etc/grafana/provisioning",
            "GF_USERS_ALLOW_SIGN_UP": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            **_under_a_name(settings.url("grafana")),
        },
        files=(
            File(path=GRAFANA_PASSWORD.path, content=GRAFANA_PASSWORD.text),
            *monitoring.grafana_files(source),
        ),
        volumes=(Volume(name="grafana", path="/var/lib/grafana", size="1Gi"),),
        scratch=("/tmp",),
        ports=(Port(name="http", number=GRAFANA.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/api/health", port=GRAFANA.port)),
        alive=Health(ask=Http(path="/api/health", port=GRAFANA.port), period=10),
        reaches=(reach,),
        resources=Resources(memory=256, cpu=0.5),
        exposure=Exposure(endpoint="grafana", port=GRAFANA.port),
        stop_grace=30,
    )


def _under_a_name(url: str | None) -> dict[str, str]:
    """Links and redirects to the name that people know, and a login that plain HTTP never sees."""
    return {"GF_SERVER_ROOT_URL": f"{url}/", "GF_SECURITY_COOKIE_SECURE": "true"} if url else {}
