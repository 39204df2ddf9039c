"""Containers that a test describes, run on the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker

from tests.e2e.plugins.run import Run

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


class Program(Run):
    """The program on the engine that answers here."""

    def __init__(self, directory: Path, plugins: Path) -> None:
        super().__init__(directory, plugins, SOURCE)
        self.engine = docker.from_env()
        self.base = next((name for name in BASES if self.engine.images.list(name)), BASES[-1])

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

    def up(self, **containers: Any) -> str:
        """Bring these containers up."""
        self.describe(**containers)
        return self.pulumi("up", "--yes", "--skip-preview")

    def fail(self, **containers: Any) -> str:
        self.describe(**containers)
        return self.pulumi("up", "--yes", "--skip-preview", fails=True)

    def planned(self, **described: Any) -> dict[str, str]:
        """What a preview of it would do."""
        self.describe(**described)
        return self.steps()

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
