"""The methods in the vocabulary for parts."""

from dataclasses import replace
from typing import Any

import pytest

from components.addresses import Address
from components.container import Container, Identity, Image, Port, Resources, Step
from components.derived_names import replica_name
from components.text import Text
from components.volumes import ExistingVolume, Mount, Volume
from components.workload import Job, Replicas, ScrapeTarget, Workload

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=2))
SMALL = Resources(memory=64, cpu=0.1)
PLAIN = Port(name="http", number=1)
METRICS = Port(name="metrics", number=2, metrics="/internal", scrape_interval="10s")
SIDECAR = Container(name="web-exporter", image=IMAGE, resources=SMALL, ports=(METRICS,))

FILL = Step(name="fill", image=IMAGE, resources=SMALL, retries=1, asked_by="x")
MODELS = Volume(name="web-models", path="/models", size="1Gi", filled_by="fill")


def workload(name: str = "web", **fields: Any) -> Workload:
    return Workload(name=name, tier="web", image=IMAGE, resources=SMALL, **fields)


def test_a_workloads_containers_are_the_main_one_and_the_sidecars() -> None:
    main = workload(sidecars=(SIDECAR,))
    assert list(main.containers()) == [main, SIDECAR]


def test_exactly_the_ports_with_metrics_are_targets() -> None:
    assert list(workload(ports=(PLAIN,)).scrape_targets()) == []
    assert list(
        workload(ports=(PLAIN, METRICS), replicas=Replicas(min=2, max=3)).scrape_targets()
    ) == [
        ScrapeTarget(
            name="web",
            job="ai-platform-web",
            address=Address(workload="web", port=2),
            port="metrics",
            path="/internal",
            tier="web",
            replicas=2,
            interval="10s",
        )
    ]


def test_metrics_of_a_sidecar_belong_to_its_workload() -> None:
    (target,) = workload(ports=(PLAIN,), sidecars=(SIDECAR,)).scrape_targets()
    assert (target.name, target.job) == ("web", "ai-platform-web")
    assert target.address == Address(workload="web", port=2)


def test_an_exporters_metrics_belong_to_the_exported_workload() -> None:
    exporter = workload(name="redis-exporter", ports=(METRICS,), metrics_of="redis")
    (target,) = exporter.scrape_targets()
    assert (target.name, target.job) == ("redis", "ai-platform-redis")
    assert target.address == Address(workload="redis-exporter", port=2)


def test_the_job_of_a_monitoring_part_has_no_prefix() -> None:
    (target,) = workload(name="grafana", ports=(METRICS,), monitoring=True).scrape_targets()
    assert (target.name, target.job) == ("grafana", "grafana")


def test_a_job_is_scraped_while_its_scheduler_runs_only() -> None:
    job = Job(name="once", tier="web", image=IMAGE, resources=SMALL, asked_by="x", ports=(METRICS,))
    assert list(job.scrape_targets()) == []
    (target,) = replace(job, name="cleanup", schedule="0 3 * * *").scrape_targets()
    assert (target.name, target.job, target.tier) == ("cleanup", "ai-platform-cleanup", "jobs")
    assert target.address == Address(workload="cleanup", port=METRICS.number)


def test_a_workload_owns_the_names_of_its_replicas_and_metrics() -> None:
    main = workload(ports=(PLAIN,), sidecars=(SIDECAR,), replicas=Replicas(min=2, max=4))
    assert sorted(main.names()) == [
        "web",
        "web-2",
        "web-exporter",
        "web-exporter-2",
        "web-metrics",
    ]


def test_a_workload_owns_the_name_under_which_its_unready_replicas_are_reached() -> None:
    assert sorted(workload(reached_unready=True).names()) == ["web", "web-all"]


def test_a_part_owns_the_names_of_its_steps_and_of_what_they_fill() -> None:
    part = workload(volumes=(MODELS,), init=(FILL,))
    assert sorted(part.names()) == [
        "fill",
        "fill-try-2",
        "web",
        "web-models-open",
        "web-pods",
    ]


def test_a_steps_secrets_are_those_of_its_part() -> None:
    text = Text(template="token")
    part = workload(init=(replace(FILL, secret_env={"TOKEN": text}),))
    assert list(part.texts()) == [text]
    assert list(part.all_containers()) == [part, *part.init]


def test_only_a_step_can_write_to_the_volume_that_it_fills() -> None:
    data = Volume(name="web-data", path="/data", size="1Gi")
    shared = ExistingVolume(name="web-shared", path="/shared", claim="shared")
    part = workload(volumes=(MODELS, data), existing=(shared,), init=(FILL,), sidecars=(SIDECAR,))
    assert list(part.mounts(part)) == [
        Mount(volume="web-models", path="/models", read_only=True),
        Mount(volume="web-data", path="/data"),
        Mount(volume="web-shared", path="/shared", read_only=True),
    ]
    assert list(part.mounts(FILL)) == [Mount(volume="web-models", path="/models")]
    assert list(part.mounts(SIDECAR)) == []


def test_a_step_that_writes_volumes_has_all_of_its_part_as_the_main_container_has_them() -> None:
    step = replace(FILL, writes_volumes=True)
    volumes = tuple(Volume(name=name, path=f"/{name}", size="1Gi") for name in ("a", "b"))
    part = workload(volumes=volumes, init=(step,))
    assert list(part.mounts(step)) == [
        Mount(volume="a", path="/a"),
        Mount(volume="b", path="/b"),
    ]
    assert list(workload(volumes=volumes, init=(FILL,)).mounts(FILL)) == []


def test_a_sidecar_that_watches_sees_the_kept_volumes_below_its_directory_read_only() -> None:
    data = Volume(name="web-data", path="/data", size="1Gi")
    watching = replace(SIDECAR, volumes_below="/volumes")
    models = replace(MODELS, keep=False)
    part = workload(volumes=(models, data), init=(FILL,), sidecars=(watching,))
    assert list(part.mounts(watching)) == [
        Mount(volume="web-data", path="/volumes/web-data", read_only=True)
    ]


def test_metrics_about_something_else_are_a_target_of_their_own() -> None:
    """Another tier: alerts about services of a tier are not about what is beside them."""
    other = Port(name="volumes", number=3, metrics="/metrics", metrics_of="web-volumes")
    part = workload(sidecars=(SIDECAR, replace(SIDECAR, name="web-volumes", ports=(other,))))
    targets = {target.name: target for target in part.scrape_targets()}
    assert list(targets) == ["web", "web-volumes"]
    assert targets["web-volumes"].job == "ai-platform-web-volumes"
    assert targets["web-volumes"].address == Address(workload="web", port=3)
    assert (targets["web"].tier, targets["web-volumes"].tier) == ("web", "sidecars")
    assert "web-volumes-metrics" in part.names()


def test_the_first_replica_has_no_number() -> None:
    assert [replica_name("web", number) for number in (1, 2)] == ["web", "web-2"]


def test_a_workload_with_metrics_on_two_ports_is_refused() -> None:
    ports = tuple(
        Port(name=name, number=number, metrics="/metrics") for name, number in (("a", 1), ("b", 2))
    )
    with pytest.raises(ValueError, match="reports has metrics on two ports"):
        workload("reports", ports=ports)
