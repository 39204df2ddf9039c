"""A machine for a test: its directories, and fakes for the programs that verbs run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from airgap import engine, images, wheels
from operations import kubernetes_stack, machine_choices, pulumi_installation, steps
from operations.machine_choices import DockerChoices
from operations.workspace import Workspace, data_directory

# The variables of a shell that is set up for plain `pulumi`. Tests run without them.
LOGIN = (
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
    "AI_PLATFORM_MACHINE_FILE",
)

OPTIONS = " ".join(steps.NON_INTERACTIVE)
OUTPUTS = '{"endpoints": {"web": "http://127.0.0.1:8080", "grafana": null}}'


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


def choices(catalogue: str) -> DockerChoices:
    return DockerChoices(catalogue=catalogue, plugins={})


@pytest.fixture
def completed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that ran, where no image registry answers and the engine is empty."""
    completed: list[str] = []
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", "")

    def step(name: str) -> Callable[..., None]:
        return lambda *arguments: completed.append(name)

    monkeypatch.setattr(machine_choices, "for_docker", lambda stack, report: choices("debian"))
    monkeypatch.setattr(machine_choices, "for_clusters", lambda report: {})
    monkeypatch.setattr(
        pulumi_installation, "ensure", lambda target, *_: completed.append(f"Pulumi, {target}")
    )
    monkeypatch.setattr(engine, "ensure", step("engine"))
    monkeypatch.setattr(images, "ensure", step("images"))
    monkeypatch.setattr(wheels, "download", step("wheels"))
    monkeypatch.setattr(Workspace, "prepare", step("state"))
    monkeypatch.setattr(kubernetes_stack, "expect_new_stack", step("new"))
    return completed


@pytest.fixture
def pulumi(machine: Path) -> Path:
    return program(
        machine,
        "pulumi",
        f"""case $* in
        *output*) echo '{OUTPUTS}';;
        *export*) cat {machine}/state || echo '{{}}';;
        *preview*) echo '{{"steps": []}}';;
        esac""",
    )
