"""Grafana, with its datasource and dashboards from monitoring/grafana/."""

from collections.abc import Iterator

from components import plain_files
from components.addresses import Neighbour, Reach
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import GRAFANA, PROMETHEUS, TIER, dashboards
from components.settings import Settings, url_port
from components.text import Secret, Text
from components.workload import Exposure, Volume, Workload

PASSWORD = Secret(name="grafana-password", keep=True)
DIRECTORY = "/etc/grafana"


def grafana(settings: Settings, catalogue: Catalogue) -> Workload:
    """Grafana with our own Prometheus as its data source, or the cluster's."""
    operator = settings.observability.operator
    source = PROMETHEUS.url()
    reach: Reach = PROMETHEUS
    namespace = None
    if settings.observability.mode == "operator":
        source = operator.url or ""
        namespace = settings.kubernetes.namespace
        reach = Neighbour(namespace=operator.namespace, ports=(url_port(source),))
    return Workload(
        name=GRAFANA.workload,
        tier=TIER,
        monitoring=True,
        image=catalogue.image("grafana"),
        env={
            "GF_SECURITY_ADMIN_USER": "admin",
            "GF_SECURITY_ADMIN_PASSWORD__FILE": PASSWORD.path,
            "GF_PATHS_PROVISIONING": f"{DIRECTORY}/provisioning",
            "GF_USERS_ALLOW_SIGN_UP": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            **_public_name(settings.url(GRAFANA.workload)),
        },
        files=(File(path=PASSWORD.path, content=PASSWORD.text), *files(source, namespace)),
        volumes=(Volume(name="grafana", path="/var/lib/grafana", size="1Gi"),),
        scratch=("/tmp",),
        ports=(Port(name="http", number=GRAFANA.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/api/health", port=GRAFANA.port)),
        alive=Health(ask=Http(path="/api/health", port=GRAFANA.port), period=10),
        reaches=(reach,),
        resources=Resources(memory=256, cpu=0.5),
        exposure=Exposure(endpoint=GRAFANA.workload, port=GRAFANA.port),
        stop_grace=30,
    )


def files(prometheus: str, namespace: str | None) -> Iterator[File]:
    """The provisioning files, with the datasource at this URL, and the dashboards.

    They show one namespace of a Prometheus that others share.
    """
    for name, text in plain_files.texts("monitoring/grafana"):
        content = text.template
        if name.startswith("provisioning/datasources/"):
            content = content.replace(PROMETHEUS.url(), prometheus)
        if name.startswith("dashboards/") and namespace:
            content = dashboards.bound(content, namespace)
        yield File(path=f"{DIRECTORY}/{name}", content=Text(template=content))


def _public_name(url: str | None) -> dict[str, str]:
    """Settings for the public URL: links and redirects use it. With HTTPS the login is sent over
    nothing else."""
    if url is None:
        return {}
    secure = {"GF_SECURITY_COOKIE_SECURE": "true"} if url.startswith("https:") else {}
    return {"GF_SERVER_ROOT_URL": f"{url}/", **secure}
