"""How people outside the cluster reach the stack: one Ingress that any controller understands.

It rewrites nothing. The workload behind it serves all paths of its hosts, and redirects to HTTPS
itself, so neither needs a controller's annotation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.addresses import PROJECT, host_name
from components.settings import Ingress
from components.targets.kubernetes import objects
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.targets.shared_names import INGRESS, TLS
from components.workload import Exposure, Workload

Exposed = Sequence[tuple[Workload, Exposure]]

# Seconds that controllers wait for an answer by default.
DEFAULT_TIMEOUT = 60
_COMMUNITY, _VENDOR = "nginx.ingress.kubernetes.io", "nginx.org"


def register(exposed: Exposed, settings: Ingress, scope: Scope) -> None:
    """Register the Ingress, if a workload has host names."""
    if not exposed:
        return
    scope = scope.of(INGRESS, exposed[0][0].tier)
    objects.Ingress(
        PROJECT,
        metadata=scope.metadata(f"{PROJECT}-{INGRESS}", annotations=annotations(exposed, settings)),
        spec=spec(exposed, settings),
        opts=scope.opts,
    )


def annotations(exposed: Exposed, settings: Ingress) -> dict[str, str]:
    tls = settings.tls
    # Without a load balancer the Ingress gets no address to wait for.
    annotations = dict(SKIP_AWAIT)
    for workload, exposure in exposed:
        annotations |= _limits(exposure)
        if exposure.streams:
            annotations |= _streaming(workload)
    if tls and tls.issuer:
        kind = "cluster-issuer" if tls.issuer_kind == "ClusterIssuer" else "issuer"
        annotations[f"cert-manager.io/{kind}"] = tls.issuer
    return annotations | settings.annotations


def _limits(exposure: Exposure) -> Mapping[str, str]:
    """nginx controllers reject bodies above 1 MiB and answers after 60 s by default. Other
    controllers have no such limits, so the workload's own apply.

    The community's controller passes a body on as it arrives, and leaves its size to the workload.
    The vendor's writes each body to a file first, so it needs a limit: the largest one.
    """
    limits = {}
    if exposure.max_body_size:
        limits[f"{_COMMUNITY}/proxy-body-size"] = "0"
        limits[f"{_COMMUNITY}/proxy-request-buffering"] = "off"
        limits[f"{_VENDOR}/client-max-body-size"] = exposure.max_body_size
    if exposure.timeout and exposure.timeout > DEFAULT_TIMEOUT:
        for direction in ("read", "send"):
            limits[f"{_COMMUNITY}/proxy-{direction}-timeout"] = str(exposure.timeout)
            limits[f"{_VENDOR}/proxy-{direction}-timeout"] = f"{exposure.timeout}s"
    return limits


def _streaming(workload: Workload) -> Mapping[str, str]:
    """nginx controllers collect answers, or need to know who speaks WebSocket."""
    return {
        f"{_COMMUNITY}/proxy-buffering": "off",
        f"{_VENDOR}/proxy-buffering": "false",
        f"{_VENDOR}/websocket-services": host_name(workload.name),
    }


def spec(exposed: Exposed, settings: Ingress) -> dict[str, Any]:
    """Hosts to Services, and the certificate for all of them."""
    hosts = [host for _, exposure in exposed for host in exposure.hosts]
    optional: dict[str, Any] = {}
    if settings.class_name:
        optional["ingressClassName"] = settings.class_name
    if settings.tls:
        secret = settings.tls.secret or f"{PROJECT}-{TLS}"
        optional["tls"] = [{"hosts": sorted(hosts), "secretName": secret}]
    return {
        "rules": [
            _rule(host, workload, exposure)
            for workload, exposure in exposed
            for host in exposure.hosts
        ],
        **optional,
    }


def _rule(host: str, workload: Workload, exposure: Exposure) -> dict[str, Any]:
    service = {"name": host_name(workload.name), "port": {"number": exposure.port}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
    return {"host": host, "http": {"paths": [path]}}
