"""Where alerts are sent."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from components.settings.addresses import HostAndPort, MailAddress, MailSender, PortNumber, WebUrl
from components.settings.base import Model
from components.settings.outside import OutsideAddresses
from components.settings.problems import Problem
from components.settings.shapes import none_written_out

PATH = "observability.receiver"
# The receivers that Alertmanager's routes name. Each of the last three has its own key.
DEFAULT, WATCHDOG = "default", "watchdog"
OWN = ("critical", "warning", WATCHDOG)


class Webhook(OutsideAddresses):
    """A URL that alerts are posted to."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            receiver:
              webhook:
                # pulumi config set --secret --path \\
                #   'ai-platform:observability.receiver.webhook.url'
                url:
                  secure: v1:7bq9mX3TzQ0=:cK4w
                cidrs: [203.0.113.0/24]   # required on Kubernetes
    """

    url: WebUrl | None = Field(
        None,
        description="The URL. Set it with `--secret`, or name a Secret that contains it in "
        "`kubernetes.secrets`.",
    )
    port: PortNumber | None = Field(
        None,
        description="The URL's port. By default it is taken from `url`, or is 443 if a Secret "
        "contains the URL.",
    )


class Mail(OutsideAddresses):
    """Addresses and a mail server for alerts."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            receiver:
              mail:
                to: on-call@example.com
                sender: ai-platform@example.com
                smarthost: mail.example.com:587
                user: ai-platform
                # pulumi config set --secret --path \\
                #   'ai-platform:observability.receiver.mail.password'
                password:
                  secure: v1:Qm1rR5d8hCw=:x0Zt
                cidrs: [10.20.0.25/32]    # required on Kubernetes
    """

    to: MailAddress = Field(description="The recipient's address, or several with commas.")
    sender: MailSender = Field(description="The sender's address.")
    smarthost: HostAndPort = Field(description="The mail server, as `host:port`.")
    user: str | None = Field(None, description="The user name at the mail server.")
    require_tls: bool = Field(
        True,
        description="Whether the mail server must offer TLS (STARTTLS). `false` also sends "
        "alerts to a server that does not, in plain text.",
    )
    password: SecretStr | None = Field(
        None,
        description="The password of `user`. Set it with `--secret`, or name a Secret that "
        "contains it in `kubernetes.secrets`.",
    )


class Channels(Model):
    """How alerts reach people or a service: a webhook, mail, or both."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            receiver:
              warning:
                mail:
                  to: team@example.com
                  sender: ai-platform@example.com
                  smarthost: mail.example.com:25
    """

    webhook: Webhook | None = Field(None, description="Post the alerts to a URL.")
    mail: Mail | None = Field(None, description="Send the alerts by mail.")

    @property
    def reach_somebody(self) -> bool:
        return bool(self.webhook or self.mail)


class Receiver(Channels):
    """Where alerts are sent: `webhook` and `mail` get every alert that no other key takes."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            receiver:
              mail:                       # warnings
                to: team@example.com
                sender: ai-platform@example.com
                smarthost: mail.example.com:25
              critical:                   # to a pager, instead of `mail`
                webhook:
                  # pulumi config set --secret --path \\
                  #   'ai-platform:observability.receiver.critical.webhook.url'
                  url:
                    secure: v1:7bq9mX3TzQ0=:cK4w
              watchdog:                   # to a service that notices when this stops
                webhook:
                  url:
                    secure: v1:b0c7Yw0sNq4=:9dFe
    """

    critical: Channels | None = Field(
        None, description="Where critical alerts are sent, instead of `webhook` and `mail`."
    )
    warning: Annotated[
        Channels | None,
        BeforeValidator(none_written_out, json_schema_input_type=Literal["none"] | Channels),
    ] = Field(
        None,
        description="Where warnings are sent, instead of `webhook` and `mail`; `none` sends them "
        "to nobody.",
    )
    watchdog: Channels | None = Field(
        None,
        description="A dead man's switch: it gets the alert `Watchdog` every 5 minutes for as long "
        "as alerting works. Name a service that raises an alarm when this stops.",
    )

    @property
    def inheriting(self) -> Collection[str]:
        """The severities whose alerts `webhook` and `mail` get."""
        critical = {"critical"} if self.critical is None else set()
        return critical | ({"warning"} - self.model_fields_set)

    @property
    def by_name(self) -> Mapping[str, Channels]:
        """The channels that the settings name, by the name of Alertmanager's receiver."""
        own = {name: getattr(self, name) for name in OWN}
        everything = {DEFAULT: self} if self.reach_somebody else {}
        return {**everything, **{name: channels for name, channels in own.items() if channels}}


def path(name: str) -> str:
    """The dotted path of the settings of a receiver."""
    return PATH if name == DEFAULT else f"{PATH}.{name}"


def alert_name(name: str, part: str) -> str:
    """The name of a receiver's secret or server, such as `alert-critical-webhook-url`."""
    return f"alert-{part}" if name == DEFAULT else f"alert-{name}-{part}"


def rules(receiver: Receiver | None, in_production: bool) -> Iterator[Problem]:
    """`None` is the receiver `none`."""
    if receiver is None:
        return
    for name in receiver.by_name or (DEFAULT,):
        channels = receiver.by_name.get(name)
        if not channels or not channels.reach_somebody:
            yield Problem(
                path=path(name),
                found="neither",
                allowed="`webhook`, `mail` or both" + (", or `none`" if name == DEFAULT else ""),
            )
        if channels and channels.mail and channels.mail.password and not channels.mail.user:
            yield Problem(
                path=f"{path(name)}.mail.user",
                found="nothing",
                allowed="the user whose `password` it is; without one Alertmanager does not log in",
            )
    if not in_production or not receiver.by_name or DEFAULT in receiver.by_name:
        return
    missing = sorted(receiver.inheriting)
    if missing:
        everything = "a `webhook` or `mail` for all alerts"
        nobody = "; `warning: none` says that nobody is told about warnings"
        yield Problem(
            path=PATH,
            found=", ".join(f"`{name}`" for name in receiver.by_name),
            allowed=f"also {' and '.join(f'`{name}`' for name in missing)}, or {everything}, "
            f"because people depend on a stack with production: true{nobody}",
        )
