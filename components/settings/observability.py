"""Monitoring: what watches the stack, and where alerts are sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from components.settings import probes, receiver
from components.settings.addresses import OfWebServer
from components.settings.base import Model
from components.settings.kubernetes_names import Label, LabelKey, Namespace
from components.settings.probes import Probes
from components.settings.problems import Problem
from components.settings.quantities import Floor, floor_rules, mebibytes
from components.settings.receiver import Receiver
from components.settings.shapes import Memory, Retention, Shape, Size, none_written_out

if TYPE_CHECKING:
    from components.settings.stack import Settings

LinkUrl = Annotated[
    str,
    Shape(r"^https?://[^/\s@?#]+(/[^\s@?#]*[^/\s@?#])?$", "a URL without `/` at its end"),
    OfWebServer,
]
PrometheusUrl = Annotated[str, Shape(r"^https?://[^/\s@]+$", "a URL without a path"), OfWebServer]
PROMETHEUS = Floor(
    mebibytes=128, reason="Prometheus keeps the metrics of the last two hours in memory"
)
VOLUME = Floor(
    mebibytes=256, reason="a segment of Prometheus' write-ahead log has 128Mi, and it keeps two"
)
# The keys that only our own Prometheus and Alertmanager can follow.
BUILTIN_KEYS = (
    "receiver",
    "retention",
    "retention_size",
    "size",
    "memory",
    "prometheus_url",
    "alertmanager_url",
)
# The part of its volume that Prometheus may fill. Compaction needs room for new blocks, and
# DiskFilling fires at 85 %.
FILLED = 0.8


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
    url: PrometheusUrl | None = Field(
        None,
        description="The URL at which Grafana reaches that Prometheus, such as "
        "`http://prometheus-operated.monitoring:9090`. Required if Grafana runs.",
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
    retention_size: Size | None = Field(
        None,
        description="How much of its volume Prometheus fills before it removes the oldest metrics. "
        "The default, and the most, is 80 % of `size`.",
    )
    size: Size = Field(
        "10Gi",
        description="The size of Prometheus' volume. An engine does not enforce it, but "
        "`retention_size` follows from it on both targets.",
    )
    memory: Memory = Field("512Mi", description="The memory limit of Prometheus.")
    receiver: Annotated[
        Receiver | None,
        BeforeValidator(none_written_out, json_schema_input_type=Literal["none"] | Receiver),
    ] = Field(
        None,
        description="Where alerts are sent. A stack with `production: true` needs receivers of "
        "critical alerts and warnings, or `none`, which says that Alertmanager only shows them.",
    )
    prometheus_url: LinkUrl | None = Field(
        None,
        description="The URL at which you open Prometheus, for the links in alerts. By default "
        "it is `http://127.0.0.1` with the published port on Docker, and with port 9090 on "
        "Kubernetes, where `kubectl port-forward` opens it.",
    )
    alertmanager_url: LinkUrl | None = Field(
        None,
        description="The same for Alertmanager, whose port is 9093 on Kubernetes.",
    )
    probes: Probes = Field(
        Probes(), description="How the platform is watched from outside in. Every route is probed."
    )
    runbook_base_url: Annotated[str, Shape(r"^(https?://\S+/)?$", "a URL that ends with `/`")] = (
        Field(
            "",
            description="The URL before `docs/runbooks/…` in alerts. It ends with `/`. By default "
            "it is the URL of Alertmanager, where the stack serves these pages. On Kubernetes a "
            "stack with `production: true` that sends alerts needs it, or `alertmanager_url`.",
        )
    )

    @property
    def stored(self) -> int:
        """The size of the metrics that Prometheus keeps, in MiB."""
        if self.retention_size:
            return mebibytes(self.retention_size)
        return self.most_stored

    @property
    def most_stored(self) -> int:
        """How much the volume can keep, in MiB."""
        return int(mebibytes(self.size) * FILLED)


def rules(settings: "Settings") -> Iterator[Problem]:
    observability = settings.observability
    yield from floor_rules("observability.memory", observability.memory, PROMETHEUS)
    yield from floor_rules("observability.size", observability.size, VOLUME)
    yield from probes.rules(settings)
    if observability.stored > observability.most_stored:
        yield Problem(
            path="observability.retention_size",
            found=repr(observability.retention_size),
            allowed=f"at most {observability.most_stored}Mi, which is 80 % of observability.size: "
            "on a full disk Prometheus stores nothing, and no alert can fire",
        )
    yield from receiver.rules(observability.receiver, settings.in_production)
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
    if (
        settings.target == "kubernetes"
        and settings.in_production
        and observability.receiver
        and not (observability.runbook_base_url or observability.alertmanager_url)
    ):
        yield Problem(
            path="observability.runbook_base_url",
            found="nothing",
            allowed="the URL at which you host the runbooks, or alertmanager_url, where the stack "
            "serves them: without both, alerts link to `http://127.0.0.1:9093/`, which opens only "
            "while kubectl forwards that port",
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
    if settings.in_production and not observability.runbook_base_url:
        yield Problem(
            path="observability.runbook_base_url",
            found="nothing",
            allowed="the URL at which you host the runbooks, which alerts link to: the stack runs "
            "no Alertmanager that could serve them",
        )
    if settings.has_grafana and observability.operator.url is None:
        yield Problem(
            path="observability.operator.url",
            found="null",
            allowed="the URL of the cluster's Prometheus for Grafana, or "
            "observability.grafana: false",
        )
