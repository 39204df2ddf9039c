"""The links in alerts, and what alerts say about where they come from."""

from collections.abc import Iterator, Mapping

from components import plain_files
from components.addresses import Address
from components.container import File
from components.observability import ALERTMANAGER, PROMETHEUS
from components.settings import Settings

# Where the gateway of Alertmanager serves the runbooks, and where they are in this repository.
RUNBOOKS = "docs/runbooks"


def external_labels(settings: Settings, stack: str) -> Mapping[str, str]:
    """The labels that every alert gets. A preview does not ask a cluster for its name."""
    context = settings.kubernetes.context or stack
    return {"stack": stack, "cluster": "docker" if settings.target == "docker" else context}


def flags(settings: Settings, server: Address) -> tuple[str, ...]:
    """The arguments with which Prometheus and Alertmanager make links.

    Without the prefix they would answer only below the path of the URL, where neither a health
    check nor a gateway asks.
    """
    url = _url(settings, server)
    return (f"--web.external-url={url}", "--web.route-prefix=/") if url else ()


def runbook_base_url(settings: Settings) -> str:
    """The URL before `docs/runbooks/…`: by default that of our Alertmanager's gateway."""
    base_url = settings.observability.runbook_base_url
    if base_url or settings.observability.mode == "operator":
        return base_url
    url = _url(settings, ALERTMANAGER)
    return f"{url}/" if url else ""


def runbooks(directory: str) -> Iterator[File]:
    """The runbooks below a directory of a container."""
    for name, text in plain_files.texts(RUNBOOKS, "*.md"):
        yield File(path=f"{directory}/{RUNBOOKS}/{name}", content=text)


def _url(settings: Settings, server: Address) -> str | None:
    """The URL at which operators open a server, to which no route leads.

    On Docker it is the published port. On a cluster `kubectl port-forward` opens the same one. None
    for a port that is not published.
    """
    urls = {PROMETHEUS: "prometheus_url", ALERTMANAGER: "alertmanager_url"}
    chosen: str | None = getattr(settings.observability, urls[server])
    if chosen:
        return chosen
    on_docker = settings.target == "docker"
    port = settings.published_port(server.workload) if on_docker else server.port
    return f"http://127.0.0.1:{port}" if port else None
