"""The settings of a service's model files."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import REPORTS, paths, paths_on_both, refusal, service
from tests.unit.describing import KUBERNETES, settings

FILL = {"image": "acme/download:1", "command": ["download"]}
OWN = {"size": "20Gi", "fill": FILL}


def test_a_step_fills_a_volume_on_both_targets() -> None:
    assert paths_on_both(service(models=OWN)) == []


def test_a_claim_exists_on_a_cluster_only() -> None:
    stack = service(models={"claim": "vision"}, replicas=3)
    assert paths({**KUBERNETES, **stack}) == []
    assert (
        f"{REPORTS}.models.claim\n  found    'vision'\n  allowed  no value with target: docker, "
        "because Docker has no claims; `fill` fills a volume"
    ) in refusal(stack)


@pytest.mark.parametrize(
    ("models", "path"),
    [
        ({}, "models"),
        (OWN | {"claim": "vision"}, "models"),
        ({"fill": FILL}, "models.size"),
        (OWN | {"fill": FILL | {"command": []}}, "models.fill.command"),
        (OWN | {"fill": FILL | {"image": "acme/download"}}, "models.fill.image"),
        (OWN | {"fill": FILL | {"user": "0:0"}}, "models.fill.user"),
        (OWN | {"fill": FILL | {"timeout": 0}}, "models.fill.timeout"),
        (OWN | {"path": "/proc/models"}, "models.path"),
        (OWN | {"path": "/tmp"}, "models.path"),
    ],
)
def test_wrong_models_are_rejected(models: dict[str, Any], path: str) -> None:
    assert paths_on_both(service(models=models)) == [f"{REPORTS}.{path}"]


def test_an_existing_claim_has_its_own_size() -> None:
    stack = service(models={"claim": "vision", "size": "1Gi"})
    assert paths({**KUBERNETES, **stack}) == [f"{REPORTS}.models.size"]


def test_a_filled_volume_belongs_to_one_replica() -> None:
    assert paths_on_both(service(models=OWN, replicas=2)) == [f"{REPORTS}.replicas"]


def test_nothing_that_the_service_writes_is_inside_the_models() -> None:
    inside = service(models=OWN, writable=["/models/cache"], data_volume={"path": "/models/data"})
    assert paths_on_both(inside) == [f"{REPORTS}.models.path"] * 2
    assert paths_on_both(service(models=OWN | {"path": "/app/data/models"}, data_volume={})) == []


def test_the_steps_variables_refer_to_values_of_the_platform() -> None:
    def with_token(value: str) -> dict[str, Any]:
        fill = FILL | {"env": {"TOKEN": value}}
        return {"secrets": {"hub-token": None}} | service(models=OWN | {"fill": fill})

    assert paths_on_both(with_token("${secret.hub-token}")) == []
    assert paths_on_both(with_token("${secret.hub}")) == [f"{REPORTS}.models.fill.env.TOKEN"]
    called = with_token("${service.backend.url}")
    assert settings(called).api.services["reports"].callees == ("backend",)


def test_the_models_hide_no_file() -> None:
    hidden = service(models=OWN, files={"/models/token": "${api-token}"})
    assert paths_on_both(hidden) == [f"{REPORTS}.models.path"]


def test_a_service_with_a_filled_volume_has_a_name_that_fits_its_pods_label() -> None:
    name = "a" * 41
    assert paths_on_both(service(name, models=OWN)) == [f"api.services.{name}"]
    assert paths({**KUBERNETES, **service(name, models={"claim": "vision"})}) == []
