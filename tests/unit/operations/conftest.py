"""A machine of the tests' own: its directories, and fakes for the programs that verbs run."""

from pathlib import Path

import pytest

# What a shell that was set up for plain `pulumi` has, and a test must not.
LOGIN = (
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
    "AI_PLATFORM_MACHINE_FILE",
)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory below which this machine keeps everything."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    for name in LOGIN:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "cache" / "ai-platform" / "bin").mkdir(parents=True)
    return tmp_path


def program(machine: Path, name: str, script: str) -> Path:
    """Put a fake for a program on this machine; what it was asked is in the file returned."""
    asked = machine / f"{name}.asked"
    path = machine / "cache" / "ai-platform" / "bin" / name
    path.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\n{script}\n')
    path.chmod(0o755)
    return asked
