"""Claims for data that outlives a pod, and the directories that end with it."""

from typing import Any

import pytest

from components.container import Container, Identity, Image, Resources, SharedDirectory
from components.targets.kubernetes import storage
from components.workload import Workload
from tests.unit.describing import KUBERNETES
from tests.unit.objects import named, objects, templates
from tests.unit.rendering import Rendered, render

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)


def container(**fields: Any) -> Container:
    return Container(name="app", image=IMAGE, resources=SMALL, **fields)


def workload(**fields: Any) -> Workload:
    return Workload(name="app", tier="api", image=IMAGE, resources=SMALL, **fields)


def test_a_writable_path_is_a_directory_with_a_limit() -> None:
    assert storage.directories(workload(scratch=("/tmp", "/var/cache/app"))) == [
        {"name": "scratch-app-tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        {"name": "scratch-app-var-cache-app", "emptyDir": {"sizeLimit": "256Mi"}},
    ]
    assert storage.mounts(container(scratch=("/tmp",))) == [
        {"name": "scratch-app-tmp", "mountPath": "/tmp"}
    ]


def test_shared_memory_has_its_own_size_limit() -> None:
    server = workload(shared_memory=256)
    assert storage.directories(server) == [
        {"name": "app-shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}}
    ]
    assert storage.mounts(server) == [{"name": "app-shared-memory", "mountPath": "/dev/shm"}]


def test_a_shared_directory_is_one_volume_that_both_mount() -> None:
    status = SharedDirectory(name="status", path="/run/status")
    sidecar = container(shared=(status,))
    server = workload(shared=(status,), sidecars=(sidecar,))
    assert storage.directories(server) == [{"name": "status", "emptyDir": {"sizeLimit": "1Mi"}}]
    assert storage.mounts(server) == [{"name": "status", "mountPath": "/run/status"}]
    assert storage.mounts(sidecar) == storage.mounts(server)


def test_two_writable_paths_never_share_a_directory() -> None:
    """This is true even if their readable volume names are the same."""
    alike = ("/srv/a-b", "/srv/a/b", "/srv/a_b", "/srv/A/b", "/srv/a.b")
    names = [volume["name"] for volume in storage.directories(workload(scratch=alike))]
    assert len(set(names)) == len(alike)
    mounts = storage.mounts(container(scratch=alike))
    assert {mount["mountPath"]: mount["name"] for mount in mounts} == dict(
        zip(alike, names, strict=True)
    )


@pytest.mark.parametrize("path", ["/files", "/secrets", "/first/start", "/shared/memory", "/data"])
def test_a_writable_path_never_shares_a_volume_with_anything_else(path: str) -> None:
    """A container's files, secrets, shared memory and data are volumes with its name too."""
    service = {
        "image": "acme/app:1",
        "writable": ["/tmp", path],
        "data_volume": {"path": "/kept"},
        "files": {"/run/secrets/token": "${api-token}"},
    }
    rendered = render({**KUBERNETES, "api": {"services": {"reports": service}}})
    for name, template in templates(rendered).items():
        volumes = [volume["name"] for volume in template["spec"]["volumes"]]
        assert len(set(volumes)) == len(volumes), name


def test_the_volume_of_a_long_path_has_a_valid_name() -> None:
    paths = tuple(f"/srv/{'directory/' * 9}{end}" for end in ("one", "other"))
    names = [volume["name"] for volume in storage.directories(workload(scratch=paths))]
    assert len(set(names)) == 2
    assert all(len(name) <= 63 for name in names)


def test_data_is_a_claim_that_is_protected_and_can_grow(kubernetes: Rendered) -> None:
    claims = kubernetes.of_type("PersistentVolumeClaim")
    volumes = {
        volume.name: volume for workload in kubernetes.workloads for volume in workload.volumes
    }
    assert set(claims) == set(volumes)
    for name, claim in claims.items():
        requests = claim.inputs["spec"]["resources"]["requests"]
        assert claim.protect is volumes[name].keep, name
        assert requests == {"storage": volumes[name].size}, name
    for name, stateful_set in objects(kubernetes, "StatefulSet").items():
        assert "volumeClaimTemplates" not in stateful_set["spec"], name


def test_up_does_not_wait_until_a_claim_is_bound(
    kubernetes: Rendered,
) -> None:
    for name, claim in objects(kubernetes, "PersistentVolumeClaim").items():
        assert claim["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true", name


def test_the_storage_class_comes_from_the_settings_or_is_the_default(
    prod: Rendered, own_kubernetes: Rendered
) -> None:
    claim = "ai-platform-postgres"
    assert "storageClassName" not in named(prod, "PersistentVolumeClaim", claim)["spec"]
    spec = named(own_kubernetes, "PersistentVolumeClaim", claim)["spec"]
    assert spec["storageClassName"] == "fast"


def test_sizes_are_those_of_the_settings() -> None:
    rendered = render({**KUBERNETES, "data": {"size": "1Ti"}, "cache": {"size": "7Gi"}})
    sizes = {
        name.rpartition("-")[2]: claim["spec"]["resources"]["requests"]["storage"]
        for name, claim in objects(rendered, "PersistentVolumeClaim").items()
    }
    assert (sizes["postgres"], sizes["redis"]) == ("1Ti", "7Gi")


def test_the_backends_scratch_directories_end_with_its_pod(prod: Rendered) -> None:
    spec = templates(prod)["Deployment ai-platform-backend"]["spec"]
    volumes = {volume["name"]: set(volume) - {"name"} for volume in spec["volumes"]}
    assert (
        volumes["scratch-backend-app-data"] == volumes["scratch-backend-app-logs"] == {"emptyDir"}
    )
