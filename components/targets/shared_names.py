"""Names that only one part of a stack may have, and names that the targets reserve."""

from collections.abc import Sequence

import pulumi

from components import probe
from components.addresses import host_name
from components.derived_names import metrics
from components.settings import Problem, SettingsError
from components.tier import Description, Tier
from components.workload import Part, Workload

# Networks of an engine, and objects of a namespace, that belong to no part.
EDGE, OUTSIDE, MONITORING = "edge", "outside", "observability"
NAMESPACE, REGISTRY, DENY_ALL = "namespace", "registry", "deny-all"
CERTIFICATE, INGRESS, TLS = "certificate", "ingress", "tls"
# What Prometheus calls the job of the probes.
PROBES = probe.PROBES.removeprefix(host_name(""))
# The jobs that copy a program into the containers of an engine.
BUSYBOX_TOOL, SUPERCRONIC_TOOL = "tool-busybox", "tool-supercronic"
RESERVED = frozenset(
    {
        *(EDGE, OUTSIDE, MONITORING, NAMESPACE, REGISTRY, DENY_ALL),
        *(CERTIFICATE, INGRESS, TLS, PROBES, BUSYBOX_TOOL, SUPERCRONIC_TOOL),
    }
)


def refuse_shared_names(tiers: Sequence[Tier]) -> None:
    """Raises RunError with every part whose name another part, a tier or a target has.

    Containers, networks, Services and policies are named after parts. Two with the same name would
    replace each other. The same is true of endpoints, which belong to their tiers.
    """
    names: dict[str, str | Description] = dict.fromkeys(RESERVED, "the platform itself")
    endpoints: dict[str, str | Description] = {}
    reserved = {name: tier.name for tier in tiers for name in tier.endpoints}
    problems: dict[str, Problem] = {}
    parts = [part for tier in tiers for part in tier.parts]
    for part in sorted(parts, key=_named_by_user):
        claims = [(name, names) for name in part.names()]
        if isinstance(part, Workload) and part.exposure:
            endpoint = part.exposure.endpoint
            if reserved.get(endpoint, part.tier) != part.tier:
                endpoints[endpoint] = f"the endpoint of the {reserved[endpoint]} tier"
            claims.append((endpoint, endpoints))
        for name, owners in claims:
            owner = owners.setdefault(name, part)
            if owner is not part:
                setting = part.named_by if isinstance(part, Part) else None
                if setting is None:
                    raise pulumi.RunError(_mistake(part, name, owner))
                problems.setdefault(part.name, _problem(setting, name, owner))
    if problems:
        raise pulumi.RunError(str(SettingsError(tuple(problems.values()))))


def _named_by_user(part: Description) -> bool:
    """The platform's own names come first, so that the user's setting is the one to change."""
    return isinstance(part, Part) and part.named_by is not None


def _problem(setting: str, name: str, owner: str | Description) -> Problem:
    return Problem(
        path=setting,
        found=repr(name),
        allowed=f"a name that nothing else in the stack uses: {_owner(owner)} uses this one",
    )


def _mistake(part: Description, name: str, owner: str | Description) -> str:
    """What is wrong with a part whose name no setting chose."""
    other = _owner(owner)
    if isinstance(part, Workload) and part.metrics_of and name == metrics(part.metrics_of):
        return (
            f"{part.name} exports metrics of {part.metrics_of}, and so does {other}. Nothing was "
            f"changed. Remove metrics_of from {part.name}: its metrics then have its own name."
        )
    if not isinstance(owner, str) and part.name == owner.name:
        return (
            f"two parts are named {name}, in the {owner.tier} tier and in the {part.tier} tier. "
            "Nothing was changed. Rename one of them."
        )
    return (
        f"{part.name} of the {part.tier} tier needs the name {name}, which {other} uses. Nothing "
        "was changed."
    )


def _owner(owner: str | Description) -> str:
    return owner if isinstance(owner, str) else f"{owner.name} of the {owner.tier} tier"
