"""The volumes of a pod: which containers mount them, and the steps that fill them."""

from components.container import Identity, Image, Step
from components.placement import Placement
from components.targets.kubernetes.resources import resources
from components.volumes import ExistingVolume, Volume
from tests.unit.components.targets.kubernetes.test_pods import (
    DATA,
    HTTP,
    IMAGE,
    SIDECAR,
    SMALL,
    spec,
    workload,
)


def test_a_volume_is_mounted_by_the_main_container_only() -> None:
    pod = spec(workload(volumes=(DATA,), sidecars=(SIDECAR,)))
    assert {"name": "app-data", "persistentVolumeClaim": {"claimName": "claim-of-app-data"}} in (
        pod["volumes"]
    )
    main, sidecar = pod["containers"]
    assert main["volumeMounts"] == [{"name": "app-data", "mountPath": "/data"}]
    assert sidecar["volumeMounts"] == []


def test_a_step_is_an_init_container_that_alone_can_write_to_its_volume() -> None:
    models = Volume(name="app-models", path="/models", size="1Gi", filled_by="app-fill")
    fill = Step(
        name="app-fill",
        image=Image(reference="acme/download:1", identity=Identity(uid=9, gid=8)),
        resources=SMALL,
        entrypoint=("fetch",),
        command=("$(large)",),
        env={"HOME": "/models"},
        scratch=("/tmp",),
        asked_by="the test",
    )
    part = workload(ports=(HTTP,), volumes=(models, DATA), init=(fill,))
    pod = spec(part)
    assert pod["initContainers"] == [
        {
            "name": "app-fill",
            "image": "acme/download:1",
            "imagePullPolicy": "IfNotPresent",
            "resources": {
                "requests": {"memory": "32Mi", "cpu": "50m", "ephemeral-storage": "64Mi"},
                "limits": {"memory": "64Mi", "cpu": "100m", "ephemeral-storage": "768Mi"},
            },
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "privileged": False,
                "readOnlyRootFilesystem": True,
                "runAsUser": 9,
                "runAsGroup": 8,
            },
            "volumeMounts": [
                {"name": "app-models", "mountPath": "/models"},
                {"name": "scratch-app-fill-tmp", "mountPath": "/tmp"},
            ],
            "command": ["fetch"],
            "args": ["$$(large)"],
            "env": [{"name": "HOME", "value": "/models"}],
        }
    ]
    (main,) = pod["containers"]
    assert main["volumeMounts"] == [
        {"name": "app-models", "mountPath": "/models", "readOnly": True},
        {"name": "app-data", "mountPath": "/data"},
    ]
    assert pod["volumes"] == [
        {"name": "app-models", "persistentVolumeClaim": {"claimName": "claim-of-app-models"}},
        {"name": "app-data", "persistentVolumeClaim": {"claimName": "claim-of-app-data"}},
        {"name": "scratch-app-fill-tmp", "emptyDir": {"sizeLimit": "256Mi"}},
    ]
    assert pod["securityContext"]["fsGroup"] == IMAGE.identity.gid


def test_an_existing_claim_is_read_only_and_keeps_the_group_of_its_files() -> None:
    shared = ExistingVolume(name="app-shared", path="/models", claim="shared-models")
    pod = spec(workload(existing=(shared,)))
    assert pod["volumes"] == [
        {
            "name": "app-shared",
            "persistentVolumeClaim": {"claimName": "shared-models", "readOnly": True},
        }
    ]
    assert pod["containers"][0]["volumeMounts"] == [
        {"name": "app-shared", "mountPath": "/models", "readOnly": True}
    ]
    assert "fsGroup" not in pod["securityContext"]


def test_gpus_are_the_main_containers_and_the_pod_tolerates_their_taint() -> None:
    fill = Step(name="app-fill", image=IMAGE, resources=SMALL, asked_by="the test")
    pod = spec(workload(placement=Placement(gpu=2), init=(fill,), sidecars=(SIDECAR,)))
    main, sidecar = pod["containers"]
    assert main["resources"] == {
        "requests": {
            "memory": "32Mi",
            "cpu": "50m",
            "ephemeral-storage": "64Mi",
            "nvidia.com/gpu": "2",
        },
        "limits": {
            "memory": "64Mi",
            "cpu": "100m",
            "ephemeral-storage": "512Mi",
            "nvidia.com/gpu": "2",
        },
    }
    for other in (sidecar, *pod["initContainers"]):
        assert other["resources"] == resources(SMALL)
    assert pod["tolerations"][0] == {
        "key": "nvidia.com/gpu",
        "operator": "Exists",
        "effect": "NoSchedule",
    }
