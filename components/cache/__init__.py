"""The cache tier: Redis 7 and its exporter, or the user's server."""
