"""What is shown and measured, also where something cannot be read."""

import json
import socket
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import metrics, restore, volume, web
from backup.backups import Backup, Backups
from backup.context import Context
from backup.layout import Layout
from backup.records import RecordsFile
from backup.status import STOPPED, Status, document, status


@pytest.fixture
def part(places: Layout) -> Context:
    records, backups = RecordsFile(places.records), Backups(places)
    return cast(Context, SimpleNamespace(layout=places, records=records, backups=backups))


def figures(found: Status) -> dict[str, float]:
    prefix = len(metrics.PREFIX)
    return {
        sample.name[prefix:]: sample.value
        for metric in metrics.gauges(found, {})
        for sample in metric.samples
    }


def test_backups_of_a_server_that_was_given_up_do_not_count(part: Context) -> None:
    part.records.set(system="8")
    old = Backup(id="1", system="7", state="done", begin=1.0, end=2.0, size=3)
    cast(Any, part).backups = SimpleNamespace(all=lambda: [old])
    assert figures(status(part, STOPPED))["count"] == 0
    part.records.set(system="7")
    assert figures(status(part, STOPPED))["count"] == 1


@pytest.mark.parametrize("text", ["{", '{"id": 1, "other": 2}'])
def test_a_note_of_a_restore_that_cannot_be_read_hides_no_other_figure(
    part: Context, text: str
) -> None:
    part.layout.restore.mkdir()
    (part.layout.restore / "restore.json").write_text(text)
    assert restore.current(part.layout) is None
    found = status(part, STOPPED)
    assert document(found)["restore"] is None
    assert figures(found)["volume_size_bytes"] > 0


def test_what_cannot_be_read_is_left_out(part: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise OSError("Input/output error")

    monkeypatch.setattr(volume, "room", fail)
    cast(Any, part).backups = SimpleNamespace(all=fail)
    found = figures(status(part, STOPPED))
    assert "volume_size_bytes" not in found
    assert "count" not in found
    assert found["wal_streaming"] == 0
    assert json.dumps(document(status(part, STOPPED)))


@pytest.fixture
def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_failure_is_an_answer(free_port: int) -> None:
    def fail() -> Any:
        raise KeyError("slot")

    web.serve(fail, fail, port=free_port)
    for path in ("/metrics", "/status.json"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{free_port}{path}")
        assert caught.value.code == 500
        assert caught.value.read() == b"KeyError: 'slot'\n"
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz") as response:
        assert response.read() == b"well\n"
