from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.kubernetes.replacing import matches, replacing
from airgap.plugins.kubernetes.settings import Settings


def of(kind: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, **more}


def test_the_identity_replaces_for_every_kind() -> None:
    custom = {"apiVersion": "example.com/v1", "kind": "Thing"}
    assert replacing(custom, Settings()) == ("metadata.name", "metadata.namespace")


def test_data_replaces_unless_the_provider_says_that_it_may_change() -> None:
    mutable = Settings(secret_mutable=True, config_map_mutable=True)
    for kind in ("ConfigMap", "Secret"):
        assert "data" in replacing(of(kind), Settings())
        assert "data" not in replacing(of(kind), mutable)
        assert "data" in replacing(of(kind, immutable=True), mutable)
    assert "type" in replacing(of("Secret"), mutable)


@pytest.mark.parametrize(
    ("path", "value", "pattern", "touched"),
    [
        (("spec", "selector", "matchLabels", "app"), "x", "spec.selector", True),
        (("spec",), {"selector": {}}, "spec.selector", True),
        (("spec",), {"replicas": 1}, "spec.selector", False),
        (("spec", "selectors"), "x", "spec.selector", False),
        (("spec", "containers", 1, "image"), "x", "spec.containers.*.image", True),
        (("spec", "containers", 1), {"image": "x"}, "spec.containers.*.image", True),
        (("spec", "containers"), [{"image": "x"}], "spec.containers.*.image", True),
        (("spec", "containers", 1, "name"), "x", "spec.containers.*.image", False),
    ],
)
def test_a_change_touches_a_pattern_inside_it_or_around_it(
    path: tuple[str | int, ...], value: Any, pattern: str, touched: bool
) -> None:
    assert matches(path, value, pattern) is touched
