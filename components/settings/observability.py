"""Monitoring: what watches the stack, and where alerts are sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from components.settings import receiver
from components.settings.base import Model
from components.settings.kubernetes_names import Label, LabelKey, Namespace
from components.settings.problems import Problem
from components.settings.quantities import Floor, memory_rules
from components.settings.receiver import Receiver
from components.settings.shapes import Memory, Retention, Shape, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

PROMETHEUS = Floor(
    mebibytes=128, reason="Prometheus keeps the metrics of the last two hours in memory"
)
# The keys that only our own Prometheus and Alertmanager can follow.
BUILTIN_KEYS = ("receiver", "retention", "size", "memory")


class OperatedPrometheus(Model):
    """The Prometheus that the Prometheus Operator runs in your cluster."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:observability:
            mode: operator
            operator:
              namespace: monitoring
              labels:
                release: kube-prometheus-stack
              url: http://prometheus-operated.monitoring:9090
    """

    labels: dict[LabelKey, Label] = Field(
        default_factory=dict,
        description="The labels by which that Prometheus selects PodMonitors and PrometheusRules, "
        "such as `release: kube-prometheus-stack`.",
    )
    namespace: Namespace = Field(
        "monitoring",
        description="The namespace of that Prometheus. It may connect to the ports with metrics.",
    )
    url: Annotated[str, Shape(r"^https?://[^/\s@]+$", "a URL without a path")] | None = Field(
        None,
        description="The URL at which Grafana reaches that Prometheus, such as "
        "`http://prometheus-operated.monitoring:9090`. Required with `grafana`.",
    )


class Observability(Model):
    """Prometheus, Alertmanager, Grafana and the exporters."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            retention: 30d
            size: 50Gi
            memory: 1Gi
            grafana: true
            runbook_base_url: https://git.example.com/acme/ai-platform/blob/main/
            receiver:
              mail:
                to: on-call@example.com
                sender: ai-platform@example.com
                smarthost: mail.example.com:25
    """

    mode: Literal["builtin", "operator"] = Field(
        "builtin",
        description="`builtin` runs Prometheus and Alertmanager. `operator` adds the same scrape "
        "jobs and rules to a cluster that runs the Prometheus Operator, whose Alertmanager sends "
        "the alerts.",
    )
    operator: OperatedPrometheus = Field(
        OperatedPrometheus(), description="The cluster's Prometheus, for the mode `operator`."
    )
    grafana: bool = Field(
        True, description="Whether Grafana runs. The `debian` catalogue has no image of it."
    )
    retention: Retention = Field(
        "200h", description="How long Prometheus keeps metrics, at most `100y`."
    )
    size: Size = Field("10Gi", description="The size of Prometheus' volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="The memory limit of Prometheus.")
    receiver: Annotated[
        Receiver,
        BeforeValidator(
            lambda value: {} if value == "none" else value,
            json_schema_input_type=Literal["none"] | Receiver,
        ),
    ] = Field(
        Receiver(),
        description="Where alerts are sent. A stack with `production: true` needs one, or `none`, "
        "which says that Alertmanager only shows them.",
    )
    runbook_base_url: Annotated[str, Shape(r"^(https?://\S+/)?$", "a URL that ends with `/`")] = (
        Field(
            "",
            description="The URL before `docs/runbooks/…` in alerts. It ends with `/`.",
        )
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    observability = settings.observability
    yield from memory_rules("observability.memory", observability.memory, PROMETHEUS)
    yield from receiver.rules(observability.receiver)
    if observability.mode == "operator":
        yield from _operator(settings)
        return
    if settings.in_production and "receiver" not in observability.model_fields_set:
        yield Problem(
            path="observability.receiver",
            found="nothing",
            allowed="a webhook or mail, because people depend on a stack with production: true; or "
            "`none`, which says that nobody is told about alerts",
        )
    if "operator" in observability.model_fields_set:
        yield Problem(
            path="observability.mode",
            found=repr(observability.mode),
            allowed="'operator', because observability.operator is set",
        )


def _operator(settings: "Settings") -> Iterator[Problem]:
    observability = settings.observability
    if settings.target != "kubernetes":
        yield Problem(
            path="observability.mode",
            found="'operator'",
            allowed="'builtin': only target: kubernetes has operators",
        )
    for key in BUILTIN_KEYS:
        if key in observability.model_fields_set:
            yield Problem(
                path=f"observability.{key}",
                allowed="no value, because observability.mode is operator: set it in the cluster's "
                "own Prometheus and Alertmanager",
            )
    if observability.grafana and observability.operator.url is None:
        yield Problem(
            path="observability.operator.url",
            found="null",
            allowed="the URL of the cluster's Prometheus for Grafana, or "
            "observability.grafana: false",
        )
