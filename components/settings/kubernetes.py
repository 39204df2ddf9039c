"""What only the Kubernetes target needs; the texts are those of the configuration reference."""

from typing import Literal

from pydantic import Field

from components.settings.model import Model
from components.settings.values import (
    Cidr,
    Host,
    Label,
    LabelKey,
    Name,
    Namespace,
    Port,
    Seconds,
    SecretKey,
)


class Toleration(Model):
    """A taint of nodes that the pods may run on all the same."""

    key: LabelKey | None = Field(None, description="The taint's key; none tolerates every taint.")
    operator: Literal["Equal", "Exists"] = Field("Equal", description="How the value is compared.")
    value: Label | None = Field(None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        None, description="The taint's effect; none means each."
    )


class IngressTls(Model):
    """Where the certificate of the Ingress comes from: one of these."""

    secret: Name | None = Field(None, description="A Secret of type `kubernetes.io/tls`.")
    issuer: Name | None = Field(None, description="An issuer of cert-manager, which makes one.")
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = Field(
        "ClusterIssuer", description="What kind of issuer it is."
    )


class Ingress(Model):
    """How people outside the cluster reach it. The web tier redirects to HTTPS; others do not."""

    hosts: dict[str, Host] = Field(
        default_factory=dict,
        description="Host name by endpoint: `web`, `grafana`, or an API service. None: no Ingress.",
    )
    class_name: Name | None = Field(
        None, description="The Ingress class; none takes the cluster's default."
    )
    tls: IngressTls | None = Field(None, description="The certificate. Required with `hosts`.")
    controller_namespace: Namespace | None = Field(
        None,
        description="The namespace of the Ingress controller, which alone is let in. Required "
        "with `hosts`.",
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict, description="Annotations for the controller, passed through."
    )


class Dns(Model):
    """Where the cluster's DNS answers: pods may ask it and nobody else."""

    namespace: Namespace = Field("kube-system", description="The namespace of its pods.")
    labels: dict[LabelKey, Label] = Field(
        default={"k8s-app": "kube-dns"}, description="The labels of its pods."
    )
    cidrs: list[Cidr] = Field(
        default_factory=list,
        description="Addresses outside the pod network, such as `169.254.20.10/32` of a node-local "
        "cache.",
    )


class ApiServer(Model):
    """Where the cluster's API answers: an operator's pods may work with it, and no others."""

    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="Its address ranges."
    )
    ports: list[Port] = Field(default=[443, 6443], min_length=1, description="Its ports.")


class ExistingSecret(Model):
    """A Secret in the stack's namespace that something else keeps there."""

    name: Name = Field(description="The Secret's name.")
    key: SecretKey = Field(description="The key in it.")
    version: str = Field(
        "",
        max_length=253,
        description="Free text. A changed one starts the pods that use it again, and nothing else.",
    )


class Kubernetes(Model):
    """What only the Kubernetes target needs."""

    context: str | None = Field(
        None, description="The context in the kubeconfig; none takes the current one."
    )
    cluster: str | None = Field(
        None,
        description="The identity of the cluster that the stack may run on: the uid of its "
        "namespace `kube-system`. Only needed to move a stack (docs/kubernetes.md).",
    )
    namespace: Namespace = Field("ai-platform", description="The namespace. The stack makes it.")
    storage_class: Name | None = Field(
        None, description="The class of every claim; none takes the cluster's default."
    )
    secrets: dict[str, ExistingSecret] = Field(
        default_factory=dict,
        description="Secrets that the namespace has already, by their name in the platform: none "
        "is generated then, and no value passes through Pulumi (docs/modes.md has the names).",
    )
    ingress: Ingress = Field(Ingress(), description="How people outside the cluster reach it.")
    dns: Dns = Field(Dns(), description="Where the cluster's DNS answers.")
    api_server: ApiServer = Field(
        ApiServer(), description="Where the cluster's API answers operators' pods."
    )
    operator_namespace: Namespace = Field(
        "cnpg-system",
        description="The namespace of CloudNativePG's operator, which is let in where `data.mode` "
        "is `cloudnative-pg`.",
    )
    node_selector: dict[LabelKey, Label] = Field(
        default_factory=dict, description="Labels of the nodes that every pod runs on."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, description="Taints that every pod tolerates."
    )
    lost_node_seconds: Seconds = Field(
        30,
        description="How many seconds a pod stays on a node that is `not-ready` or `unreachable` "
        "before it is replaced on another. Kubernetes taints a node after 50 s of silence, and its "
        "own default here is another 300. 30 outlasts the restart of a kubelet. An entry of "
        "`tolerations` for one of these two taints takes precedence.",
    )
    pull_budget: Seconds = Field(
        120, description="The longest time to pull the images of a pod and to make its volumes."
    )
