"""Prometheus, run by the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from components import volume_exporter
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import ALERTMANAGER, PROMETHEUS, TIER, links, rules, scrape_jobs
from components.probe import Probe
from components.settings import Settings, mebibytes
from components.volumes import Volume
from components.workload import ScrapeTarget, Workload

DIRECTORY = "/etc/prometheus"


def prometheus(
    settings: Settings,
    catalogue: Catalogue,
    scrape_targets: Sequence[ScrapeTarget],
    probes: Sequence[Probe],
    external_labels: Mapping[str, str],
) -> Workload:
    """Prometheus reaches every port with metrics, and Alertmanager. It waits for no other part."""
    server = volume_exporter.beside(_server(settings, catalogue), catalogue)
    targets = [*server.scrape_targets(), *scrape_targets]
    runbooks = links.runbook_base_url(settings)
    return replace(
        server,
        files=(
            File(
                path=f"{DIRECTORY}/prometheus.yml",
                content=scrape_jobs.configuration(targets, probes, external_labels),
            ),
            *(
                File(path=f"{DIRECTORY}/rules/{name}", content=text)
                for name, text in rules.files(targets, runbooks).items()
            ),
        ),
        reaches=tuple(dict.fromkeys((*(target.address for target in targets), ALERTMANAGER))),
    )


def _server(settings: Settings, catalogue: Catalogue) -> Workload:
    observability = settings.observability
    return Workload(
        name=PROMETHEUS.workload,
        tier=TIER,
        monitoring=True,
        image=catalogue.image("prometheus"),
        # The admin and lifecycle APIs are off, because Prometheus has no login.
        command=(
            f"--config.file={DIRECTORY}/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={observability.retention}",
            f"--storage.tsdb.retention.size={observability.stored}MB",
            *links.flags(settings, PROMETHEUS),
        ),
        volumes=(Volume(name="prometheus", path="/prometheus", size=observability.size),),
        ports=(Port(name="http", number=PROMETHEUS.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/ready", port=PROMETHEUS.port), start_budget=120),
        alive=Health(ask=Http(path="/-/healthy", port=PROMETHEUS.port), period=10),
        resources=Resources(memory=mebibytes(observability.memory), cpu=1.0, cpu_request=0.2),
        stop_grace=60,
    )
