"""A small Pulumi program of the tests' own, run by the real CLI on the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import docker

PREFIX = "ai-platform-e2e-plugins"
LABEL = "ai-platform.e2e=plugins"
BUILT = f"{PREFIX}:built"
BASES = ("ai-platform/debian:bookworm", "debian:bookworm-slim")
HEALTHY = {"tests": ["CMD", "true"], "interval": "1s", "timeout": "2s", "retries": 3}
UNHEALTHY = HEALTHY | {"tests": ["CMD", "false"]}

SOURCE = """
import json
from pathlib import Path
import pulumi
import pulumi_docker as docker
import pulumi_random as random

spec = json.loads(Path("spec.json").read_text())
prefix, labels = spec["prefix"], [{"label": "ai-platform.e2e", "value": "plugins"}]
password = random.RandomPassword("password", length=24, special=False)
network = docker.Network("network", name=prefix, labels=labels + spec["network_labels"])
volume = docker.Volume("volume", name=prefix, labels=labels)
image = docker.RemoteImage("image", name=spec["base"], keep_locally=True).image_id
if spec["context"]:
    image = docker.Image(
        "built",
        image_name=spec["built"],
        skip_push=True,
        build=docker.DockerBuildArgs(context=spec["context"], args={"BASE": spec["base"]}),
    ).repo_digest
for name, own in spec["containers"].items():
    given = {
        "name": f"{prefix}-{name}",
        "image": image,
        "command": ["sleep", "infinity"],
        "labels": labels,
        "networks_advanced": [{"name": network.name, "aliases": [name]}],
        "volumes": [{"volume_name": volume.name, "container_path": "/data"}],
        "uploads": [
            {"file": "/run/secrets/password", "content": password.result, "permissions": "0444"}
        ],
        "opts": pulumi.ResourceOptions(
            # without it, what only these options replace is made before the old one is deleted,
            # and the name is taken: Diff asks for the order only where it replaces by itself
            delete_before_replace=True,
            replace_on_changes=["healthcheck", "tmpfs", "init", "#initerror"],
        ),
    }
    made = docker.Container(name, **(given | own))
    pulumi.export(name, {"code": made.exit_code, "logs": made.container_logs})
pulumi.export("password", password.result)
"""


class Program:
    """The program in a directory of its own, with a state and a Pulumi home beside it."""

    def __init__(self, directory: Path, plugins: Path) -> None:
        self.directory = directory / "program"
        self.directory.mkdir()
        (directory / "state").mkdir()
        (self.directory / "Pulumi.yaml").write_text("name: e2e\nruntime: python\n")
        (self.directory / "__main__.py").write_text(SOURCE)
        path = os.pathsep.join([str(plugins), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {
            "PATH": path,
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory}/state",
            "PULUMI_CONFIG_PASSPHRASE": "e2e",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        }
        self.engine = docker.from_env()
        self.base = next((name for name in BASES if self.engine.images.list(name)), BASES[-1])
        self.pulumi("stack", "init", "e2e")

    def describe(
        self, *, network_labels: Any = (), context: str = "", base: str = "", **containers: Any
    ) -> None:
        """What the next command finds: containers by name, each with its own arguments."""
        spec = {
            "prefix": PREFIX,
            "built": BUILT,
            "base": base or self.base,
            "context": context,
            "network_labels": list(network_labels),
            "containers": containers,
        }
        (self.directory / "spec.json").write_text(json.dumps(spec))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """What a command printed, in one; it must succeed, or fail if that is expected."""
        with self.start(*arguments) as process:
            output, errors = process.communicate(timeout=120)
        assert (process.returncode != 0) is fails, output + errors
        assert "exited prematurely" not in output + errors
        return output + errors if fails else output

    def up(self, **containers: Any) -> str:
        """Bring these containers up."""
        self.describe(**containers)
        return self.pulumi("up", "--yes", "--skip-preview")

    def fail(self, **containers: Any) -> str:
        self.describe(**containers)
        return self.pulumi("up", "--yes", "--skip-preview", fails=True)

    def planned(self, **described: Any) -> dict[str, str]:
        """What a preview would do: names to operations, without what stays as it is."""
        self.describe(**described)
        steps = json.loads(self.pulumi("preview", "--json"))["steps"]
        named = {step["urn"].split("::")[-1]: step["op"] for step in steps}
        return {name: operation for name, operation in named.items() if operation != "same"}

    def refreshed(self) -> str:
        return self.pulumi("refresh", "--yes", "--skip-preview")

    def container(self, name: str) -> dict[str, Any]:
        """What the engine says of a container."""
        found = self.engine.containers.get(f"{PREFIX}-{name}")
        attributes: dict[str, Any] = found.attrs
        return attributes

    def inside(self, name: str, command: str) -> str:
        """What a shell command inside a container prints."""
        found: Any = self.engine.containers.get(f"{PREFIX}-{name}")
        shown: bytes = found.exec_run(["sh", "-c", command]).output
        return shown.decode()

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(
            self.pulumi("stack", "output", "--json", "--show-secrets")
        )
        return outputs

    def state(self) -> str:
        return self.pulumi("stack", "export")

    def clean(self) -> None:
        """Remove what this or an earlier run left in the engine."""
        marked: dict[str, Any] = {"label": LABEL}
        for container in self.engine.containers.list(all=True, filters=marked):
            container.remove(force=True, v=True)
        for network in self.engine.networks.list(filters=marked):
            network.remove()
        for volume in self.engine.volumes.list(filters=marked):
            volume.remove(force=True)
        if self.engine.images.list(BUILT):
            self.engine.images.remove(BUILT, force=True)
