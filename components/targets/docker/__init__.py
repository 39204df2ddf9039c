"""The Docker target: networks, volumes, images and containers of one engine."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_docker as docker

from components.credentials import Credentials
from components.settings import Settings
from components.targets.docker import images, networks
from components.targets.docker.containers import Place, container_args
from components.targets.docker.failure import explain
from components.targets.docker.naming import labels, prefix
from components.targets.docker.refused import refuse
from components.tier import Tier
from components.workload import Container, Exposure, Workload

LOOPBACK = "127.0.0.1"
# The provider changes these in its state only: the container must be made again. The last one
# stands for a container that never got healthy.
REPLACED = ["healthcheck", "tmpfs", "init", "#initerror"]


class DockerTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings.docker
        self._credentials = credentials
        self._on_engine = pulumi.ResourceOptions(provider=images.provider(settings))
        self._images = images.Images(self._on_engine)
        self._explain = explain(self._settings.host)
        self._plan = networks.Plan(networks=(), attachments={})
        self._networks: dict[str, docker.Network] = {}
        self._running: dict[str, list[docker.Container]] = {}
        self._exposures: dict[str, Exposure] = {}

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        return self._images.running

    def run(self, tiers: Sequence[Tier]) -> None:
        refuse(part for tier in tiers for part in tier.parts)
        self._plan = networks.plan([workload for tier in tiers for workload in tier.workloads])
        for network in self._plan.networks:
            self._networks[network.name] = docker.Network(
                f"network-{network.name}", **network.args(), opts=self._on_engine
            )
        for tier in tiers:
            for workload in tier.workloads:
                self._run(workload, tier)
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
        kept = [
            (self._volume(volume.name, tier, keep=volume.keep), volume.path)
            for volume in workload.volumes
        ]
        after = [made for name in workload.starts_after for made in self._running[name]]
        self._running[workload.name] = [
            self._replica(workload, tier, kept, after, number)
            for number in range(1, workload.replicas.min + 1)
        ]

    def _replica(
        self,
        workload: Workload,
        tier: Tier,
        kept: Sequence[tuple[docker.Volume, str]],
        after: Sequence[docker.Container],
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
            volumes: Sequence[tuple[docker.Volume, str]],
            published: tuple[str, int, int] | None,
            after: Sequence[docker.Container],
        ) -> docker.Container:
            name = described.name + suffix
            place = Place(
                name=f"{prefix()}-{name}",
                image=self._images.id(described),
                labels=labels(workload=workload.name, tier=workload.tier),
                networks=[
                    (self._networks[each.network].name, each.aliases)
                    for each in self._plan.attachments[described.name]
                ],
                volumes=[
                    (volume.name, path)
                    for volume, path in (
                        *volumes,
                        *((shared[each.name], each.path) for each in described.shared),
                    )
                ],
                published=published,
            )
            return docker.Container(
                name,
                **container_args(described, place, self._credentials.fill),
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
