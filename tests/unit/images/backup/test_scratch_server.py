"""The server on recovered data."""

from pathlib import Path

import pytest

from backup import scratch_server
from backup.scratch_server import ScratchServer


def test_a_database_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class FakeSession:
        def __init__(self, text: str) -> None:
            opened.append(text)

        def close(self) -> None:
            pass

    monkeypatch.setattr(scratch_server, "Session", FakeSession)
    server = ScratchServer(name="drill", data=tmp_path, port=5433)
    with server.session('it\'s \\ an "odd" name'):
        pass
    (text,) = opened
    assert text.endswith(" dbname='it\\'s \\\\ an \"odd\" name'")
