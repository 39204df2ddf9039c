"""The figures for Prometheus. A figure that is not known has no series."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from backup.records import Outcome
from backup.status import Status

PREFIX = "platform_backup_"


def gauges(found: Status, intervals: Mapping[str, float]) -> Iterator[Metric]:
    for name, help_text, value in _figures(found):
        if value is not None:
            yield GaugeMetricFamily(PREFIX + name, help_text, value=float(value))
    expected = GaugeMetricFamily(
        f"{PREFIX}expected_interval_seconds", "The longest gap of the schedule.", labels=["what"]
    )
    for what, seconds in intervals.items():
        expected.add_metric([what], seconds)
    yield expected


def _figures(found: Status) -> Iterator[tuple[str, str, float | None]]:
    records, archiving = found.records, found.archiving
    newest, drill, offsite = found.newest, records.drill, records.offsite
    position = archiving.position
    slot = position.slot if position else None
    verified = [
        one.begin for one in found.backups or () if one.begin and one.id in records.verified
    ]
    yield "newest_timestamp_seconds", "End of the newest backup.", newest.end if newest else None
    yield "newest_size_bytes", "Size of the newest backup.", newest.size if newest else None
    yield (
        "newest_duration_seconds",
        "How long the newest backup took.",
        newest.end - newest.begin if newest and newest.end and newest.begin else None,
    )
    yield "count", "Complete backups of the server that is archived.", found.count
    yield "last_attempt_success", "Whether the last base backup succeeded.", _ok(records.attempt)
    yield "wal_streaming", "Whether WAL is received.", archiving.state == "streaming"
    yield (
        "wal_caught_up_timestamp_seconds",
        "All WAL up to this moment is here.",
        archiving.caught_up,
    )
    yield "wal_lag_bytes", "WAL of the server that is not here yet.", archiving.lag_bytes
    yield (
        "other_system",
        "Whether archiving waits because the server has another system identifier.",
        archiving.other_system,
    )
    yield (
        "slot_retained_bytes",
        "WAL that the slot holds back.",
        slot.retained_bytes if slot else None,
    )
    yield (
        "slot_limit_bytes",
        "The most that it may hold back.",
        position.slot_limit if position else None,
    )
    yield (
        "slot_lost",
        "Whether the server gave up the slot's WAL since the newest backup.",
        records.slot_lost or bool(slot and slot.lost),
    )
    room = found.room
    yield "volume_size_bytes", "Size of the backup volume.", room.size if room else None
    yield "volume_available_bytes", "Room left in the volume.", room.available if room else None
    yield "drill_timestamp_seconds", "End of the last drill.", drill.at if drill else None
    yield "drill_success", "Whether the last drill succeeded.", _ok(drill)
    yield (
        "drill_duration_seconds",
        "How long the last drill took.",
        drill.seconds if drill else None,
    )
    yield (
        "drill_databases_left_out",
        "Databases that the last drill did not compare.",
        drill.databases_left_out if drill else None,
    )
    yield (
        "verified_timestamp_seconds",
        "Begin of the newest verified backup.",
        max(verified, default=None),
    )
    yield (
        "offsite_timestamp_seconds",
        "What is offsite is complete up to then.",
        found.offsite_complete,
    )
    yield "offsite_success", "Whether the last upload succeeded.", _ok(offsite)
    restoring = found.restore is not None or found.restore_begun
    yield "restore_open", "Whether a restore has begun and has not ended.", restoring


def _ok(outcome: Outcome | None) -> bool | None:
    return outcome.ok if outcome else None
