"""What the database and the cache have in common when a server outside the platform runs them."""

from collections.abc import Iterator

from pydantic import Field, SecretStr

from components.settings.addresses import Server
from components.settings.outside import OutsideAddresses
from components.settings.problems import Problem


class ExternalServer(OutsideAddresses):
    """A server that the platform does not run."""

    host: Server = Field(description="The server's DNS name or IPv4 address.")
    user: str = Field(description="The user name that the API services log in with.")
    password: SecretStr | None = Field(
        None,
        description="The password of `user`. Set it with `--secret`, or name a Secret that "
        "contains it in `kubernetes.secrets`.",
    )


def rules(section: str, mode: str, server: ExternalServer | None) -> Iterator[Problem]:
    """The mode `external` requires an external server, and the server requires the mode."""
    if mode == "external" and server is None:
        yield Problem(
            path=f"{section}.external", allowed=f"a server, because {section}.mode is external"
        )
    if mode != "external" and server is not None:
        yield Problem(
            path=f"{section}.mode",
            found=repr(mode),
            allowed=f"'external', because {section}.external is set",
        )
