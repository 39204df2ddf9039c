"""Registers the resources of a tier's parts on the engine."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_docker as docker

from components.container import Container, Image
from components.derived_names import replica_name
from components.targets import RunningStack
from components.targets.docker import failure, jobs, networks, schedules, steps, tools
from components.targets.docker.containers import (
    SERVICE,
    ContainerInputs,
    Gpus,
    Mounted,
    Published,
    container_args,
    mounted,
    start_limit,
)
from components.targets.docker.engine import Engine
from components.targets.docker.images import EngineImages
from components.targets.docker.naming import labels, prefix
from components.targets.docker.starts import Start
from components.targets.shared_names import BUSYBOX_TOOL, RESERVED
from components.workload import Exposure, Job, Part, Workload

LOOPBACK = "127.0.0.1"
# The provider updates these in its state only, so the container must be recreated. `#initerror`
# stands for a container that the engine could not start.
REPLACED = ["healthcheck", "tmpfs", "init", "#initerror"]

# The names of a part's volumes on the engine, by their names in the stack.
Volumes = Mapping[str, pulumi.Input[str]]
Dependencies = Sequence[pulumi.Input[pulumi.Resource]]


class Registration:
    """Registers parts. Each part comes after those that it starts after.

    `busybox` is the image of jobs that the engine needs itself.
    """

    def __init__(self, engine: Engine, plan: networks.NetworkPlan, busybox: Image) -> None:
        self._engine = engine
        self._plan = plan
        self._busybox = busybox
        self._images = EngineImages(engine.opts)
        self._networks: dict[str, docker.Network] = {}
        self._endpoints: dict[str, str] = {}
        self._dependencies: dict[str, Dependencies] = {}
        """By a part's name, the resources that must exist before a part that starts after it."""
        self._tools: docker.Volume | None = None
        self._started: list[tuple[Start, docker.Container]] = []
        self._hidden = set(RESERVED)
        """The names of jobs that the engine needs itself, which no output shows."""

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
        over = Mounted(volume=self._tools.name, path=tools.DIRECTORY)
        self._dependencies[job.name] = [self._job(job, [over], (), None)]

    def part(self, part: Part, component: pulumi.Resource) -> None:
        match part:
            case Workload():
                self._dependencies[part.name] = self._workload(part, component)
            case Job():
                volumes = self._volumes(part, component)
                mounts = mounted(part, part, volumes)
                after = self._steps(part, volumes, component)
                self._dependencies[part.name] = [self._job(part, mounts, after, component)]

    def confirm(self) -> None:
        """Fail `up` at its end unless every container runs well."""
        if self._engine.starts:
            self._engine.starts.confirm(self._started)

    def _hooks(self, start: Start) -> pulumi.ResourceHookBinding | None:
        if self._engine.starts is None:
            return None
        return pulumi.ResourceHookBinding.merge(
            self._engine.explain, self._engine.starts.hooks(start)
        )

    def deployment(self, urls: Mapping[str, str]) -> RunningStack:
        """The running stack. `urls` are those of endpoints without a port of their own."""
        running = self._images.running.items()
        images = {name: image for name, image in running if name not in self._hidden}
        return RunningStack(endpoints={**urls, **self._endpoints}, images=images)

    def _workload(self, workload: Workload, component: pulumi.Resource) -> Dependencies:
        published = self._published(workload.exposure)
        exposure = workload.exposure
        if exposure and published and not exposure.public:
            url = f"{exposure.scheme}://{published.address}:{published.port}"
            self._endpoints[exposure.endpoint] = url
        volumes = self._volumes(workload, component)
        after = self._steps(workload, volumes, component)
        return [
            # Only the first replica is published, because a port of the machine leads to one
            # container.
            self._replica(
                workload, number, volumes, published if number == 1 else None, after, component
            )
            for number in range(1, workload.replicas.min + 1)
        ]

    def _open(self, part: Part, volumes: Volumes, component: pulumi.Resource) -> Dependencies:
        """Register the jobs that open a part's volumes to those who write them."""
        opened = [(volumes[name], job) for name, job in tools.openings(part, self._busybox)]
        self._hidden |= {job.name for _, job in opened}
        return [
            self._job(job, [Mounted(volume=volume, path=tools.DIRECTORY)], (), component)
            for volume, job in opened
        ]

    def _steps(self, part: Part, volumes: Volumes, component: pulumi.Resource) -> Dependencies:
        """Register the steps of a part, one after the other, and return what its containers start
        after."""
        after = [*self._after(part), *self._open(part, volumes, component)]
        for step in part.init:
            mounts = mounted(part, step, volumes)
            after = [*after, self._job(steps.job(step, part), mounts, after, component)]
        return after

    def _replica(
        self,
        workload: Workload,
        number: int,
        volumes: Volumes,
        published: Published | None,
        after: Dependencies,
        component: pulumi.Resource,
    ) -> pulumi.Input[pulumi.Resource]:
        """One replica: its main container and its sidecars."""
        shared = {
            directory.name: self._volume(
                replica_name(directory.name, number), component, keep=False
            ).name
            for directory in workload.shared
        }

        def register(
            container: Container,
            published: Published | None,
            after: Dependencies,
        ) -> pulumi.Input[pulumi.Resource]:
            name = replica_name(container.name, number)
            shared_mounts = (
                Mounted(volume=shared[directory.name], path=directory.path)
                for directory in container.shared
            )
            inputs = self._inputs(
                container,
                name=f"{prefix()}-{name}",
                labels=labels(workload=workload.name, tier=workload.tier),
                mounts=[*mounted(workload, container, volumes), *shared_mounts],
                published=published,
                gpus=workload.placement.gpus if container is workload else (),
            )
            start = Start(
                name=inputs.name,
                patience=start_limit(container),
                healths=schedules.healths(container),
            )
            resource = docker.Container(
                name,
                **container_args(container, inputs, self._engine.secrets.fill),
                **SERVICE,
                opts=self._engine.options(
                    parent=component,
                    depends_on=list(after),
                    replace_on_changes=REPLACED,
                    # Two containers with the same name or port cannot exist at once.
                    delete_before_replace=True,
                    hooks=self._hooks(start),
                ),
            )
            self._started.append((start, resource))
            starts = self._engine.starts
            return starts.started(start, resource) if starts else resource

        main = register(workload, published, after)
        for sidecar in workload.sidecars:
            register(sidecar, None, [main])
        return main

    def _job(
        self,
        job: Job,
        mounts: Sequence[Mounted],
        after: Dependencies,
        component: pulumi.Resource | None,
    ) -> pulumi.Input[pulumi.Resource]:
        """Register a job."""
        run = jobs.run(self._engine.last_update, job)
        common = self._engine.options(parent=component, depends_on=list(after))

        def register(number: int) -> docker.Container:
            name = jobs.name(job, number)
            inputs = self._inputs(
                job,
                name=f"{prefix()}-{name}",
                labels=labels(workload=job.name, tier=job.tier, **jobs.labels(job, run)),
                mounts=mounts,
                gpus=job.placement.gpus,
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
        mounts: Sequence[Mounted],
        published: Published | None = None,
        gpus: Gpus = (),
    ) -> ContainerInputs:
        return ContainerInputs(
            name=name,
            image=self._images.id(container),
            labels=labels,
            networks=[
                (self._networks[attachment.network].name, attachment.aliases)
                for attachment in self._plan.attachments.get(container.name, ())
            ],
            volumes=mounts,
            tools=self._tools.name if self._tools and tools.uses(container) else None,
            published=published,
            gpus=gpus,
        )

    def _volumes(self, part: Part, component: pulumi.Resource) -> Volumes:
        return {
            volume.name: self._volume(volume.stored_as, component, keep=volume.keep).name
            for volume in part.volumes
        }

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
