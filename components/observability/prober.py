"""The prober, which asks the platform from outside in when Prometheus scrapes it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.addresses import Address, Neighbour, Reach
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import PROBER, PROBER_PORT, TIER
from components.observability.probes import How, Through, module, not_shown
from components.probe import Probe
from components.settings import Settings, url_port
from components.text import Text
from components.workload import Workload

DIRECTORY = "/etc/prober"
CERTIFICATE = f"{DIRECTORY}/gateway.crt"
# Services and log readers tell probes from people by it.
USER_AGENT = "ai-platform-prober"
# A gateway that limits the rate lives. A service may answer 501 to HEAD, which it does not know.
LIMITED, UNKNOWN_METHOD = 429, 501
# Shorter than the interval, so that a probe without an answer has failed before the next one.
TIMEOUT = "5s"


def prober(
    settings: Settings, catalogue: Catalogue, front_door: Address, probes: Sequence[Probe]
) -> Workload:
    """It reaches the front door, and the services that nothing else shows.

    It starts when they are healthy. Otherwise ProbeFailed would fire while a new stack starts.

    It is not a part of monitoring for the networks of an engine: the gateway must not join the one
    that leads to Prometheus.
    """
    services = not_shown(settings)
    return Workload(
        name=PROBER.workload,
        tier=TIER,
        image=catalogue.image("blackbox-exporter"),
        command=(f"--config.file={DIRECTORY}/prober.json",),
        files=(
            File(path=f"{DIRECTORY}/prober.json", content=configuration(settings, probes)),
            *_certificate(settings),
        ),
        ports=(Port(name=PROBER_PORT, number=PROBER.port, metrics="/metrics"),),
        ready=Health(ask=Http(path="/-/healthy", port=PROBER.port)),
        alive=Health(ask=Http(path="/-/healthy", port=PROBER.port), period=10),
        reaches=(front_door, *services.values(), *_ingress(settings)),
        starts_after=(front_door.workload, *services),
        resources=Resources(memory=64, cpu=0.2, memory_request=24, cpu_request=0.01),
    )


def configuration(settings: Settings, probes: Sequence[Probe]) -> Text:
    """The prober's modules that the probes use. JSON is YAML, too."""
    used = {probe.module for probe in probes}
    modules = {
        module(through, how): _module(how, _tls(through, settings), settings)
        for through in Through
        for how in How
        if module(through, how) in used
    }
    return Text(template=json.dumps({"modules": modules}))


def _module(how: How, tls: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """How to ask: for a page, or for its headers only. A redirect leads out of the platform."""
    headers = {"User-Agent": USER_AGENT}
    if settings.hosts:
        # As the Ingress says it, so that no application redirects to HTTPS.
        headers["X-Forwarded-Proto"] = "https"
    return {
        "prober": "http",
        "timeout": TIMEOUT,
        "http": {
            "method": "GET" if how is How.WELL else "HEAD",
            "valid_status_codes": (
                [*range(200, 400), LIMITED]
                if how is How.WELL
                else [*range(200, 500), UNKNOWN_METHOD]
            ),
            "follow_redirects": False,
            "headers": headers,
            "preferred_ip_protocol": "ip4",
            **({"tls_config": tls} if tls else {}),
        },
    }


def _tls(through: Through, settings: Settings) -> dict[str, Any]:
    """Which certificates the prober trusts.

    The gateway must show exactly the certificate of the settings, for a name that it is for. A
    stack without host names does not know which.
    """
    ingress = settings.observability.probes.ingress
    if through is Through.INGRESS and ingress and not ingress.verify:
        return {"insecure_skip_verify": True}
    if through is Through.GATEWAY and settings.certificate:
        trusted = {"ca_file": CERTIFICATE}
        return trusted if settings.web.host else {"insecure_skip_verify": True}
    return {}


def _certificate(settings: Settings) -> tuple[File, ...]:
    """The certificate that the gateway shows. The settings' rules have checked that it exists."""
    tls = settings.certificate
    if tls is None:
        return ()
    return (File(path=CERTIFICATE, content=Text(template=Path(tls.certificate).read_text())),)


def _ingress(settings: Settings) -> tuple[Reach, ...]:
    ingress = settings.observability.probes.ingress
    namespace = settings.kubernetes.ingress.controller_namespace
    if ingress is None or namespace is None or not settings.hosts:
        return ()
    return (Neighbour(namespace=namespace, ports=(ingress.port or url_port(ingress.url),)),)
