"""A server that this program does not run."""

from pydantic import Field, SecretStr

from components.settings.model import Model
from components.settings.values import Cidr, Server


class ExternalServer(Model):
    """A server that this program does not run."""

    host: Server = Field(description="Its DNS name or address.")
    user: str = Field(description="The user that the API services log in as.")
    password: SecretStr | None = Field(
        None,
        description="That user's password. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )
    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="Address ranges that it answers from."
    )
