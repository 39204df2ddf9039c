"""The names under which others reach the pods that CloudNativePG's operator creates."""

from components.data import cloudnative_pg
from components.operated import PostgresCluster
from components.targets.kubernetes.cloudnative_pg import selectors
from tests.unit.describing import KUBERNETES, catalogue, settings

INSTANCES = {"cnpg.io/cluster": "ai-platform-postgres", "cnpg.io/podRole": "instance"}
POOLERS = {"cnpg.io/cluster": "ai-platform-postgres", "cnpg.io/podRole": "pooler"}


def cluster(**data: object) -> PostgresCluster:
    stack = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, **data}}
    return cloudnative_pg.cluster(settings(stack), catalogue())


def test_without_a_pooler_every_name_leads_to_the_instances() -> None:
    assert selectors(cluster()) == {"postgres-rw": INSTANCES, "postgres-instances": INSTANCES}


def test_the_poolers_name_leads_to_its_own_pods() -> None:
    assert selectors(cluster(pooler={})) == {
        "postgres-rw": INSTANCES,
        "postgres-instances": INSTANCES,
        "postgres-pooler": POOLERS,
    }
