"""The program that composes texts in a pod, run as a pod runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.targets.kubernetes import composition
from components.targets.kubernetes.compose import compose
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
def place(tmp_path: Path) -> Path:
    """Volumes as the kubelet lays them out: a key is a link into a directory that is a link."""
    program, parts = tmp_path / "compose", tmp_path / "parts"
    content = program / "..2026"
    for key, text in composition.program(TEXTS).items():
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


def run(place: Path) -> "subprocess.CompletedProcess[str]":
    inside = ("compose/compose.py", "compose/texts.json", "parts", "composed")
    arguments = [str(place / each) for each in inside]
    program = [sys.executable, "-B", *arguments]
    return subprocess.run(program, capture_output=True, text=True, cwd="/")


def test_the_pod_writes_what_pulumi_would_have_written(place: Path) -> None:
    """One text, one form: the same code fills it here and there."""
    ran = run(place)
    assert ran.stderr == ""
    written = {file.name: file.read_text() for file in (place / "composed").iterdir()}
    values = {"key": HOSTILE, "b": "short"}
    assert written == {name: text.fill(values) for name, text in TEXTS.items()}


def test_every_user_of_the_pod_can_read_what_is_written_and_none_can_change_it(
    place: Path,
) -> None:
    run(place)
    assert {file.stat().st_mode & 0o777 for file in (place / "composed").iterdir()} == {0o444}


def test_a_pod_that_is_started_again_writes_it_again(place: Path) -> None:
    texts, parts, composed = place / "compose/texts.json", place / "parts", place / "composed"
    compose(texts, parts, composed)
    (parts / "b").write_text("changed")
    compose(texts, parts, composed)
    assert json.loads((composed / "run.secrets.all").read_text())["b"] == "changed"


def test_a_part_that_is_not_there_fails_the_start_with_its_name(place: Path) -> None:
    (place / "parts" / "b").unlink()
    ran = run(place)
    assert ran.returncode != 0
    assert "parts/b" in ran.stderr
    assert HOSTILE not in ran.stderr
