"""How people outside the cluster reach it: one Ingress that any controller understands.

Nothing is rewritten: the web tier serves its paths and `/api` from its own origin, and redirects to
HTTPS itself, so no controller's annotation is needed for either.
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
    """Register the Ingress, where a workload has a host name of its own."""
    if not exposed:
        return
    # Its tier is that of what most people come for.
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
    # A cluster may have no load balancer whose address could be waited for.
    annotations = dict(SKIP_AWAIT)
    for size in sizes:
        # Controllers that are nginx refuse larger bodies than 1 MiB by default; others have no
        # limit of their own, and the workload's holds.
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
