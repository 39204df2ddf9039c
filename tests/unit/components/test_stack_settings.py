"""The settings of the stack that Pulumi runs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
import pytest

from components import stack_settings
from components.settings import Settings
from tests.unit.describing import config
from tests.unit.rendering import Rendered, run


def load(overlay: Path, values: Mapping[str, Any]) -> tuple[Rendered, list[Settings]]:
    """Load these settings as those of the stack `dev`."""
    loaded: list[Settings] = []
    with (
        patch.dict(
            os.environ,
            {"PULUMI_CONFIG": json.dumps(config(values)), "PULUMI_CONFIG_SECRET_KEYS": "[]"},
        ),
        patch("components.settings.overlay_path", lambda root, stack: overlay / f"{stack}.yaml"),
        patch("components.settings.machine_file", lambda: None),
    ):
        rendered = run(lambda: loaded.append(stack_settings.load()))
    return rendered, loaded


def test_an_overlay_is_applied_over_the_stack_file_and_logged(
    tmp_path: Path,
) -> None:
    (tmp_path / "dev.yaml").write_text("docker: {ports: {web: 18080}}\n")
    rendered, (settings,) = load(tmp_path, {"docker": {"ports": {"web": 8081, "grafana": 3001}}})
    assert settings.published_port("web") == 18080
    assert settings.published_port("grafana") == 3001
    assert rendered.log == ["dev.yaml is applied over the stack file"]


def test_without_an_overlay_nothing_is_logged(tmp_path: Path) -> None:
    rendered, (settings,) = load(tmp_path, {"docker": {"ports": {"web": 8081}}})
    assert settings.published_port("web") == 8081
    assert rendered.log == []


def test_one_run_error_lists_every_problem(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError) as error:
        load(tmp_path, {"data": {"replicas": 2}, "cache": {"colour": "red"}})
    assert "data.replicas" in str(error.value)
    assert "cache.colour" in str(error.value)
