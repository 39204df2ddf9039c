"""The specs that CloudNativePG's operator reads; test_operators.py checks whole stacks."""

from typing import Any

import pulumi

from components.data import cloudnative_pg
from components.operated import PostgresCluster
from components.settings import Kubernetes
from components.targets.kubernetes.cloudnative_pg import specs
from components.targets.kubernetes.cloudnative_pg.register import volume
from components.targets.kubernetes.scope import Scope
from tests.unit.describing import KUBERNETES, catalogue, settings


def cluster(**data: Any) -> PostgresCluster:
    stack = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, **data}}
    return cloudnative_pg.cluster(settings(stack), catalogue())


def scope(pull_secret: str | None = None, **fields: Any) -> Scope:
    return Scope(
        settings=Kubernetes(**fields),
        namespace="ai-platform",
        opts=pulumi.ResourceOptions(),
        discovered=True,
        pull_secret=pull_secret,
    ).of("postgres", "data")


def cluster_spec(scope: Scope, **data: Any) -> dict[str, Any]:
    return specs.cluster(cluster(**data), scope, "superuser", "owner")


def pooler_spec(scope: Scope, **pooler: Any) -> dict[str, Any]:
    postgres = cluster(pooler=pooler)
    assert postgres.pooler
    return specs.pooler(postgres, postgres.pooler, scope, "ai-platform-postgres")


def test_logins_refer_to_the_secrets_that_are_passed() -> None:
    spec = cluster_spec(scope())
    assert spec["superuserSecret"] == {"name": "superuser"}
    assert spec["bootstrap"]["initdb"]["secret"] == {"name": "owner"}


def test_the_settings_say_where_instances_and_poolers_run() -> None:
    placed = scope(node_selector={"pool": "apps"}, lost_node_seconds=45)
    affinity = cluster_spec(placed)["affinity"]
    pod = pooler_spec(placed)["template"]["spec"]
    for placement in (affinity, pod):
        assert placement["nodeSelector"] == {"pool": "apps"}
        seconds = [toleration["tolerationSeconds"] for toleration in placement["tolerations"]]
        assert seconds == [45, 45]


def test_instances_and_poolers_log_in_to_the_registry() -> None:
    login = [{"name": "login"}]
    assert cluster_spec(scope("login"))["imagePullSecrets"] == login
    assert pooler_spec(scope("login"))["template"]["spec"]["imagePullSecrets"] == login
    assert "imagePullSecrets" not in cluster_spec(scope())
    assert "imagePullSecrets" not in pooler_spec(scope())["template"]["spec"]


def test_instances_are_guaranteed_and_have_the_priority_of_the_settings() -> None:
    spec = cluster_spec(scope(), memory="2Gi", cpu=2)
    for kind, amount in (("memory", "2048Mi"), ("cpu", "2")):
        assert spec["resources"]["requests"][kind] == spec["resources"]["limits"][kind] == amount
    assert "priorityClassName" not in spec
    stack = {**KUBERNETES, "kubernetes": {"priority_class": "data"}}
    chosen = cloudnative_pg.cluster(settings(stack), catalogue())
    assert specs.cluster(chosen, scope(), "", "")["priorityClassName"] == "data"


def test_every_operated_container_has_a_disk_limit_that_covers_its_temporary_files() -> None:
    spec = cluster_spec(scope())
    assert spec["resources"]["limits"]["ephemeral-storage"] == "1024Mi"
    assert spec["ephemeralVolumesSizeLimit"]["temporaryData"] == "512Mi"
    (bouncer,) = pooler_spec(scope())["template"]["spec"]["containers"]
    assert bouncer["resources"]["limits"]["ephemeral-storage"] == "512Mi"


def test_data_and_its_log_have_the_sizes_and_the_class_of_the_settings() -> None:
    spec = cluster_spec(scope(storage_class="fast"), size="20Gi", wal_size="2Gi")
    assert spec["storage"] == {"size": "20Gi", "storageClass": "fast"}
    assert spec["walStorage"] == {"size": "2Gi", "storageClass": "fast"}
    small = cluster_spec(scope(), size="20Gi")
    assert small["storage"] == {"size": "20Gi"}
    assert "walStorage" not in small


def test_a_pooler_stands_before_the_primary_of_the_cluster() -> None:
    spec = pooler_spec(scope(), instances=2)
    assert (spec["cluster"], spec["type"]) == ({"name": "ai-platform-postgres"}, "rw")
    assert spec["instances"] == 2


def test_a_cluster_has_time_to_start_its_instances_one_by_one() -> None:
    assert specs.patience(cluster(instances=2), Kubernetes(pull_budget=100)) == "700s"
    assert specs.patience(cluster(instances=5), Kubernetes(pull_budget=100)) == "1600s"


def test_the_volume_of_the_operators_claims_has_the_cluster_size() -> None:
    claim = volume(cluster(size="20Gi"))
    assert (claim.name, claim.size) == ("postgres", "20Gi")
