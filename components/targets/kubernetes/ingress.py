"""How people outside the cluster reach the stack: one Ingress that any controller understands.

It rewrites nothing. The web tier serves its paths and `/api` from the same origin, and redirects to
HTTPS itself, so neither needs a controller's annotation.
"""

from collections.abc import Sequence
from typing import Any

from components.addresses import PROJECT, host_name
from components.settings import Ingress
from components.targets.kubernetes import objects
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.targets.shared_names import INGRESS, TLS
from components.workload import Exposure, Workload

Exposed = Sequence[tuple[Workload, Exposure]]


def register(exposed: Exposed, settings: Ingress, scope: Scope) -> None:
    """Register the Ingress, if a workload has a host name."""
    if not exposed:
        return
    # The Ingress belongs to the tier of the public workload, if there is one.
    first = next((workload for workload, exposure in exposed if exposure.public), exposed[0][0])
    scope = scope.of(INGRESS, first.tier)
    objects.Ingress(
        PROJECT,
        metadata=scope.metadata(f"{PROJECT}-{INGRESS}", annotations=annotations(exposed, settings)),
        spec=spec(exposed, settings),
        opts=scope.opts,
    )


def annotations(exposed: Exposed, settings: Ingress) -> dict[str, str]:
    sizes = [exposure.max_body_size for _, exposure in exposed if exposure.max_body_size]
    tls = settings.tls
    # Without a load balancer the Ingress gets no address to wait for.
    annotations = dict(SKIP_AWAIT)
    for size in sizes:
        # nginx controllers reject bodies above 1 MiB by default. Other controllers have no limit,
        # so the workload's own limit applies.
        annotations["nginx.ingress.kubernetes.io/proxy-body-size"] = size
        annotations["nginx.org/client-max-body-size"] = size
    if tls and tls.issuer:
        kind = "cluster-issuer" if tls.issuer_kind == "ClusterIssuer" else "issuer"
        annotations[f"cert-manager.io/{kind}"] = tls.issuer
    return annotations | settings.annotations


def spec(exposed: Exposed, settings: Ingress) -> dict[str, Any]:
    """Hosts to Services, and the certificate for all of them."""
    hosts = {exposure.endpoint: settings.hosts[exposure.endpoint] for _, exposure in exposed}
    optional: dict[str, Any] = {}
    if settings.class_name:
        optional["ingressClassName"] = settings.class_name
    if settings.tls:
        secret = settings.tls.secret or f"{PROJECT}-{TLS}"
        optional["tls"] = [{"hosts": sorted(set(hosts.values())), "secretName": secret}]
    return {
        "rules": [
            _rule(hosts[exposure.endpoint], workload, exposure) for workload, exposure in exposed
        ],
        **optional,
    }


def _rule(host: str, workload: Workload, exposure: Exposure) -> dict[str, Any]:
    service = {"name": host_name(workload.name), "port": {"number": exposure.port}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
    return {"host": host, "http": {"paths": [path]}}
