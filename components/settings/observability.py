"""Monitoring: where alerts go, and whose Prometheus watches."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from components.settings.model import Model
from components.settings.values import (
    HostAndPort,
    Label,
    LabelKey,
    Memory,
    Namespace,
    Port,
    Shape,
    Size,
    WebUrl,
)


class Webhook(Model):
    """Alerts are posted to a URL."""

    url: WebUrl | None = Field(
        None,
        description="The URL. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )
    port: Port | None = Field(
        None, description="The URL's port; none takes it from `url`, or 443 where a Secret has it."
    )


class Mail(Model):
    """Alerts are sent by mail."""

    to: str = Field(description="Who gets them.")
    sender: str = Field(description="Who they come from.")
    smarthost: HostAndPort = Field(description="Mail server, as `host:port`.")
    user: str | None = Field(None, description="User name at the mail server.")
    password: SecretStr | None = Field(
        None,
        description="Its password. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )


class Receiver(Model):
    """Where alerts go: one of these; none keeps them in Alertmanager."""

    webhook: Webhook | None = Field(None, description="Post them to a URL.")
    mail: Mail | None = Field(None, description="Send them by mail.")


class OperatorOfPrometheus(Model):
    """The Prometheus that a cluster's Prometheus Operator runs, with `mode: operator`."""

    labels: dict[LabelKey, Label] = Field(
        default_factory=dict,
        description="Labels by which it finds PodMonitors and PrometheusRules, such as "
        "`release: kube-prometheus-stack`.",
    )
    namespace: Namespace = Field(
        "monitoring", description="Its namespace, which is let in to the ports with figures."
    )
    url: Annotated[str, Shape(r"^https?://[^/\s@]+$", "a URL without a path")] | None = Field(
        None,
        description="Where Grafana finds it, such as `http://prometheus-operated.monitoring:9090`. "
        "Required with `grafana`.",
    )


class Observability(Model):
    """Prometheus, Alertmanager, Grafana and the exporters."""

    mode: Literal["builtin", "operator"] = Field(
        "builtin",
        description="`builtin` runs Prometheus and Alertmanager; `operator` gives a cluster that "
        "runs Prometheus Operator the same jobs and rules, and its Alertmanager the alerts.",
    )
    operator: OperatorOfPrometheus = Field(
        OperatorOfPrometheus(), description="The cluster's Prometheus, with `mode: operator`."
    )
    grafana: bool = Field(
        True, description="Run Grafana. The `debian` catalogue has no image of it."
    )
    retention: Annotated[
        str,
        Shape(r"^[1-9]\d{0,5}[hdwy]$", "a number of hours, days, weeks or years: `200h`, `30d`"),
    ] = Field("200h", description="How long Prometheus keeps figures.")
    size: Size = Field("10Gi", description="Size of Prometheus' volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="Memory limit of Prometheus.")
    receiver: Receiver = Field(Receiver(), description="Where alerts go.")
    runbook_base_url: Annotated[str, Shape(r"^(https?://\S+/)?$", "a URL that ends with `/`")] = (
        Field(
            "",
            description="Put before `docs/runbooks/…` in alerts; ends with `/`.",
        )
    )
