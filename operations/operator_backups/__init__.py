"""The backups of a cluster that CloudNativePG runs: what the verbs do with the operator's objects.

The operator makes backups and restores them itself. The verbs ask it, and say what it says.
"""

from components.settings import Settings


def makes(settings: Settings) -> bool:
    """Whether the operator makes the backups of a stack."""
    return settings.data.mode == "cloudnative-pg" and settings.data.backup is not None
