from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.docker.uploads import archive, content
from airgap.plugins.resource import Failed


def test_files_come_as_root_with_their_content_and_mode() -> None:
    uploads: list[dict[str, Any]] = [
        {"file": "/run/secrets/a", "content": "ä", "permissions": "0444"},
        {"file": "/bin/b", "contentBase64": "AAE=", "executable": True},
        {"file": "/etc/c", "content": "c"},
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(uploads))) as tar:
        found = {
            entry.name: (entry.mode, entry.uid, entry.gid, reader.read())
            for entry in tar
            if (reader := tar.extractfile(entry))
        }
    assert found == {
        "run/secrets/a": (0o444, 0, 0, "ä".encode()),
        "bin/b": (0o744, 0, 0, b"\x00\x01"),
        "etc/c": (0o644, 0, 0, b"c"),
    }


def test_a_file_is_read_from_its_source(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"from disk")
    assert content({"file": "/a", "source": str(tmp_path / "source")}) == b"from disk"


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"file": "/a"}, "one of them must be set"),
        ({"file": "/a", "content": "hunter2", "source": "b"}, "only one of them can be set"),
        ({"file": "/a", "source": "/nowhere/at/all"}, "could not read file: .*No such file"),
    ],
)
def test_a_wrong_upload_is_refused_without_its_content(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Failed, match=sentence) as failed:
        content(item)
    assert "hunter2" not in str(failed.value)
