"""The Ingress, through which people outside a cluster reach a stack."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.settings.base import Model
from components.settings.kubernetes_names import LabelKey, Name, Namespace
from components.settings.problems import Problem

if TYPE_CHECKING:
    from components.settings.stack import Settings

PATH = "kubernetes.ingress"


class IngressTls(Model):
    """The source of the Ingress' certificate: either `secret` or `issuer`."""

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
    """How people outside the cluster reach the stack: `web.host` and the hosts of `web.routes` lead
    to the gateway, which redirects to HTTPS. A stack without hosts has no Ingress.
    """

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:web:
            host: ai.example.com
            routes:
              metrics.example.com: grafana
          ai-platform:kubernetes:
            ingress:
              class_name: traefik
              controller_namespace: traefik   # only this namespace may connect
              tls:
                secret: ai-platform-tls
    """

    class_name: Name | None = Field(
        None, description="The Ingress class. The default is the cluster's default class."
    )
    tls: IngressTls | None = Field(None, description="The certificate. Required with hosts.")
    controller_namespace: Namespace | None = Field(
        None,
        description="The namespace of the Ingress controller, the only one from which connections "
        "are allowed. Required with hosts.",
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict,
        description="Annotations of the Ingress, which the controller reads.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    """The rules of the Ingress, for a stack on Kubernetes."""
    ingress = settings.kubernetes.ingress
    hosts = settings.hosts
    if hosts and ingress.tls is None:
        yield Problem(
            path=f"{PATH}.tls",
            found="null",
            allowed=f"a certificate for the hosts of web: {', '.join(hosts)}",
        )
    if ingress.tls:
        yield from _tls(ingress.tls)
    if hosts and ingress.controller_namespace is None:
        yield Problem(
            path=f"{PATH}.controller_namespace",
            found="null",
            allowed="the namespace of the Ingress controller: no other may connect",
        )


def _tls(tls: IngressTls) -> Iterator[Problem]:
    if (tls.secret is None) == (tls.issuer is None):
        yield Problem(
            path=f"{PATH}.tls",
            found="neither" if tls.secret is None else "both",
            allowed="either `secret` or `issuer`",
        )
