"""How people outside the cluster reach it: one Ingress that any controller understands.

Nothing is rewritten: the web tier serves its paths and `/api` from its own origin, and redirects to
HTTPS itself, so no controller's annotation is needed for either.
"""

from typing import Any

from components.settings import Settings
from components.targets.kubernetes import naming
from components.workload import Exposure, Workload


def annotations(settings: Settings) -> dict[str, str]:
    wanted = settings.kubernetes.ingress
    size = settings.web.max_body_size
    found = {
        # A cluster may have no load balancer whose address could be waited for.
        "pulumi.com/skipAwait": "true",
        # Controllers that are nginx refuse larger bodies than 1 MiB by default; others have no
        # limit of their own, and the web tier's holds.
        "nginx.ingress.kubernetes.io/proxy-body-size": size,
        "nginx.org/client-max-body-size": size,
    }
    tls = wanted.tls
    if tls and tls.issuer:
        kind = "cluster-issuer" if tls.issuer_kind == "ClusterIssuer" else "issuer"
        found[f"cert-manager.io/{kind}"] = tls.issuer
    return found | wanted.annotations


def spec(settings: Settings, exposed: list[tuple[Workload, Exposure]]) -> dict[str, Any]:
    """Hosts to Services, and the certificate for all of them."""
    wanted = settings.kubernetes.ingress
    hosts = {exposure.endpoint: wanted.hosts[exposure.endpoint] for _, exposure in exposed}
    made: dict[str, Any] = {
        "rules": [
            {
                "host": hosts[exposure.endpoint],
                "http": {
                    "paths": [
                        {"path": "/", "pathType": "Prefix", "backend": _backend(workload, exposure)}
                    ]
                },
            }
            for workload, exposure in exposed
        ]
    }
    if wanted.class_name:
        made["ingressClassName"] = wanted.class_name
    if wanted.tls:
        secret = wanted.tls.secret or f"{naming.PROJECT}-tls"
        made["tls"] = [{"hosts": sorted(set(hosts.values())), "secretName": secret}]
    return made


def _backend(workload: Workload, exposure: Exposure) -> dict[str, Any]:
    return {"service": {"name": naming.host_name(workload.name), "port": {"number": exposure.port}}}
