"""Claims for data that outlives a pod, and the directories that end with it."""

from typing import Any

import pytest

from components.targets.kubernetes import storage
from components.workload import Container, Identity, Image, Resources, Shared, Workload
from tests.unit.describing import KUBERNETES
from tests.unit.objects import named, objects, templates
from tests.unit.rendering import Rendered, render

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)


def container(**given: Any) -> Container:
    return Container(name="app", image=IMAGE, resources=SMALL, **given)


def workload(**given: Any) -> Workload:
    return Workload(name="app", tier="api", image=IMAGE, resources=SMALL, **given)


def test_a_writable_path_is_a_directory_with_a_limit() -> None:
    assert storage.directories(workload(scratch=("/tmp", "/var/cache/app"))) == [
        {"name": "scratch-app-tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        {"name": "scratch-app-var-cache-app", "emptyDir": {"sizeLimit": "256Mi"}},
    ]
    assert storage.mounts(container(scratch=("/tmp",))) == [
        {"name": "scratch-app-tmp", "mountPath": "/tmp"}
    ]


def test_shared_memory_is_memory_of_its_own_size() -> None:
    described = workload(shared_memory=256)
    assert storage.directories(described) == [
        {"name": "app-shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}}
    ]
    assert storage.mounts(described) == [{"name": "app-shared-memory", "mountPath": "/dev/shm"}]


def test_a_shared_directory_is_one_volume_that_both_mount() -> None:
    status = Shared(name="status", path="/run/status")
    beside = container(shared=(status,))
    described = workload(shared=(status,), sidecars=(beside,))
    assert [each["name"] for each in storage.directories(described)] == ["status"]
    assert storage.mounts(described) == storage.mounts(beside)


def test_two_writable_paths_never_are_one_directory() -> None:
    """However alike they look once they are the name of a volume."""
    alike = ("/srv/a-b", "/srv/a/b", "/srv/a_b", "/srv/A/b", "/srv/a.b")
    names = [each["name"] for each in storage.directories(workload(scratch=alike))]
    assert len(set(names)) == len(alike)
    mounts = storage.mounts(container(scratch=alike))
    assert {each["mountPath"]: each["name"] for each in mounts} == dict(
        zip(alike, names, strict=True)
    )


@pytest.mark.parametrize("path", ["/files", "/secrets", "/first/start", "/shared/memory", "/data"])
def test_a_writable_path_never_is_the_volume_of_something_else(path: str) -> None:
    """Files, secrets, shared memory and data of a container are volumes named after it too."""
    service = {"image": "acme/app:1", "writable": ["/tmp", path], "data_volume": {"path": "/kept"}}
    given = service | {"credentials": {"TOKEN_FILE": "api-token"}}
    rendered = render({**KUBERNETES, "api": {"services": {"reports": given}}})
    for name, each in templates(rendered).items():
        volumes = [volume["name"] for volume in each["spec"]["volumes"]]
        assert len(set(volumes)) == len(volumes), name


def test_a_long_path_is_a_name_that_the_api_takes() -> None:
    one, other = (f"/srv/{'directory/' * 9}{end}" for end in ("one", "other"))
    names = [each["name"] for each in storage.directories(workload(scratch=(one, other)))]
    assert len(set(names)) == 2
    assert all(len(name) <= 63 for name in names)


def test_data_is_a_claim_that_is_protected_and_can_grow(kubernetes: Rendered) -> None:
    claims = kubernetes.of_type("PersistentVolumeClaim")
    volumes = {each.name: each for part in kubernetes.workloads for each in part.volumes}
    assert set(claims) == set(volumes)
    for name, each in claims.items():
        requested = each.inputs["spec"]["resources"]["requests"]
        assert each.protect is volumes[name].keep, name
        assert requested == {"storage": volumes[name].size}, name
    for name, made in objects(kubernetes, "StatefulSet").items():
        assert "volumeClaimTemplates" not in made["spec"], name


def test_a_claim_waits_for_no_volume_as_many_classes_bind_it_to_its_first_pod(
    kubernetes: Rendered,
) -> None:
    for name, each in objects(kubernetes, "PersistentVolumeClaim").items():
        assert each["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true", name


def test_the_class_is_the_settings_own_or_the_clusters_default(
    prod: Rendered, own_kubernetes: Rendered
) -> None:
    claim = "ai-platform-postgres"
    assert "storageClassName" not in named(prod, "PersistentVolumeClaim", claim)["spec"]
    spec = named(own_kubernetes, "PersistentVolumeClaim", claim)["spec"]
    assert spec["storageClassName"] == "fast"


def test_sizes_are_the_settings_own() -> None:
    rendered = render({**KUBERNETES, "data": {"size": "1Ti"}, "cache": {"size": "7Gi"}})
    sizes = {
        name.rpartition("-")[2]: each["spec"]["resources"]["requests"]["storage"]
        for name, each in objects(rendered, "PersistentVolumeClaim").items()
    }
    assert (sizes["postgres"], sizes["redis"]) == ("1Ti", "7Gi")


def test_scratch_of_the_backend_ends_with_its_pod(prod: Rendered) -> None:
    spec = templates(prod)["Deployment ai-platform-backend"]["spec"]
    volumes = {each["name"]: set(each) - {"name"} for each in spec["volumes"]}
    assert (
        volumes["scratch-backend-app-data"] == volumes["scratch-backend-app-logs"] == {"emptyDir"}
    )
