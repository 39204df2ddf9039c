"""The program that fills secrets into texts in a pod, run as a pod runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.targets.kubernetes import init_container
from components.targets.kubernetes.in_pod.fill_secrets import fill
from components.text import Secret, Text

HOSTILE = "a\"b'c\\d @:/?#%$&{}${other}é"
PASSWORD = Secret(name="key")
TEXTS = {
    "run.secrets.url": Text(template="redis://u:${key:url}@h:1/0", secrets=(PASSWORD,)),
    "run.secrets.users": Text(template="user on #${key:sha256} ~*\n", secrets=(PASSWORD,)),
    "run.secrets.all": Text(
        template='{"url": ${key:json}, "b": "${b}"}', secrets=(PASSWORD, Secret(name="b"))
    ),
}


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    """Volumes as the kubelet creates them: a key is a link into a directory that is a link."""
    program, parts = tmp_path / "compose", tmp_path / "parts"
    content = program / "..2026"
    for key, text in init_container.program(TEXTS).items():
        file = content / {"text.py": "components/text.py"}.get(key, key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (program / "..data").symlink_to("..2026")
    for name in ("compose.py", "texts.json", "components"):
        (program / name).symlink_to(f"..data/{name}")
    parts.mkdir()
    (parts / "key").write_text(HOSTILE)
    (parts / "b").write_text("short\n")
    (tmp_path / "composed").mkdir()
    return tmp_path


def run(volumes: Path) -> "subprocess.CompletedProcess[str]":
    paths = ("compose/compose.py", "compose/texts.json", "parts", "composed")
    command = [sys.executable, "-B", *(str(volumes / path) for path in paths)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/")


def test_the_pod_writes_what_pulumi_would_have_written(volumes: Path) -> None:
    """The same code fills a text in Pulumi and in the pod."""
    process = run(volumes)
    assert process.stderr == ""
    written = {file.name: file.read_text() for file in (volumes / "composed").iterdir()}
    values = {"key": HOSTILE, "b": "short"}
    assert written == {name: text.fill(values) for name, text in TEXTS.items()}


def test_every_user_can_read_the_written_texts_and_none_can_change_them(
    volumes: Path,
) -> None:
    run(volumes)
    assert {file.stat().st_mode & 0o777 for file in (volumes / "composed").iterdir()} == {0o444}


def test_a_restarted_pod_writes_the_texts_again(volumes: Path) -> None:
    texts, parts, composed = (
        volumes / path for path in ("compose/texts.json", "parts", "composed")
    )
    fill(texts, parts, composed)
    (parts / "b").write_text("changed")
    fill(texts, parts, composed)
    assert json.loads((composed / "run.secrets.all").read_text())["b"] == "changed"


def test_a_missing_part_fails_the_start_with_its_name(volumes: Path) -> None:
    (volumes / "parts" / "b").unlink()
    process = run(volumes)
    assert process.returncode != 0
    assert "parts/b" in process.stderr
    assert HOSTILE not in process.stderr
