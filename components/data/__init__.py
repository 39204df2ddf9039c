"""The data tier: PostgreSQL 15 and its exporter, an operator's cluster, or the user's server."""
