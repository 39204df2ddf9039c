"""The Ingress, through which people outside a cluster reach a stack."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.settings.addresses import Host
from components.settings.base import Model
from components.settings.docker import PLATFORM_ENDPOINTS
from components.settings.kubernetes_names import LabelKey, Name, Namespace
from components.settings.problems import Problem, nearest

if TYPE_CHECKING:
    from components.settings.stack import Settings

PATH = "kubernetes.ingress"
# These have no login, so Docker publishes them on loopback and Kubernetes inside the cluster only.
WITHOUT_LOGIN = ("prometheus", "alertmanager")


class IngressTls(Model):
    """The source of the Ingress' certificate: either `secret` or `issuer`."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            ingress:
              hosts: {web: ai.example.com}
              controller_namespace: traefik
              tls:
                issuer: letsencrypt
                issuer_kind: ClusterIssuer
    """

    secret: Name | None = Field(
        None, description="The name of a Secret of type `kubernetes.io/tls`."
    )
    issuer: Name | None = Field(
        None, description="The name of a cert-manager issuer, which creates the certificate."
    )
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = Field(
        "ClusterIssuer", description="The kind of the issuer."
    )


class Ingress(Model):
    """How people outside the cluster reach the stack. Only the web tier redirects to HTTPS."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            ingress:
              hosts:
                web: ai.example.com
                grafana: metrics.example.com
              class_name: traefik
              controller_namespace: traefik   # only this namespace may connect
              tls:
                secret: ai-platform-tls
    """

    hosts: dict[str, Host] = Field(
        default_factory=dict,
        description="Host names by endpoint: `web`, `grafana`, or an API service. Without host "
        "names there is no Ingress.",
    )
    class_name: Name | None = Field(
        None, description="The Ingress class. The default is the cluster's default class."
    )
    tls: IngressTls | None = Field(None, description="The certificate. Required with `hosts`.")
    controller_namespace: Namespace | None = Field(
        None,
        description="The namespace of the Ingress controller, the only one from which connections "
        "are allowed. Required with `hosts`.",
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict,
        description="Annotations of the Ingress, which the controller reads.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    """The rules of the Ingress, for a stack on Kubernetes."""
    ingress = settings.kubernetes.ingress
    yield from _endpoints(settings)
    for host, count in Counter(ingress.hosts.values()).items():
        if count > 1:
            yield Problem(
                path=f"{PATH}.hosts",
                found=f"{host} {count} times",
                allowed="a different host name for each endpoint",
            )
    yield from _tls(ingress)
    if ingress.hosts and ingress.controller_namespace is None:
        yield Problem(
            path=f"{PATH}.controller_namespace",
            found="null",
            allowed="the namespace of the Ingress controller: no other may connect",
        )


def _endpoints(settings: "Settings") -> Iterator[Problem]:
    absent = () if settings.observability.grafana else ("grafana",)
    endpoints = [
        *(name for name in PLATFORM_ENDPOINTS if name not in (*WITHOUT_LOGIN, *absent)),
        *settings.api.services,
    ]
    for name in settings.kubernetes.ingress.hosts:
        if name in WITHOUT_LOGIN:
            yield Problem(
                path=f"{PATH}.hosts.{name}",
                found="an endpoint without a login",
                allowed=f"{', '.join(endpoints)}; reach {name} with kubectl port-forward",
            )
        elif name not in endpoints:
            yield Problem(
                path=f"{PATH}.hosts.{name}",
                found="an endpoint that this stack does not have",
                allowed=", ".join(endpoints),
                nearest=nearest(name, endpoints),
            )


def _tls(ingress: Ingress) -> Iterator[Problem]:
    tls = ingress.tls
    if ingress.hosts and tls is None:
        yield Problem(
            path=f"{PATH}.tls", found="null", allowed="a certificate, because there are hosts"
        )
    if tls and (tls.secret is None) == (tls.issuer is None):
        yield Problem(
            path=f"{PATH}.tls",
            found="neither" if tls.secret is None else "both",
            allowed="either `secret` or `issuer`",
        )
