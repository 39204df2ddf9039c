"""The Docker target in its steps: order, refuse, plan, register."""

from collections.abc import Iterable, Sequence

import pulumi

from components.secrets import Secrets
from components.settings import Settings
from components.targets import RunningStack, last_update
from components.targets.docker import failure, images, networks
from components.targets.docker.registration import Engine, Registration
from components.targets.docker.unsupported import refuse_unsupported
from components.targets.known_addresses import refuse_unknown_addresses
from components.targets.order import order
from components.targets.shared_names import refuse_shared_names
from components.tier import Tier
from components.workload import Job, Part


class DockerTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets

    def run(self, tiers: Sequence[Tier]) -> RunningStack:
        descriptions = order(part for tier in tiers for part in tier.parts)
        refuse_shared_names(tiers)
        refuse_unknown_addresses(descriptions)
        refuse_unsupported(descriptions)
        parts = [part for part in descriptions if isinstance(part, Part)]
        plan = networks.plan(parts)
        components = {tier.name: tier.component() for tier in tiers}
        registration = Registration(self._engine(parts), plan)
        registration.networks()
        for part in parts:
            registration.part(part, components[part.tier])
        for component in components.values():
            component.register_outputs({})
        return registration.deployment()

    def _engine(self, parts: Iterable[Part]) -> Engine:
        command = failure.docker_command(self._settings.docker.host)
        has_jobs = any(isinstance(part, Job) or part.init for part in parts)
        return Engine(
            settings=self._settings.docker,
            secrets=self._secrets,
            opts=pulumi.ResourceOptions(provider=images.provider(self._settings)),
            command=command,
            explain=failure.explain(command),
            last_update=last_update.outputs() if has_jobs else {},
        )
