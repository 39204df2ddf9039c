"""The settings of the Kubernetes target."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from components.settings import ingress, tolerations
from components.settings.addresses import Cidr, PortNumber
from components.settings.base import Model
from components.settings.ingress import Ingress
from components.settings.kubernetes_names import Label, LabelKey, Name, Namespace, SecretKey, Uid
from components.settings.problems import Problem
from components.settings.shapes import Seconds
from components.settings.tolerations import Toleration

if TYPE_CHECKING:
    from components.settings.stack import Settings

# The share of a service's replicas, rounded up, that a roll-out starts before it stops others.
# This is Kubernetes' own default.
SURGE = 0.25


class Dns(Model):
    """The cluster's DNS service. Every pod may reach it."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            dns:
              namespace: openshift-dns
              labels:
                dns.operator.openshift.io/daemonset-dns: default
    """

    namespace: Namespace = Field("kube-system", description="The namespace of the DNS pods.")
    labels: dict[LabelKey, Label] = Field(
        default={"k8s-app": "kube-dns"}, description="The labels of the DNS pods."
    )
    cidrs: list[Cidr] = Field(
        default_factory=list,
        description="Addresses of DNS servers outside the pod network, such as `169.254.20.10/32` "
        "of a node-local cache.",
    )


class ApiServer(Model):
    """The cluster's API server. Only pods that an operator runs may reach it."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:data:
            mode: cloudnative-pg
            backup: false         # or a bucket: `data.backup.offsite`
          ai-platform:kubernetes:
            api_server:
              cidrs: [10.0.0.10/32]
              ports: [6443]
    """

    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="The address ranges of the API server."
    )
    ports: list[PortNumber] = Field(
        default=[443, 6443], min_length=1, description="The ports of the API server."
    )


class ExistingSecret(Model):
    """A Secret in the stack's namespace that you, or another tool, created."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            secrets:
              api-token:              # the platform's name of the secret
                name: vault
                key: token
                version: "2026-11"    # a new text restarts the pods that use the Secret
    """

    name: Name = Field(description="The name of the Secret.")
    key: SecretKey = Field(description="The key in the Secret.")
    version: str = Field(
        "",
        max_length=253,
        description="Any text. When it changes, the pods that use the Secret restart.",
    )


class Kubernetes(Model):
    """The settings of the Kubernetes target."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:web:
            host: ai.example.com
          ai-platform:kubernetes:
            context: production
            namespace: ai-platform
            storage_class: fast
            ingress:
              controller_namespace: traefik
              tls: {secret: ai-platform-tls}
    """

    context: str | None = Field(
        None, description="The context in the kubeconfig. The default is the current context."
    )
    cluster: Uid | None = Field(
        None,
        description="The identity of the cluster that the stack may run on: the UID of its "
        "namespace `kube-system`. Set it to move a stack to another cluster, or if your login may "
        "not read that namespace: then the stack relies on this value (docs/kubernetes.md).",
    )
    namespace: Namespace = Field("ai-platform", description="The stack's namespace.")
    create_namespace: bool = Field(
        True,
        description="Whether the stack creates the namespace, with the Pod Security level "
        "`restricted`, and removes it at the end. `false` uses a namespace that exists, as it is.",
    )
    pull_secret: Name | None = Field(
        None,
        description="An existing Secret of the type `kubernetes.io/dockerconfigjson` in the "
        "namespace, with the login that pulls the images. The default is the login of `registry`, "
        "if it has one.",
    )
    storage_class: Name | None = Field(
        None,
        description="The storage class of every volume. The default is the cluster's default "
        "class.",
    )
    secrets: dict[str, ExistingSecret] = Field(
        default_factory=dict,
        description="Existing Secrets in the namespace, by the platform's name of the secret "
        "(docs/modes.md lists the names). The stack then does not generate that secret, and its "
        "value never passes through Pulumi.",
    )
    ingress: Ingress = Field(
        Ingress(), description="How people outside the cluster reach the stack."
    )
    dns: Dns = Field(Dns(), description="The cluster's DNS service.")
    api_server: ApiServer = Field(ApiServer(), description="The cluster's API server.")
    operator_namespace: Namespace = Field(
        "cnpg-system",
        description="The namespace of the CloudNativePG operator. With `data.mode: cloudnative-pg` "
        "it may connect to the database.",
    )
    node_selector: dict[LabelKey, Label] = Field(
        default_factory=dict, description="Labels that a node must have to run the pods."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, description="Taints that the pods tolerate."
    )
    priority_class: Name | None = Field(
        None,
        description="An existing PriorityClass of the cluster, for PostgreSQL, its backups "
        "and Redis. When a node runs out of room, pods of a lower priority make way for them.",
    )
    lost_node_seconds: Seconds = Field(
        30,
        description="How many seconds a pod stays on a node that is `not-ready` or `unreachable` "
        "before it is replaced on another. Kubernetes taints a node after 50 s of silence, and its "
        "own default here is another 300 s. 30 s is longer than the restart of a kubelet. An entry "
        "of `tolerations` for one of these two taints takes precedence.",
    )
    pull_budget: Seconds = Field(
        120,
        description="The longest time that a pod may take to pull its images and to get its "
        "volumes, in seconds.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    if settings.target != "kubernetes":
        return
    yield from _namespace(settings.kubernetes.namespace)
    yield from _pull_secret(settings)
    yield from ingress.rules(settings)
    for index, toleration in enumerate(settings.kubernetes.tolerations):
        yield from tolerations.rules(f"kubernetes.tolerations.{index}", toleration)


def _pull_secret(settings: "Settings") -> Iterator[Problem]:
    """A stack pulls all its images with one login."""
    name = settings.kubernetes.pull_secret
    if name and settings.registry and settings.registry.password:
        yield Problem(
            path="kubernetes.pull_secret",
            found=repr(name),
            allowed="either this Secret, or `user` and `password` of `registry`",
        )


def _namespace(name: str) -> Iterator[Problem]:
    """The stack denies all traffic in its namespace, and removes the namespace at the end."""
    if name == "default" or name.startswith("kube-"):
        yield Problem(
            path="kubernetes.namespace",
            found=repr(name),
            allowed="a namespace for this stack alone, not one of the cluster's own",
        )
