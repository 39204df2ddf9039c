"""What a repair of the bucket removes from it."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup.config import OffsiteConfig
from backup.context import Context
from backup.engine import Catalogue
from backup.layout import Layout
from backup.offsite import objects
from backup.offsite.backups import Copies
from backup.offsite.restic import SUSPECT, OffsiteError, Repository
from backup.records import RecordsFile

WHOLE, LOST = (hashlib.sha256(content).hexdigest() for content in (b"whole", b"lost"))
CHANGED = hashlib.sha256(b"as it was sent").hexdigest()


@dataclass
class Bucket:
    """A server with objects by their ids; `cut` is how many bytes of a content it leaves out."""

    content: dict[str, bytes]
    cut: int = 0
    port: int = 0
    removed: list[str] = field(default_factory=list)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    bucket = Bucket(content={WHOLE: b"whole", CHANGED: b"as it is"})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = bucket.content.get(self.path.rpartition("/")[2])
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write((content or b"")[bucket.cut :])

        def do_DELETE(self) -> None:
            bucket.removed.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bucket.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield bucket
        server.shutdown()


def config(folder: Path, bucket: Bucket) -> OffsiteConfig:
    (folder / "key").write_text("key\n")
    return OffsiteConfig(
        repository=f"s3:http://127.0.0.1:{bucket.port}/acme/prod/backups",
        region=None,
        access_key_file=folder / "key",
        secret_key_file=folder / "key",
        passphrase_file=folder / "key",
        ca_file=None,
        schedule="*/10 * * * *",
    )


def test_a_repair_removes_only_an_object_whose_content_is_not_what_its_name_says(
    tmp_path: Path,
    places: Layout,
    catalogue: Catalogue,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check also names a whole object of which a download failed."""
    said = f"pack {WHOLE} contains 1 errors: partial download\npack {LOST}: no such object\n"
    said += f"Pack ID does not match, want {CHANGED}, got {'0' * 64}"
    found = sorted(SUSPECT.findall(said))
    assert found == sorted([WHOLE, LOST, CHANGED])
    monkeypatch.setattr(Repository, "suspects", lambda self: found)
    monkeypatch.setattr(Repository, "run", lambda *_, **__: '{"data_added": 1}')
    records = RecordsFile(places.records)
    records.set(system=catalogue.system)
    settings = SimpleNamespace(offsite=config(tmp_path, bucket), retention=SimpleNamespace(days=7))
    context = Context(
        config=cast(Any, settings),
        layout=places,
        server=cast(Any, None),
        records=records,
        backups=cast(Any, None),
    )
    Copies(context).repair()
    assert bucket.removed == [f"/acme/prod/backups/data/{CHANGED[:2]}/{CHANGED}"]


def test_a_download_that_ends_early_says_nothing_about_the_object(
    tmp_path: Path, bucket: Bucket
) -> None:
    place = config(tmp_path, bucket)
    assert objects.digest(place, f"data/{WHOLE}") == WHOLE
    bucket.cut = 1
    with pytest.raises(OffsiteError, match=r"GET of data/.* failed"):
        objects.digest(place, f"data/{WHOLE}")
