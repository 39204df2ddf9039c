"""The Docker target: networks, volumes, images and containers of one engine."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_docker as docker

from components.credentials import Credentials
from components.settings import Settings
from components.targets import last_update
from components.targets.docker import failure, images, jobs, networks
from components.targets.docker.containers import SERVICE, Place, container_args
from components.targets.docker.failure import explain
from components.targets.docker.naming import labels, prefix
from components.targets.docker.refused import refuse
from components.tier import Tier
from components.workload import Container, Exposure, Job, Part, Workload

LOOPBACK = "127.0.0.1"
# The provider changes these in its state only: the container must be made again. The last one
# stands for a container that never got healthy.
REPLACED = ["healthcheck", "tmpfs", "init", "#initerror"]

# A volume and the path where a container has it.
Mounted = tuple[docker.Volume, str]


class DockerTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings.docker
        self._credentials = credentials
        self._on_engine = pulumi.ResourceOptions(provider=images.provider(settings))
        self._images = images.Images(self._on_engine)
        self._engine = failure.engine(self._settings.host)
        self._explain = explain(self._engine)
        self._last_update: Mapping[str, Mapping[str, Any]] = {}
        self._plan = networks.Plan(networks=(), attachments={})
        self._networks: dict[str, docker.Network] = {}
        self._before: dict[str, list[pulumi.Input[pulumi.Resource]]] = {}
        """What must be there before a part that starts after the one of this name."""
        self._exposures: dict[str, Exposure] = {}

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        return self._images.running

    def run(self, tiers: Sequence[Tier]) -> None:
        parts = [part for tier in tiers for part in tier.parts]
        refuse(parts)
        described = [part for part in parts if isinstance(part, Part)]
        if any(isinstance(part, Job) for part in described):
            self._last_update = last_update.outputs()
        self._plan = networks.plan(described)
        for network in self._plan.networks:
            self._networks[network.name] = docker.Network(
                f"network-{network.name}", **network.args(), opts=self._on_engine
            )
        for tier in tiers:
            for part in tier.parts:
                match part:
                    case Workload():
                        self._run(part, tier)
                    case Job():
                        self._job(part, tier)
            tier.register_outputs({})

    def endpoint(self, name: str) -> str | None:
        exposure = self._exposures.get(name)
        published = self._published(exposure)
        if exposure is None or published is None:
            return None
        address, port, _ = published
        return f"{exposure.scheme}://{address}:{port}"

    def _run(self, workload: Workload, tier: Tier) -> None:
        if workload.exposure:
            self._exposures[workload.exposure.endpoint] = workload.exposure
        kept = self._kept(workload, tier)
        after = self._after(workload)
        self._before[workload.name] = [
            self._replica(workload, tier, kept, after, number)
            for number in range(1, workload.replicas.min + 1)
        ]

    def _job(self, job: Job, tier: Tier) -> None:
        run = jobs.run(self._last_update, job)
        about = labels(workload=job.name, tier=job.tier, **{jobs.RUN: str(run)})
        kept = self._kept(job, tier)
        beside = self._options(parent=tier, depends_on=self._after(job))

        def container(number: int) -> docker.Container:
            name = jobs.name(job, number)
            place = self._place(job, f"{prefix()}-{name}", about, kept)
            own = jobs.options(job, number, self._engine, self._explain)
            return docker.Container(
                name,
                **container_args(job, place, self._credentials.fill),
                **jobs.ONCE,
                opts=pulumi.ResourceOptions.merge(beside, own),
            )

        def report() -> str:
            last = jobs.name(job, job.retries + 1)
            return failure.report(self._engine, f"{prefix()}-{last}")

        self._before[job.name] = [jobs.done(job, container, report)]

    def _replica(
        self,
        workload: Workload,
        tier: Tier,
        kept: Sequence[Mounted],
        after: Sequence[pulumi.Input[pulumi.Resource]],
        number: int,
    ) -> docker.Container:
        """One replica: its main container and its sidecars. Only the first one is published."""
        suffix = f"-{number}" if number > 1 else ""
        shared = {
            each.name: self._volume(each.name + suffix, tier, keep=False)
            for each in workload.shared
        }
        published = None if suffix else self._published(workload.exposure)

        def container(
            described: Container,
            volumes: Sequence[Mounted],
            published: tuple[str, int, int] | None,
            after: Sequence[pulumi.Input[pulumi.Resource]],
        ) -> docker.Container:
            name = described.name + suffix
            mounted = [*volumes, *((shared[each.name], each.path) for each in described.shared)]
            about = labels(workload=workload.name, tier=workload.tier)
            place = self._place(described, f"{prefix()}-{name}", about, mounted, published)
            return docker.Container(
                name,
                **container_args(described, place, self._credentials.fill),
                **SERVICE,
                opts=self._options(
                    parent=tier,
                    depends_on=list(after),
                    replace_on_changes=REPLACED,
                    # Its name and ports are its own: two can not be there at once.
                    delete_before_replace=True,
                    hooks=self._explain,
                ),
            )

        main = container(workload, kept, published, after)
        for sidecar in workload.sidecars:
            container(sidecar, (), None, [main])
        return main

    def _after(self, part: Part) -> list[pulumi.Input[pulumi.Resource]]:
        return [each for name in part.starts_after for each in self._before[name]]

    def _kept(self, part: Part, tier: Tier) -> list[Mounted]:
        return [
            (self._volume(volume.name, tier, keep=volume.keep), volume.path)
            for volume in part.volumes
        ]

    def _place(
        self,
        container: Container,
        name: str,
        about: Mapping[str, str],
        mounted: Sequence[Mounted],
        published: tuple[str, int, int] | None = None,
    ) -> Place:
        return Place(
            name=name,
            image=self._images.id(container),
            labels=about,
            networks=[
                (self._networks[each.network].name, each.aliases)
                for each in self._plan.attachments[container.name]
            ],
            volumes=[(volume.name, path) for volume, path in mounted],
            published=published,
        )

    def _volume(self, name: str, tier: Tier, *, keep: bool) -> docker.Volume:
        """Every change of a volume replaces it, which loses its data: kept ones are protected."""
        return docker.Volume(
            f"volume-{name}",
            name=f"{prefix()}-{name}",
            labels=[
                docker.VolumeLabelArgs(label=label, value=value)
                for label, value in labels(volume=name).items()
            ],
            opts=self._options(parent=tier, protect=keep),
        )

    def _published(self, exposure: Exposure | None) -> tuple[str, int, int] | None:
        """Address and port on the machine, and the port inside; None where nothing is published.

        Only the web tier is ever bound elsewhere than on loopback.
        """
        if exposure is None:
            return None
        port = self._settings.ports.by_endpoint().get(exposure.endpoint)
        address = self._settings.bind if exposure.endpoint == "web" else LOOPBACK
        return None if port is None else (address, port, exposure.port)

    def _options(self, **options: object) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self._on_engine,
            pulumi.ResourceOptions(**options),  # type: ignore[arg-type]
        )
