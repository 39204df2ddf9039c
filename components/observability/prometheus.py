"""Prometheus, run by the platform."""

from collections.abc import Sequence

from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import ALERTMANAGER, PROMETHEUS, TIER, links, rules, scrape_jobs
from components.settings import Settings, mebibytes
from components.workload import Exposure, ScrapeTarget, Volume, Workload

DIRECTORY = "/etc/prometheus"


def prometheus(
    settings: Settings, catalogue: Catalogue, scrape_targets: Sequence[ScrapeTarget], stack: str
) -> Workload:
    """Prometheus reaches every port with metrics, and Alertmanager. It waits for no other part."""
    observability = settings.observability
    itself = ScrapeTarget(
        name=PROMETHEUS.workload,
        job=PROMETHEUS.workload,
        address=PROMETHEUS,
        port="http",
        path="/metrics",
        tier=TIER,
        replicas=1,
    )
    targets = [itself, *scrape_targets]
    others = [
        target.address
        for target in scrape_targets
        if target.address.workload != ALERTMANAGER.workload
    ]
    return Workload(
        name=PROMETHEUS.workload,
        tier=TIER,
        monitoring=True,
        image=catalogue.image("prometheus"),
        # The admin and lifecycle APIs are off, because the port is published without a login.
        command=(
            f"--config.file={DIRECTORY}/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={observability.retention}",
            *links.flags(settings, PROMETHEUS),
        ),
        files=(
            File(
                path=f"{DIRECTORY}/prometheus.yml",
                content=scrape_jobs.configuration(targets, links.external_labels(settings, stack)),
            ),
            *(
                File(path=f"{DIRECTORY}/rules/{name}", content=text)
                for name, text in rules.files(targets, links.runbook_base_url(settings)).items()
            ),
        ),
        volumes=(Volume(name="prometheus", path="/prometheus", size=observability.size),),
        ports=(Port(name="http", number=PROMETHEUS.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/ready", port=PROMETHEUS.port), start_budget=120),
        alive=Health(ask=Http(path="/-/healthy", port=PROMETHEUS.port), period=10),
        reaches=(*others, PROMETHEUS, ALERTMANAGER),
        resources=Resources(memory=mebibytes(observability.memory), cpu=1.0, cpu_request=0.2),
        exposure=Exposure(endpoint="prometheus", port=PROMETHEUS.port),
        stop_grace=60,
    )
