"""Moments: seconds since 1970 inside, and UTC in ISO 8601 outside."""

from datetime import UTC, datetime

from backup.errors import BackupError


def text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def optional_text(moment: float | None) -> str | None:
    return None if moment is None else text(moment)


def parsed(value: str) -> float:
    """A moment such as `2026-11-24 21:00:00`; UTC where it names no other zone."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise BackupError(
            f"`{value}` is not a time; write UTC in ISO 8601, such as 2026-11-24 21:00:00"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
