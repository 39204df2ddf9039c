"""Grafana, with its datasource and dashboards from monitoring/grafana/."""

from collections.abc import Iterator

from components import plain_files
from components.addresses import Neighbour, Reach
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import GRAFANA, PROMETHEUS, TIER, dashboards, links
from components.settings import Settings, url_port
from components.text import Secret, Text
from components.volumes import Volume
from components.workload import Exposure, Workload

PASSWORD = Secret(name="grafana-password", keep=True)
SECRET_KEY = Secret(name="grafana-secret-key", keep=True)
"""Grafana encrypts with this what its database keeps secret, such as passwords of data sources."""
DIRECTORY = "/etc/grafana"
DATA = "/var/lib/grafana"
HOME = f"{DIRECTORY}/dashboards/platform.json"

# Grafana reads the password when it creates its database, and never again. /run.sh is the image's
# own entry point. Grafana also starts if the password cannot be set.
START = f"""\
if [ -f {DATA}/grafana.db ]; then
    GF_SECURITY_SECRET_KEY="$(cat {SECRET_KEY.path})" grafana cli --homepath "$GF_PATHS_HOME" \
        --config "$GF_PATHS_CONFIG" admin reset-admin-password --password-from-stdin \
        < {PASSWORD.path} || echo 'the password of admin may be an older one' >&2
fi
exec /run.sh
"""


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
        entrypoint=("sh", "-c", START),
        env={
            "GF_SECURITY_ADMIN_USER": "admin",
            "GF_SECURITY_ADMIN_PASSWORD__FILE": PASSWORD.path,
            "GF_SECURITY_SECRET_KEY__FILE": SECRET_KEY.path,
            "GF_SECURITY_DISABLE_GRAVATAR": "true",
            "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
            "GF_NEWS_NEWS_FEED_ENABLED": "false",
            "GF_PLUGINS_PREINSTALL_DISABLED": "true",
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": HOME,
            # `grafana cli` would log to a file, and the root file system is read-only.
            "GF_LOG_MODE": "console",
            "GF_PATHS_PROVISIONING": f"{DIRECTORY}/provisioning",
            "GF_USERS_ALLOW_SIGN_UP": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            **_public_name(settings.url(GRAFANA.workload)),
        },
        files=(
            *(File(path=secret.path, content=secret.text) for secret in (PASSWORD, SECRET_KEY)),
            *files(source, links.runbook_base_url(settings), namespace),
        ),
        volumes=(Volume(name="grafana", path=DATA, size="1Gi"),),
        scratch=("/tmp",),
        ports=(Port(name="http", number=GRAFANA.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/api/health", port=GRAFANA.port)),
        alive=Health(ask=Http(path="/api/health", port=GRAFANA.port), period=10),
        reaches=(reach,),
        resources=Resources(memory=256, cpu=0.5),
        exposure=Exposure(endpoint=GRAFANA.workload, port=GRAFANA.port),
        stop_grace=30,
    )


def files(prometheus: str, runbook_base_url: str, namespace: str | None) -> Iterator[File]:
    """The provisioning files, with the datasource at this URL, and the dashboards, with the links
    to runbooks below that URL. They show one namespace of a Prometheus that others share."""
    for name, text in plain_files.texts("monitoring/grafana"):
        content = text.template.replace('"url": "docs/', f'"url": "{runbook_base_url}docs/')
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
