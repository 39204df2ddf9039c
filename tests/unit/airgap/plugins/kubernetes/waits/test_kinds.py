"""Which check a wait uses."""

from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits import awaits_deletion, read_check, ready_check
from airgap.plugins.kubernetes.waits.check import Check
from airgap.plugins.kubernetes.waits.custom import WaitFor
from airgap.plugins.kubernetes.waits.network import Service
from airgap.plugins.kubernetes.waits.storage import Claim
from airgap.plugins.kubernetes.waits.workloads import Deployment


def inputs(kind: str, api_version: str = "v1", **annotations: str) -> Object:
    marked = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"annotations": marked}}


@pytest.mark.parametrize(
    ("given", "check"),
    [
        (inputs("Deployment", "apps/v1"), Deployment),
        (inputs("Deployment", "apps/v1", skipAwait="true"), Check),
        (inputs("Deployment", "apps/v1", waitFor="condition=Available"), WaitFor),
        (inputs("Deployment", "example.com/v1"), Check),
        (inputs("PersistentVolumeClaim"), Claim),
        (inputs("ConfigMap"), Check),
    ],
)
def test_the_annotations_count_before_the_kind(
    objects: Objects, given: Object, check: type[Check]
) -> None:
    assert type(ready_check(objects, given)) is check


def test_a_refresh_waits_for_nothing_to_settle(objects: Objects) -> None:
    assert ready_check(objects, inputs("Service")).patience == 10
    assert read_check(objects, inputs("Service")).patience == 0
    assert type(read_check(objects, inputs("Service"))) is Service
    assert type(read_check(objects, inputs("Service", skipAwait="true"))) is Check
    assert type(read_check(objects, inputs("PersistentVolumeClaim"))) is Check


def test_a_skipped_wait_skips_some_kinds_deletions_too() -> None:
    assert awaits_deletion(inputs("Namespace"))
    assert not awaits_deletion(inputs("Namespace", skipAwait="true"))
    assert awaits_deletion(inputs("ConfigMap", skipAwait="true"))
