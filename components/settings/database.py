"""The database of a service."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import Model
from components.settings.shapes import Seconds, Shape


class Database(Model):
    """The database of a service: one of its own, or the platform's."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                database:              # its own database; `database: {}` is enough
                  connections: 10
                  statement_timeout: 60
                  extensions: [pg_trgm]
                env:
                  DATABASE_URL: ${database.url}
              charts:
                image: registry.example.com/acme/charts:0.9.0
                database:
                  shared: read-only    # the platform's own database
                env:
                  DATABASE_URL: ${database.url}
    """

    shared: Literal["application", "read-only"] | None = Field(
        None,
        description="Use the platform's own database instead, with the rights of its application "
        "or read-only. By default the service has a database of its own, in which it may create "
        "tables.",
    )
    connections: int = Field(
        5,
        ge=1,
        le=100,
        description="The number of connections that each replica opens at most. The sum of all "
        "services must fit `data.max_connections`. `${database.connections}` passes it to the "
        "service.",
    )
    statement_timeout: Seconds | None = Field(
        None,
        description="The seconds after which the server cancels a statement. By default there is "
        "no limit. Only for a database of its own.",
    )
    idle_in_transaction_timeout: Seconds | None = Field(
        60,
        description="The seconds after which the server closes a connection that is idle inside a "
        "transaction; null for no limit. Only for a database of its own.",
    )
    extensions: list[Annotated[str, Shape(r"^[a-z0-9_-]{1,63}$", "an extension's name")]] = Field(
        default_factory=list,
        description="PostgreSQL extensions that the database has. Only for a database of its own.",
    )
    login: Literal["a", "b"] = Field(
        "a",
        description="Which of the database's two login roles the service uses. A password changes "
        "without downtime by changing from one to the other. Only for a database of its own.",
    )
