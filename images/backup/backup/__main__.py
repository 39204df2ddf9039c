"""The command `backup`. Exit status: 0 well, 1 not well, 2 wrong use."""

import argparse
import json
import logging
import sys
import time
from contextlib import nullcontext
from typing import Any

from backup import adoption, base_backup, context, drill, lock, logs, moments, restore, web
from backup.context import Context
from backup.errors import BackupError
from backup.offsite import backups as offsite
from backup.offsite import files_main, listing
from backup.serve import Service
from backup.status import STOPPED, document, status

ALONE = ("now", "recover", "open", "drill", "verify", "adopt", "discard")
"""The commands of which only one runs at a time."""


def serve(found: Context, _: argparse.Namespace) -> None:
    Service(found).run()


def now(found: Context, _: argparse.Namespace) -> dict[str, Any]:
    backup = base_backup.now(found)
    assert backup.begin is not None
    assert backup.end is not None
    return {
        "id": backup.id,
        "begin": moments.text(backup.begin),
        "end": moments.text(backup.end),
        "seconds": backup.end - backup.begin,
        "size": backup.size,
        "wal": backup.end_wal,
    }


def shown(found: Context, options: argparse.Namespace) -> dict[str, Any]:
    if options.source:
        return listing.document(found)
    answer = web.ask()
    if answer is None:
        answer = document(status(found, STOPPED))
    return answer


def recover(found: Context, options: argparse.Namespace) -> dict[str, Any]:
    run = restore.recover_offsite if options.source else restore.recover
    return run(found, options.at, options.backup, closed=options.closed)


def opened(found: Context, _: argparse.Namespace) -> dict[str, Any]:
    return restore.open_server(found)


def adopt(found: Context, _: argparse.Namespace) -> dict[str, Any]:
    return adoption.adopt(found)


def rehearse(found: Context, _: argparse.Namespace) -> dict[str, Any]:
    return drill.drill(found)


def verify(found: Context, options: argparse.Namespace) -> dict[str, Any]:
    return drill.verify(found, options.id)


def discard(found: Context, _: argparse.Namespace) -> dict[str, Any]:
    restore.give_up(found)
    return {}


def send(found: Context, options: argparse.Namespace) -> dict[str, Any]:
    copies = offsite.Copies(found)
    if options.check:
        copies.check()
    elif options.repair:
        copies.repair()
    else:
        copies.run(adopt=options.adopt)
    return {"complete": moments.optional_text(copies.state.complete)}


def past(value: str) -> float:
    try:
        moment = moments.parsed(value)
    except BackupError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if moment > time.time():
        raise argparse.ArgumentTypeError(f"`{value}` is in the future")
    return moment


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="backup", description="Backups of a PostgreSQL server.")
    commands = top.add_subparsers(dest="command", required=True)

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--json", action="store_true", help="print JSON")
        one.add_argument(
            "--wait",
            type=float,
            default=lock.WAIT_SECONDS,
            metavar="SECONDS",
            help="how long to wait for another command that runs (%(default)g)",
        )
        one.set_defaults(run=run, alone=name in ALONE)
        return one

    command("serve", serve, "receive WAL, run what is scheduled, and serve metrics")
    command("now", now, "make a base backup")
    listing = command("list", shown, "list the backups and the state of everything")
    recovering = command("recover", recover, "recover data and start a server on it")
    target = recovering.add_mutually_exclusive_group()
    target.add_argument("--at", metavar="TIME", type=past, help="the state at this moment, in UTC")
    target.add_argument("--backup", metavar="ID", help="the state at the end of this backup")
    recovering.add_argument(
        "--closed", action="store_true", help="open no server before `backup open`"
    )
    command("open", opened, "start a server on data that is already recovered")
    command("drill", rehearse, "restore the newest backup into a scratch server and compare")
    verifying = command("verify", verify, "check the files of a backup")
    verifying.add_argument("id", metavar="ID")
    command("adopt", adopt, "go on with a server that has another system identifier")
    for one in (listing, recovering):
        one.add_argument(
            "--from", dest="source", choices=["offsite"], help="what the bucket has, not the volume"
        )
    sending = command("offsite", send, "send the backups to the bucket now")
    instead = sending.add_mutually_exclusive_group()
    instead.add_argument(
        "--adopt", action="store_true", help="beside the backups of another server in the bucket"
    )
    instead.add_argument("--check", action="store_true", help="prove all that the bucket has")
    instead.add_argument("--repair", action="store_true", help="send again what is damaged there")
    command("discard", discard, "end the server of `recover` and remove its data")
    return top


def text(answer: object, indent: str = "") -> str:
    """An answer for people: one value per line."""
    if isinstance(answer, dict):
        lines = []
        for key, value in answer.items():
            nested = isinstance(value, dict | list) and value
            shown = f"\n{text(value, indent + '  ')}" if nested else f" {_plain(value)}"
            lines.append(f"{indent}{key}:{shown}")
        return "\n".join(lines)
    if isinstance(answer, list):
        return "\n".join(
            indent + "  ".join(f"{key} {_plain(value)}" for key, value in row.items())
            for row in answer
        )
    return f"{indent}{_plain(answer)}"


def _plain(value: object) -> str:
    return "-" if value in (None, [], {}) else str(value)


def main() -> int:
    if sys.argv[1:2] == ["files"]:
        return files_main.main(sys.argv[2:])
    options = parser().parse_args()
    logs.configure(logging.INFO if options.command == "serve" else logging.WARNING)
    try:
        found = context.load()
        with (
            lock.only(found.layout.lock, options.command, wait=options.wait)
            if options.alone
            else nullcontext()
        ):
            answer = options.run(found, options)
    except (BackupError, OSError) as error:
        print(f"backup {options.command}: {error}", file=sys.stderr)
        return 1
    if answer is not None:
        print(json.dumps(answer) if options.json else text(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
