"""Where alerts are sent."""

from collections.abc import Iterator

from pydantic import Field, SecretStr

from components.settings.addresses import HostAndPort, MailAddress, PortNumber, WebUrl
from components.settings.base import Model
from components.settings.problems import Problem


class Webhook(Model):
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


class Mail(Model):
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
    """

    to: MailAddress = Field(description="The recipient's address.")
    sender: MailAddress = Field(description="The sender's address.")
    smarthost: HostAndPort = Field(description="The mail server, as `host:port`.")
    user: str | None = Field(None, description="The user name at the mail server.")
    password: SecretStr | None = Field(
        None,
        description="The password of `user`. Set it with `--secret`, or name a Secret that "
        "contains it in `kubernetes.secrets`.",
    )


class Receiver(Model):
    """Where alerts are sent: `webhook` or `mail`."""

    EXAMPLE = """
        config:
          ai-platform:observability:
            receiver:
              mail:
                to: on-call@example.com
                sender: ai-platform@example.com
                smarthost: mail.example.com:25
    """

    webhook: Webhook | None = Field(None, description="Post alerts to a URL.")
    mail: Mail | None = Field(None, description="Send alerts by mail.")


def rules(receiver: Receiver) -> Iterator[Problem]:
    if receiver.webhook and receiver.mail:
        yield Problem(
            path="observability.receiver", found="both", allowed="either `webhook` or `mail`"
        )
