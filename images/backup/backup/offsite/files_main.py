"""`backup files`: beside a service, what copies and restores its files; in the backup part, what is
asked for. Exit status: 0 well, 1 not well, 2 wrong use."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from backup import config as configuration
from backup import layout, logs, moments, web
from backup.errors import BackupError
from backup.layout import Layout
from backup.offsite import bring_back, files, requests, restic
from backup.offsite.files import Copies
from backup.offsite.restic import Snapshot
from backup.schedules import Schedule, longest_gap

PORT = 9748
PREFIX = "platform_files_offsite_"

log = logging.getLogger(__name__)


def serve(_: argparse.Namespace) -> None:
    """Copy on the schedule, and once at the start: a pod that moved may have missed some."""
    config = files.load()
    copies = Copies(config)
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()
        restic.interrupt()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    gap = longest_gap(config.offsite.schedule)
    web.serve(lambda: list(_gauges(copies, gap)), port=PORT)
    schedule = Schedule()
    schedule.add("files", config.offsite.schedule, lambda: _run(copies))
    schedule.start()
    _run(copies)
    stop.wait()
    schedule.stop()


def now(options: argparse.Namespace) -> dict[str, Any]:
    copies = Copies(files.load())
    if options.repair:
        copies.repair()
    copies.run(keep=False, adopt=options.adopt)
    return {"at": moments.text(copies.complete or 0)}


def restore(_: argparse.Namespace) -> None:
    bring_back.run(files.load())


def state(_: argparse.Namespace) -> dict[str, Any]:
    volumes = files.load().volumes
    return {"restored": {name: bring_back.last(path) for name, path in volumes.items()}}


def shown(options: argparse.Namespace) -> dict[str, Any]:
    repository = requests.repository(_bucket(), options.service)
    volumes = requests.copies(repository)
    return {
        "copies": [
            _copy(volume, one) for volume, copies in volumes.items() for one in reversed(copies)
        ]
    }


def request(options: argparse.Namespace) -> dict[str, Any]:
    at = datetime.fromtimestamp(moments.parsed(options.at), UTC) if options.at else None
    chosen = requests.choose(_bucket(), options.service, at)
    shown = {"copies": [_copy(name, one) for name, one in chosen.items()]}
    if options.preview:
        return shown
    places = Layout(directory=configuration.load().directory)
    return {**shown, "id": requests.write(places, options.service, chosen).id}


def discard(options: argparse.Namespace) -> dict[str, Any]:
    requests.discard(Layout(directory=configuration.load().directory), options.service)
    return {}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="backup files", description="Files of services.")
    commands = top.add_subparsers(dest="command", required=True)

    def command(
        name: str, run: Any, text: str, *, service: bool = False
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--json", action="store_true", help="print JSON")
        if service:
            one.add_argument("service", help="the name of the service")
        one.set_defaults(run=run)
        return one

    command("serve", serve, "copy the volumes of a service on a schedule, and serve metrics")
    copying = command("now", now, "copy the volumes of a service now")
    way = copying.add_mutually_exclusive_group()
    way.add_argument("--adopt", action="store_true", help="beside copies of another volume")
    way.add_argument("--repair", action="store_true", help="also what the bucket has damaged")
    command("restore", restore, "bring back what is requested, before the service starts")
    command("state", state, "say which request each volume was restored for last")
    command("list", shown, "list the copies in the bucket", service=True)
    asking = command("request", request, "ask for a copy at the next start", service=True)
    asking.add_argument("--at", metavar="TIME", help="the newest copy of this moment, in UTC")
    asking.add_argument("--preview", action="store_true", help="only say which copy that is")
    command("discard", discard, "withdraw what was asked for", service=True)
    return top


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    logs.configure(logging.INFO if options.command in ("serve", "restore") else logging.WARNING)
    layout.SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        answer = options.run(options)
    except BackupError as error:
        print(f"backup files {options.command}: {error}", file=sys.stderr)
        return 1
    if answer is not None:
        print(json.dumps(answer, indent=None if options.json else 2))
    return 0


def _run(copies: Copies) -> None:
    try:
        copies.run()
    except BackupError:
        pass  # it is logged, and the metrics say it
    except Exception:
        log.exception("the copy failed")


def _bucket() -> configuration.OffsiteConfig:
    bucket = configuration.load().offsite
    if bucket is None:
        raise BackupError("this stack has no bucket: data.backup.offsite is not set")
    return bucket


def _copy(volume: str, snapshot: Snapshot) -> dict[str, Any]:
    return {"volume": volume, "at": moments.text(snapshot.time.timestamp()), "id": snapshot.id}


def _gauges(copies: Copies, gap: float) -> Iterator[Metric]:
    result = copies.result
    if copies.complete is not None:
        yield GaugeMetricFamily(
            f"{PREFIX}timestamp_seconds",
            "The bucket has everything up to then.",
            value=copies.complete,
        )
    if result is not None:
        yield GaugeMetricFamily(
            f"{PREFIX}success", "Whether the last copy succeeded.", value=float(result.ok)
        )
    expected = GaugeMetricFamily(
        "platform_backup_expected_interval_seconds",
        "The longest gap of the schedule.",
        labels=["what"],
    )
    expected.add_metric(["offsite"], gap)
    yield expected
