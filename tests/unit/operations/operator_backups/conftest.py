"""A stack whose database and backups are CloudNativePG's."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import Settings
from operations import stack_file
from operations.operator_backups import objects, verbs
from operations.operator_backups.objects import Objects
from operations.workspace import Workspace
from tests.unit.cases import BUCKET, LOGIN_AT_BUCKET
from tests.unit.describing import KUBERNETES
from tests.unit.operations.operator_backups.cluster_objects import Api


@dataclass(frozen=True)
class Stacks:
    """Stack files on this machine. `api` is that of the cluster that all of them are on."""

    directory: Path
    api: Api

    def write(self, stack: str = "prod", bucket: Any = BUCKET, **backup: Any) -> None:
        """Write the file of a stack with these settings of backups."""
        values = {
            **KUBERNETES,
            "production": False,
            "kubernetes": {"secrets": LOGIN_AT_BUCKET},
            "data": {"mode": "cloudnative-pg", "backup": {"offsite": bucket, **backup}},
        }
        # What YAML shares it would write as an anchor.
        config = {
            f"ai-platform:{key}": value for key, value in json.loads(json.dumps(values)).items()
        }
        (self.directory / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))


@pytest.fixture
def stacks(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    stacks = Stacks(directory=machine, api=Api())

    def workspace(stack: str) -> Workspace:
        config = machine / f"Pulumi.{stack}.yaml"
        return Workspace(stack=stack, config=config, data=machine, program=machine)

    def own(workspace: Workspace, settings: Settings) -> Objects:
        server = objects.own(settings).server_name
        return Objects(api=stacks.api, namespace=settings.kubernetes.namespace, server=server)

    monkeypatch.setattr(Workspace, "of", workspace)
    monkeypatch.setattr(objects, "of", own)
    monkeypatch.setattr(verbs, "pause", lambda seconds: None)
    stacks.write()
    return stacks


def settings(stack: str) -> Settings:
    return stack_file.settings(Workspace.of(stack))
