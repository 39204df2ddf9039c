"""Move the databases of a stack to another major version of PostgreSQL."""

from operations.upgrade.verb import upgrade_database as upgrade_database
