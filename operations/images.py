"""The reference images, built outside a stack; for prod they are pushed to a registry."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

from components.images import Catalogue
from components.settings import load
from components.settings.models import ImageName
from components.workload import PROJECT
from operations import choice, steps
from operations.engine import docker
from operations.workspace import ROOT

BASES: dict[str, ImageName] = {"api": "python", "decision": "python", "web": "nginx"}

# Made by Python and by the set-up step on a machine: no source.
LEFT_BEHIND = {"__pycache__", "wheels"}


def images(registry: str | None) -> None:
    """Build each image under a tag that is its source's digest, and push it where asked to."""
    chosen = {"catalogue": choice.catalogue("dev", steps.console.print)}
    catalogue = Catalogue(
        load({f"{PROJECT}:target": "docker", f"{PROJECT}:images": json.dumps(chosen)})
    )
    for name, base in BASES.items():
        context = ROOT / "images" / name
        reference = f"{registry or PROJECT}/{name}:{digest(context)}"
        with steps.step(f"{name} from images/{name}") as report:
            _build(reference, context, catalogue.image(base).reference)
            if registry:
                docker("push", "--quiet", reference)
            report(f"image: {reference}")


def digest(context: Path) -> str:
    """Twelve hexadecimal digits that change with the content of any file below a directory."""
    whole = hashlib.sha256()
    for path in sorted(each for each in context.rglob("*") if each.is_file()):
        name = path.relative_to(context)
        if not LEFT_BEHIND.isdisjoint(name.parts):
            continue
        for part in (str(name).encode(), path.read_bytes()):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:12]


def _build(reference: str, context: Path, base: str) -> None:
    command = ["docker", "build", "--quiet", "--build-arg", f"BASE={base}"]
    subprocess.run(
        [*command, "--tag", reference, str(context)],
        check=True,
        capture_output=True,
        text=True,
        # The client may lack the plugin that BuildKit needs; the classic builder is always there.
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
