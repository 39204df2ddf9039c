"""PostgreSQL that the operator CloudNativePG runs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.settings.base import Model
from components.settings.images import ImageName
from components.settings.problems import Problem

if TYPE_CHECKING:
    from components.settings.stack import Settings

# The passwords that CloudNativePG reads itself, from Secrets with the keys `username` and
# `password`.
OPERATOR_PASSWORDS = ("postgres-password", "postgres-owner-password")


class PoolerSettings(Model):
    """PgBouncer, which serves many clients with few database connections."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:data:
            mode: cloudnative-pg
            backup: false             # or a bucket: `data.backup.offsite`
            pooler:
              instances: 3
              mode: transaction
    """

    instances: int = Field(2, ge=1, le=10, description="The number of poolers.")
    mode: Literal["session", "transaction"] = Field(
        "session",
        description="How long a client holds a connection. `transaction` serves more clients; it "
        "suits clients that keep no state in a session.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    if settings.target != "kubernetes":
        yield Problem(
            path="data.mode",
            found="'cloudnative-pg'",
            allowed="'builtin' or 'external': only target: kubernetes has operators",
        )
    images: tuple[ImageName, ...] = ("cloudnative-pg",)
    if settings.data.pooler:
        images += ("pgbouncer",)
    for image in images:
        if settings.images.catalogue == "debian" and image not in settings.images.references:
            yield Problem(
                path=f"images.references.{image}",
                allowed="an image for the operator, because the debian catalogue does not have one",
            )
    for name in OPERATOR_PASSWORDS:
        secret = settings.kubernetes.secrets.get(name)
        if secret and secret.key != "password":
            yield Problem(
                path=f"kubernetes.secrets.{name}.key",
                found=repr(secret.key),
                allowed="'password', beside a key 'username': the operator reads both",
            )
