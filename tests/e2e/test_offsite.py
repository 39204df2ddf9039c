"""The machine is gone: a new, empty stack gets the databases and the files from the bucket alone.

Both stacks have the tiers of data and of the API, with one service that owns a volume.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from components.images import ENTRIES
from operations import backups, docker_stack, stack_file
from operations.inside import EngineContainer
from operations.restore import restore
from operations.restore_files import restore_files
from operations.workspace import Workspace
from tests.e2e import bucket
from tests.e2e.bucket import BucketServer, Keys
from tests.e2e.stack import Stack, eventually, free_ports, output_of, temporary_stack

KEYS = Keys(access="e2e-access", secret="e2e-secret-key")
PROGRAM = """
import json

import pulumi

from components.api import ApiTier
from components.cache.tier import CacheTier
from components.catalogue import Catalogue
from components.data.tier import DataTier
from components.secrets import Secrets
from components.settings import Settings
from components.targets import select

config = {
    key.partition(":")[2]: json.loads(value) if value.startswith("{") else value
    for key, value in pulumi.runtime.get_config_env().items()
}
settings = Settings.model_validate(config)
catalogue = Catalogue(settings)
data = DataTier(settings, catalogue)
cache = CacheTier(settings, catalogue)
api = ApiTier(settings, catalogue, data.connections, cache.connection)
target = select(settings, catalogue, Secrets(settings))
pulumi.export("endpoints", target.run([data, api]).endpoints)
"""
# A service that writes before it serves, as one with a database file of its own does.
STARTS = "date > /notes/started; exec python3 -m http.server 8000"
ROWS = "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number"


@pytest.fixture
def server() -> Iterator[BucketServer]:
    server = bucket.start_on_host(free_ports(("bucket",))["bucket"], KEYS)
    yield server
    docker_stack.docker("rm", "--force", "--volumes", server.container.id)


@contextmanager
def stack_with(server: BucketServer, name: str) -> Iterator[Stack]:
    """A running stack with the bucket, and with its keys and the passphrase as secrets."""
    with temporary_stack(name) as stack:
        (stack.tree / "__main__.py").write_text(PROGRAM)
        debian = stack.settings["images"].get("catalogue") == "debian"
        python = ENTRIES["python"]
        notes = {
            "image": python.debian if debian else python.official,
            "command": ["sh", "-c", STARTS],
            "health": "/",
            "metrics": None,
            "data_volume": {"path": "/notes"},
        }
        stack.settings |= {
            "docker": {"ports": free_ports(("notes",))},
            "api": {"services": {"backend": None, "decision": None, "notes": notes}},
            "web": {"routes": {"/api/": None}},
        }
        bucket.give(stack, server, KEYS)
        bucket.run(stack, "up", "--yes", "--skip-preview")
        yield stack


def sql(stack: Stack, query: str) -> str:
    command = ("psql", "-qAtX", "-U", "postgres", "-d", "platform", "-c", query)
    result = stack.inside("postgres", *command)
    assert result.returncode == 0, output_of(result)
    return result.stdout.strip()


def part(stack: Stack) -> EngineContainer:
    settings = stack_file.settings(stack.workspace)
    inside = backups.part(stack.workspace, settings)
    assert isinstance(inside, EngineContainer)
    return inside


def backed_up(stack: Stack) -> bool:
    state = backups.read(part(stack))
    return state.newest is not None and state.archiving.state == "streaming"


def test_a_new_empty_stack_gets_databases_and_files_from_the_bucket_alone(
    server: BucketServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stack_with(server, "e2e-offsite-old") as old:
        sql(old, ROWS)
        old.inside("notes", "sh", "-c", "echo kept > /notes/note; mkdir /notes/sub")
        eventually(lambda: backed_up(old), 90)
        written = time.time()
        eventually(lambda: sent_since(old, written), 60, interval=2)
        copied = old.inside("notes-files", "backup", "files", "now", "--json")
        assert copied.returncode == 0, output_of(copied)
    # Its containers, volumes and state are gone.

    with stack_with(server, "e2e-offsite-new") as new:
        monkeypatch.setattr(Workspace, "of", lambda name: new.workspace)
        eventually(lambda: backed_up(new), 90)
        assert sql(new, "SELECT to_regclass('kept')") == ""
        refused = new.inside("backup", "backup", "offsite")
        assert "bucket has the backups of the server" in refused.stderr
        refused = new.inside("notes-files", "backup", "files", "now")
        assert "make restore FILES=notes" in refused.stderr
        begin = time.monotonic()
        restore(new.name, source="offsite", yes=True)
        assert sql(new, "SELECT count(*), sum(number) FROM kept") == "1000|500500"
        restore_files(new.name, "notes", yes=True)
        print(f"restored from the bucket in {time.monotonic() - begin:.0f} s")
        listing = new.inside("notes", "sh", "-c", "cat /notes/note; ls -d /notes/sub")
        assert listing.stdout == "kept\n/notes/sub\n"
        eventually(lambda: backed_up(new), 60)
        # The new stack goes on with the old backups.
        sent = new.inside("backup", "backup", "offsite", "--json")
        assert sent.returncode == 0, output_of(sent)
        sent = new.inside("notes-files", "backup", "files", "now", "--json")
        assert sent.returncode == 0, output_of(sent)
    assert "public.kept" in capsys.readouterr().out


def sent_since(stack: Stack, moment: float) -> bool:
    result = stack.inside("backup", "backup", "offsite", "--json")
    if result.returncode:
        return False
    return backups.moment(json.loads(result.stdout)["complete"]).timestamp() >= moment
