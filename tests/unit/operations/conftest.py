"""A machine for a test: its directories, and fakes for the programs that verbs run."""

from pathlib import Path

import pytest

from operations.workspace import Workspace, data_directory

# The variables of a shell that is set up for plain `pulumi`. Tests run without them.
LOGIN = (
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
    "AI_PLATFORM_MACHINE_FILE",
)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory that contains all directories of the machine."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    for name in LOGIN:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "cache" / "ai-platform" / "bin").mkdir(parents=True)
    return tmp_path


def program(machine: Path, name: str, script: str) -> Path:
    """Install a fake program on the machine; return the file with its calls, one line each."""
    calls = machine / f"{name}.calls"
    path = machine / "cache" / "ai-platform" / "bin" / name
    path.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\n{script}\n')
    path.chmod(0o755)
    return calls


def pulumi_calls(machine: Path) -> list[str]:
    """The calls of the fake `pulumi` on the machine, without the options of every call."""
    lines = (machine / "pulumi.calls").read_text().splitlines()
    return [line.partition("--non-interactive ")[2] for line in lines]


# Pulumi writes a salt into its stack file, unless the file has one.
WRITES_SALT = """
file="$2/Pulumi.dev.yaml"
grep -q encryptionsalt "$file" || echo "encryptionsalt: v1:salt-$$" >> "$file"
echo '{}'
"""


@pytest.fixture
def workspace(machine: Path) -> Workspace:
    """The workspace of a Docker stack, with a fake `pulumi` that writes a salt."""
    program(machine, "pulumi", WRITES_SALT)
    config = machine / "Pulumi.dev.yaml"
    config.write_text("config:\n  ai-platform:target: docker\n")
    return Workspace(stack="dev", config=config, data=data_directory())
