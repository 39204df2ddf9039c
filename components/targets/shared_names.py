"""Names that only one part of a stack may have, and names that the targets reserve."""

from collections.abc import Sequence

import pulumi

from components.settings import Problem, SettingsError
from components.tier import Description, Tier
from components.workload import Part, Workload

# Networks of an engine, and objects of a namespace, that belong to no part.
EDGE, OUTSIDE, MONITORING = "edge", "outside", "observability"
NAMESPACE, REGISTRY, DENY_ALL = "namespace", "registry", "deny-all"
CERTIFICATE, INGRESS, TLS = "certificate", "ingress", "tls"
RESERVED = frozenset(
    {EDGE, OUTSIDE, MONITORING, NAMESPACE, REGISTRY, DENY_ALL, CERTIFICATE, INGRESS, TLS}
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
                problems.setdefault(part.name, _problem(part, name, owner))
    if problems:
        raise pulumi.RunError(str(SettingsError(tuple(problems.values()))))


def _named_by_user(part: Description) -> bool:
    """The platform's own names come first, so that the user's setting is the one to change."""
    return isinstance(part, Part) and part.named_by is not None


def _problem(part: Description, name: str, owner: str | Description) -> Problem:
    setting = part.named_by if isinstance(part, Part) else None
    return Problem(
        path=setting or f"the part {part.name}",
        found=repr(name),
        allowed="a name that nothing else in the stack uses: "
        f"{owner if isinstance(owner, str) else owner.name} uses this one",
    )
