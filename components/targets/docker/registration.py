"""Registers the resources of a tier's parts on the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

from components.container import Container
from components.secrets import Secrets
from components.settings import Docker
from components.targets import RunningStack
from components.targets.docker import failure, jobs, networks, tools
from components.targets.docker.containers import SERVICE, ContainerInputs, Published, container_args
from components.targets.docker.images import EngineImages
from components.targets.docker.naming import labels, prefix
from components.targets.shared_names import BUSYBOX_TOOL, RESERVED
from components.workload import Exposure, Job, Part, Workload, replica_name

LOOPBACK = "127.0.0.1"
# The provider updates these in its state only, so the container must be recreated. `#initerror`
# stands for a container that never became healthy.
REPLACED = ["healthcheck", "tmpfs", "init", "#initerror"]

# A volume and its path in a container.
Mount = tuple[docker.Volume, str]
Dependencies = Sequence[pulumi.Input[pulumi.Resource]]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What all resources of a stack on an engine have in common.

    `command` is the docker command for this engine. `explain` is the hook that logs why a container
    failed. `last_update` are the outputs of each resource after the stack's last update.
    """

    settings: Docker
    secrets: Secrets
    opts: pulumi.ResourceOptions
    command: tuple[str, ...]
    explain: pulumi.ResourceHookBinding | None
    last_update: Mapping[str, Mapping[str, Any]]

    def options(self, **options: object) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self.opts,
            pulumi.ResourceOptions(**options),  # type: ignore[arg-type]
        )


