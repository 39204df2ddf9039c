from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.storage import Claim, Quota, TokenSecret, Volume
from tests.unit.airgap.plugins.kubernetes.conftest import FakeApi
from tests.unit.airgap.plugins.kubernetes.waits.conftest import thing

CLASS = "/apis/storage.k8s.io/v1/storageclasses/local"


def claim(phase: str) -> Object:
    return thing("PersistentVolumeClaim", {"storageClassName": "local"}, {"phase": phase})


@pytest.mark.parametrize(
    ("mode", "phase", "ready"),
    [
        ("Immediate", "Bound", True),
        ("Immediate", "Pending", False),
        ("WaitForFirstConsumer", "Pending", True),
        ("WaitForFirstConsumer", "Bound", True),
        ("WaitForFirstConsumer", "Lost", False),
    ],
)
def test_a_claim_is_ready_when_it_is_bound_or_will_be_when_used(
    objects: Objects, api: FakeApi, mode: str, phase: str, ready: bool
) -> None:
    api.live[CLASS] = {"volumeBindingMode": mode}
    assert Claim(objects).look(claim(phase)).ready is ready


def test_a_claim_of_a_class_that_is_not_there_says_why_it_waits(
    objects: Objects, api: FakeApi
) -> None:
    api.lists["/api/v1/namespaces/ns/events"] = [
        {"reason": "ProvisioningFailed", "message": 'class "local" not found'}
    ]
    assert not Claim(objects).look(claim("Pending")).ready
    assert Claim(objects).reasons(claim("Pending")) == [
        "PersistentVolumeClaim is Pending",
        '[ProvisioningFailed] class "local" not found',
    ]


def test_a_volume_is_ready_when_it_can_be_had(objects: Objects) -> None:
    assert Volume(objects).look(thing("PersistentVolume", status={"phase": "Available"})).ready
    assert not Volume(objects).look(thing("PersistentVolume", status={"phase": "Pending"})).ready


def test_a_quota_is_ready_when_it_is_counted(objects: Objects) -> None:
    hard = {"hard": {"pods": "10"}}
    assert Quota(objects).look(thing("ResourceQuota", hard, hard)).ready
    assert not Quota(objects).look(thing("ResourceQuota", hard)).ready


def test_only_a_token_has_to_be_waited_for(objects: Objects) -> None:
    token = thing("Secret") | {"type": "kubernetes.io/service-account-token"}
    assert not TokenSecret(objects).look(token).ready
    assert TokenSecret(objects).look(token | {"data": {"token": "x"}}).ready
    assert TokenSecret(objects).look(thing("Secret")).ready
