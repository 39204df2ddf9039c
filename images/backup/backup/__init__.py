"""Backups of a PostgreSQL server: base backups and its WAL by Barman, restores, and drills."""