class Registration:
    """Registers parts. Each part comes after those that it starts after."""

    def __init__(self, engine: Engine, plan: networks.NetworkPlan) -> None:
        self._engine = engine
        self._plan = plan
        self._images = EngineImages(engine.opts)
        self._networks: dict[str, docker.Network] = {}
        self._endpoints: dict[str, str] = {}
        self._dependencies: dict[str, Dependencies] = {}
        """By a part's name, the resources that must exist before a part that starts after it."""
        self._tools: docker.Volume | None = None

    def networks(self) -> None:
        for network in self._plan.networks:
            self._networks[network.name] = docker.Network(
                f"network-{network.name}", **network.args(), opts=self._engine.opts
            )

    def tools(self, job: Job) -> None:
        """Register the volume with programs for the containers of later parts, and a job that
        copies one of them."""
        if self._tools is None:
            self._tools = self._volume(tools.VOLUME, None, keep=False)
        self._dependencies[job.name] = [self._job(job, [(self._tools, tools.DIRECTORY)], None)]

    def part(self, part: Part, component: pulumi.Resource) -> None:
        match part:
            case Workload():
                self._dependencies[part.name] = self._workload(part, component)
            case Job():
                volumes = self._volumes(part, component)
                self._dependencies[part.name] = [self._job(part, volumes, component)]

    def deployment(self, urls: Mapping[str, str]) -> RunningStack:
        """The running stack. `urls` are those of endpoints without a port of their own."""
        images = {
            name: image for name, image in self._images.running.items() if name not in RESERVED
        }
        return RunningStack(endpoints={**urls, **self._endpoints}, images=images)

    def _workload(self, workload: Workload, component: pulumi.Resource) -> Dependencies:
        published = self._published(workload.exposure)
        exposure = workload.exposure
        if exposure and published and not exposure.public:
            url = f"{exposure.scheme}://{published.address}:{published.port}"
            self._endpoints[exposure.endpoint] = url
        volumes = self._volumes(workload, component)
        return [
            # Only the first replica is published, because a port of the machine leads to one
            # container.
            self._replica(workload, number, volumes, published if number == 1 else None, component)
            for number in range(1, workload.replicas.min + 1)
        ]

    def _replica(
        self,
        workload: Workload,
        number: int,
        volumes: Sequence[Mount],
        published: Published | None,
        component: pulumi.Resource,
    ) -> docker.Container:
        """One replica: its main container and its sidecars."""
        shared = {
            directory.name: self._volume(
                replica_name(directory.name, number), component, keep=False
            )
            for directory in workload.shared
        }

        def register(
            container: Container,
            mounts: Sequence[Mount],
            published: Published | None,
            after: Dependencies,
        ) -> docker.Container:
            name = replica_name(container.name, number)
            shared_mounts = (
                (shared[directory.name], directory.path) for directory in container.shared
            )
            inputs = self._inputs(
                container,
                name=f"{prefix()}-{name}",
                labels=labels(workload=workload.name, tier=workload.tier),
                mounts=[*mounts, *shared_mounts],
                published=published,
            )
            return docker.Container(
                name,
                **container_args(container, inputs, self._engine.secrets.fill),
                **SERVICE,
                opts=self._engine.options(
                    parent=component,
                    depends_on=list(after),
                    replace_on_changes=REPLACED,
                    # Two containers with the same name or port cannot exist at once.
                    delete_before_replace=True,
                    hooks=self._engine.explain,
                ),
            )

        main = register(workload, volumes, published, self._after(workload))
        for sidecar in workload.sidecars:
            register(sidecar, (), None, [main])
        return main

    def _job(
        self, job: Job, volumes: Sequence[Mount], component: pulumi.Resource | None
    ) -> pulumi.Input[pulumi.Resource]:
        run = jobs.run(self._engine.last_update, job)
        common = self._engine.options(parent=component, depends_on=self._after(job))

        def register(number: int) -> docker.Container:
            name = jobs.name(job, number)
            inputs = self._inputs(
                job,
                name=f"{prefix()}-{name}",
                labels=labels(workload=job.name, tier=job.tier, **jobs.labels(job, run)),
                mounts=volumes,
            )
            engine = self._engine
            try_options = jobs.options(job, number, run, engine.command, engine.explain)
            return docker.Container(
                name,
                **container_args(job, inputs, self._engine.secrets.fill),
                **jobs.ONCE,
                opts=pulumi.ResourceOptions.merge(common, try_options),
            )

        def report() -> str:
            last = jobs.name(job, job.retries + 1)
            return failure.report(self._engine.command, f"{prefix()}-{last}")

        return jobs.done(job, register, report)

    def _after(self, part: Part) -> Dependencies:
        names = [*part.starts_after, *([BUSYBOX_TOOL] if tools.needed([part]) else [])]
        return [dependency for name in names for dependency in self._dependencies[name]]

    def _inputs(
        self,
        container: Container,
        *,
        name: str,
        labels: Mapping[str, str],
        mounts: Sequence[Mount],
        published: Published | None = None,
    ) -> ContainerInputs:
        return ContainerInputs(
            name=name,
            image=self._images.id(container),
            labels=labels,
            networks=[
                (self._networks[attachment.network].name, attachment.aliases)
                for attachment in self._plan.attachments.get(container.name, ())
            ],
            volumes=[(volume.name, path) for volume, path in mounts],
            tools=self._tools.name if self._tools and tools.uses(container) else None,
            published=published,
        )

    def _volumes(self, part: Part, component: pulumi.Resource) -> list[Mount]:
        return [
            (self._volume(volume.name, component, keep=volume.keep), volume.path)
            for volume in part.volumes
        ]

    def _volume(self, name: str, component: pulumi.Resource | None, *, keep: bool) -> docker.Volume:
        """Register a volume. Any change replaces it and loses its data, so kept volumes are
        protected."""
        return docker.Volume(
            f"volume-{name}",
            name=f"{prefix()}-{name}",
            labels=[
                docker.VolumeLabelArgs(label=label, value=value)
                for label, value in labels(volume=name).items()
            ],
            opts=self._engine.options(parent=component, protect=keep),
        )

    def _published(self, exposure: Exposure | None) -> Published | None:
        """Where the machine publishes an exposed port. Only public ports may be outside
        loopback."""
        ports = self._engine.settings.ports.by_endpoint()
        port = ports.get(exposure.endpoint) if exposure else None
        if exposure is None or port is None:
            return None
        address = self._engine.settings.bind if exposure.public else LOOPBACK
        return Published(address=address, port=port, container_port=exposure.port)
