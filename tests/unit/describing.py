"""Settings and tiers without Pulumi, which tests write as in a stack file."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.api import ApiTier
from components.cache.tier import CacheTier
from components.catalogue import Catalogue
from components.data.tier import DataTier
from components.observability.tier import ObservabilityTier
from components.operated import Monitors
from components.settings import Settings, load
from components.tier import Tier
from components.web.tier import WebTier

ROOT = Path(__file__).parents[2]
# The required settings of a Kubernetes stack.
KUBERNETES: Mapping[str, Any] = {
    "target": "kubernetes",
    "images": {"repository": "registry.example.com/ai-platform"},
}
# The settings of an Ingress that a stack with hosts requires.
INGRESS: Mapping[str, Any] = {
    "tls": {"secret": "certificate"},
    "controller_namespace": "traefik",
}
# Objects of the Prometheus Operator, without any job or rule.
MONITORS = Monitors(
    name="observability",
    tier="observability",
    asked_by="observability.mode: operator",
    jobs=(),
    interval="15s",
    rules={},
    labels={},
    namespace="watchers",
)


def stack_file(stack: str) -> dict[str, Any]:
    """The settings of a stack file of the repository."""
    values = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key.removeprefix("ai-platform:"): value for key, value in values.items()}


def config(values: Mapping[str, Any]) -> dict[str, str]:
    """Settings as Pulumi passes them: text by full key, structured values as JSON.

    Nobody depends on a stack of a test, unless `values` say so.
    """
    return {
        f"ai-platform:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in ({"target": "docker", "production": False} | dict(values)).items()
    }


def hosted(**web: Any) -> dict[str, Any]:
    """A stack on a cluster with an Ingress, and these settings of its web tier."""
    return {**KUBERNETES, "web": web, "kubernetes": {"ingress": dict(INGRESS)}}


def full(keys: Collection[str]) -> frozenset[str]:
    """Keys of settings as Pulumi names them."""
    return frozenset(f"ai-platform:{key}" for key in keys)


def settings(
    values: Mapping[str, Any] | None = None,
    *,
    secret: Collection[str] = (),
    overlay: Path | None = None,
    machine: Path | None = None,
) -> Settings:
    """Settings of a Docker stack, unless `values` set another target. `secret` are keys set with
    --secret."""
    return load(config(values or {}), full(secret), overlay, machine)


def catalogue(
    values: Mapping[str, Any] | None = None, *, secret: Collection[str] = ()
) -> Catalogue:
    return Catalogue(settings(values, secret=secret))


def tiers(stack: Mapping[str, Any], secret: Collection[str] = ()) -> list[Tier]:
    """The tiers of a stack, as the program describes them."""
    chosen = settings(stack, secret=secret)
    catalogue = Catalogue(chosen)
    data, cache = DataTier(chosen, catalogue), CacheTier(chosen, catalogue)
    api = ApiTier(chosen, catalogue, data.connections, cache.connection)
    web = WebTier(chosen, catalogue, api.services, cache.connection)
    scrape_targets = [target for tier in (data, cache, api, web) for target in tier.scrape_targets]
    observability = ObservabilityTier(chosen, catalogue, scrape_targets, web.front_door, "dev")
    return [data, cache, api, web, observability]
