"""The Docker target in its steps: order, refuse, plan, register."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.catalogue import Catalogue
from components.secrets import Secrets
from components.settings import Settings
from components.targets import RunningStack, formats, last_update
from components.targets.docker import failure, images, networks, schedules, tools
from components.targets.docker.engine import Engine, refuse_context
from components.targets.docker.registration import Registration
from components.targets.docker.starts import Starts
from components.targets.docker.unsupported import refuse_unsupported
from components.targets.known_addresses import refuse_unknown_addresses
from components.targets.order import order
from components.targets.shared_names import SUPERCRONIC_TOOL, refuse_shared_names
from components.tier import Tier
from components.workload import Job, Part


class DockerTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, catalogue: Catalogue, secrets: Secrets) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._secrets = secrets

    def run(self, tiers: Sequence[Tier]) -> RunningStack:
        refuse_context(self._settings.docker)
        descriptions = order(part for tier in tiers for part in tier.parts)
        refuse_shared_names(tiers)
        refuse_unknown_addresses(descriptions)
        refuse_unsupported(descriptions)
        state = last_update.outputs()
        remembered = formats.remembered(state)
        formats.refuse_other_formats(descriptions, remembered)
        settled = formats.settled(descriptions, remembered)
        parts = [_running(part) for part in settled if isinstance(part, Part)]
        plan = networks.plan(parts)
        components = {tier.name: tier.component() for tier in tiers}
        busybox = self._catalogue.image("busybox")
        registration = Registration(self._engine(state), plan, busybox)
        registration.networks()
        if tools.needed(parts):
            registration.tools(tools.busybox(busybox))
        if any(SUPERCRONIC_TOOL in part.starts_after for part in parts):
            registration.tools(tools.supercronic(self._catalogue.scheduler()))
        for part in parts:
            registration.part(part, components[part.tier])
        for tier in tiers:
            stored = formats.of(formats.settled(tier.parts, remembered))
            components[tier.name].register_outputs({formats.OUTPUT: stored})
        if all(tier.expects_all for tier in tiers):
            registration.confirm()
        return registration.deployment(self._urls(tiers))

    def _urls(self, tiers: Sequence[Tier]) -> Mapping[str, str]:
        """The URLs of endpoints at the gateway."""
        endpoints = (name for tier in tiers for name in tier.endpoints)
        urls = ((name, self._settings.url(name)) for name in endpoints)
        return {name: url for name, url in urls if url}

    def _engine(self, state: Mapping[str, Mapping[str, Any]]) -> Engine:
        command = failure.docker_command(self._settings.docker.host)
        explain = failure.explain(command)
        return Engine(
            settings=self._settings.docker,
            secrets=self._secrets,
            opts=pulumi.ResourceOptions(provider=images.provider(self._settings)),
            command=command,
            explain=explain,
            starts=Starts(engine=command) if explain else None,
            last_update=state,
        )


def _running(part: Part) -> Part:
    """What the engine runs for a part: for a job on a schedule, a scheduler."""
    if isinstance(part, Job) and part.schedule:
        return schedules.container(part, SUPERCRONIC_TOOL)
    return part
