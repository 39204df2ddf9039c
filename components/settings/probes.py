"""How the platform is watched from outside in: the probes of its front door."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from components.settings.addresses import OfWebServer, PortNumber
from components.settings.base import Model
from components.settings.problems import Problem
from components.settings.shapes import Shape, none_written_out

if TYPE_CHECKING:
    from components.settings.stack import Settings

PATH = "observability.probes"


class IngressProbe(Model):
    """How a pod reaches the Ingress controller, in `kubernetes.ingress.controller_namespace`."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:web:
            host: ai.example.com
          ai-platform:kubernetes:
            ingress:
              controller_namespace: traefik
              tls: {secret: ai-platform-tls}
          ai-platform:observability:
            receiver: none
            probes:
              ingress:
                url: https://traefik.traefik
                port: 8443            # on which its pods listen, behind port 443 of the Service
    """

    url: Annotated[str, Shape(r"^https?://[^/\s@]+$", "a URL without a path"), OfWebServer] = Field(
        description="The URL of the controller's Service, such as `https://traefik.traefik`."
    )
    port: PortNumber | None = Field(
        None,
        description="The port on which the controller's pods listen. The default is the URL's.",
    )
    verify: bool = Field(
        True,
        description="Whether the certificate must be valid for the host and signed by a public "
        "authority. `false` is for an authority of your own. Expiry is watched in both cases.",
    )


class Probes(Model):
    """The probes ask the gateway for every route, as a client does. On a cluster they can also ask
    for every host through the Ingress.
    """

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:observability:
            receiver: none
            probes:
              ingress: {url: "http://skipper.kube-system", verify: false}
    """

    ingress: Annotated[
        IngressProbe | None,
        BeforeValidator(none_written_out, json_schema_input_type=Literal["none"] | IngressProbe),
    ] = Field(
        None,
        description="How a pod reaches the Ingress controller. By default only the gateway behind "
        "it is probed. A stack with hosts and `production: true` needs it with `https`, or `none`, "
        "which says that nobody is told when the Ingress fails or its certificate ends.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    yield from _certificate_is_watched(settings)
    if settings.observability.probes.ingress and settings.target != "kubernetes":
        yield Problem(
            path=f"{PATH}.ingress",
            allowed="no value: only target: kubernetes has an Ingress",
        )


def _certificate_is_watched(settings: "Settings") -> Iterator[Problem]:
    """The Ingress has the certificates of hosts, and the gateway behind it uses plain HTTP."""
    probes = settings.observability.probes
    if not settings.in_production or not settings.hosts:
        return
    if "ingress" not in probes.model_fields_set:
        yield Problem(
            path=f"{PATH}.ingress",
            found="nothing",
            allowed="how a pod reaches the Ingress controller, because people depend on a stack "
            "with production: true; or `none`, which says that nobody is told when the Ingress "
            "fails or its certificate ends",
        )
    elif probes.ingress and probes.ingress.url.startswith("http:"):
        yield Problem(
            path=f"{PATH}.ingress.url",
            found=repr(probes.ingress.url),
            allowed="a URL with https, where the certificate is",
        )
