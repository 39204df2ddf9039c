"""Where a service runs, and its GPUs: what each target can honour."""

from typing import Any

import pytest

from components import placement
from components.settings import SettingsError
from tests.unit.components.settings.refusals import REPORTS, paths, refusal, service
from tests.unit.describing import KUBERNETES, settings

ID = "GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a"
ON_A_CLUSTER: dict[str, Any] = {
    "gpu": 2,
    "node_selector": {"pool": "gpu"},
    "tolerations": [{"key": "pool", "value": "gpu", "effect": "NoSchedule"}, {"key": "old"}],
    "runtime_class": "nvidia",
}


def reports(stack: dict[str, Any]) -> placement.Placement:
    return settings(stack).api.services["reports"].placement


def test_a_service_runs_anywhere_by_default() -> None:
    assert reports(service()) == placement.ANYWHERE


def test_a_cluster_reserves_gpus_on_nodes_that_the_service_selects() -> None:
    assert reports({**KUBERNETES, **service(**ON_A_CLUSTER)}) == placement.Placement(
        gpu=2,
        node_selector={"pool": "gpu"},
        tolerations=(
            placement.Toleration(key="pool", value="gpu", effect="NoSchedule"),
            placement.Toleration(key="old"),
        ),
        runtime_class="nvidia",
    )


@pytest.mark.parametrize(("gpus", "named"), [("all", "all"), ([0, "2"], ("0", "2")), ([ID], (ID,))])
def test_an_engine_gives_all_gpus_or_some(gpus: Any, named: Any) -> None:
    assert reports(service(gpus=gpus)) == placement.Placement(gpus=named)


@pytest.mark.parametrize("gpus", ["none", 1, [], ["all"], [True], ["GPU-"], ["0,1"], [100]])
def test_other_gpus_are_rejected(gpus: Any) -> None:
    with pytest.raises(SettingsError, match=rf"{REPORTS}\.gpus"):
        settings(service(gpus=gpus))


def test_an_engine_refuses_what_only_a_cluster_has() -> None:
    assert paths(service(**ON_A_CLUSTER)) == [
        f"{REPORTS}.{key}" for key in ("gpu", "node_selector", "tolerations", "runtime_class")
    ]
    assert (
        f"{REPORTS}.gpu\n  found    1\n  allowed  no value with target: docker, which reserves no "
        "GPUs; `gpus: all` or a list of ids gives the service those of the engine"
    ) in refusal(service(gpu=1))


def test_a_cluster_refuses_to_choose_certain_gpus() -> None:
    assert (
        f"{REPORTS}.gpus\n  allowed  no value with target: kubernetes, which chooses the GPUs "
        "itself; `gpu` is their number"
    ) in refusal({**KUBERNETES, **service(gpus="all")})


def test_a_toleration_of_a_service_must_be_one_that_the_api_accepts() -> None:
    assert paths({**KUBERNETES, **service(tolerations=[{"key": "a"}, {"value": "b"}])}) == [
        f"{REPORTS}.tolerations.1.operator"
    ]
