"""A stack on a cluster with operators for PostgreSQL and Prometheus: which pods reach which."""

from collections.abc import Iterable

import pulumi
import pytest

from tests.unit.cases import OPERATORS
from tests.unit.objects import contents, named, objects, templates
from tests.unit.pod_security import violations
from tests.unit.policies import Endpoint, reaches
from tests.unit.rendering import Rendered, render
from tests.unit.test_reaches import DNS, SYSTEM, Edge, connections, descriptions, pods

CLUSTER = "ai-platform-postgres"
API_SERVER = Endpoint(name="api", address="10.96.0.1")


def of_postgres(name: str, address: str, **labels: str) -> Endpoint:
    """A pod as CloudNativePG labels it."""
    own = {f"cnpg.io/{key}": value for key, value in labels.items()}
    return Endpoint(
        name=name,
        namespace="ai-platform",
        labels={"cnpg.io/cluster": CLUSTER} | own,
        address=address,
    )


PRIMARY = of_postgres("postgres-rw", "10.4.0.1", podRole="instance")
STANDBY = of_postgres("standby", "10.4.0.2", podRole="instance")
JOINING = of_postgres("joining", "10.4.0.3", jobRole="join")
POOLER = of_postgres("postgres-pooler", "10.4.0.4", podRole="pooler")
OPERATOR = Endpoint(name="operator", namespace="cnpg-system", address="10.5.0.1")
PROMETHEUS = Endpoint(name="prometheus", namespace="monitoring", address="10.6.0.1")
OTHER_CLUSTER = Endpoint(
    name="other", namespace="ai-platform", labels={"cnpg.io/cluster": "other"}, address="10.4.1.1"
)
# The ports of the operator's pods: SQL, status and metrics.
PORTS = (5432, 8000, 9187, 9127)


def edges(rendered: Rendered, clients: Iterable[Endpoint], *servers: Endpoint) -> set[Edge]:
    policies = list(objects(rendered, "NetworkPolicy").values())
    return {
        (client.name, server.name, port)
        for client in clients
        for server in servers
        for port in PORTS
        if reaches(policies, client, server, port)
    }


def test_only_clients_reach_the_database_and_sharing_services_use_the_pooler(
    operators: Rendered,
) -> None:
    ours = list(pods(operators).values())
    direct = ("postgres-schema", "postgres-databases", "postgres-exporter", "sales-eu")
    assert edges(operators, ours, PRIMARY, STANDBY, POOLER) == {
        *((client, "postgres-pooler", 5432) for client in ("backend", "charts")),
        *((client, server, 5432) for client in direct for server in ("postgres-rw", "standby")),
    }


def test_instances_replicate_and_check_each_other(operators: Rendered) -> None:
    """A primary must notice that it is isolated, and a joining instance copies the primary."""
    assert edges(operators, [PRIMARY, STANDBY, JOINING], PRIMARY, STANDBY) == {
        (client.name, server.name, port)
        for client in (PRIMARY, STANDBY, JOINING)
        for server in (PRIMARY, STANDBY)
        for port in (5432, 8000)
    }
    assert edges(operators, [POOLER], PRIMARY) == {("postgres-pooler", "postgres-rw", 5432)}


def test_the_operator_reaches_its_instances(operators: Rendered) -> None:
    assert edges(operators, [OPERATOR], PRIMARY, JOINING, POOLER) == {
        (OPERATOR.name, server.name, port) for server in (PRIMARY, JOINING) for port in (5432, 8000)
    }


def test_the_operators_pods_reach_the_api_server_and_dns(operators: Rendered) -> None:
    policies = list(objects(operators, "NetworkPolicy").values())
    for pod in (PRIMARY, JOINING, POOLER):
        assert reaches(policies, pod, API_SERVER, 443)
        assert reaches(policies, pod, DNS, 53, "UDP")
        assert not reaches(policies, pod, SYSTEM, 53, "UDP")
        assert not reaches(policies, pod, API_SERVER, 80)


def test_the_clusters_prometheus_reaches_metrics_but_not_sql(operators: Rendered) -> None:
    servers = (PRIMARY, STANDBY, POOLER, *pods(operators).values())
    scraped = edges(operators, [PROMETHEUS], *servers)
    assert {(server, port) for _, server, port in scraped} == {
        *((service, 8000) for service in ("backend", "charts", "sales-eu")),
        ("postgres-rw", 9187),
        ("standby", 9187),
        ("postgres-pooler", 9127),
        ("postgres-exporter", 9187),
    }


@pytest.mark.parametrize(
    "stranger", [DNS, SYSTEM, OTHER_CLUSTER], ids=lambda stranger: stranger.name
)
def test_nobody_else_reaches_the_operators_pods(operators: Rendered, stranger: Endpoint) -> None:
    assert edges(operators, [stranger], PRIMARY, STANDBY, JOINING, POOLER) == set()


def test_our_own_pods_reach_each_other_as_described(operators: Rendered) -> None:
    ours = pods(operators)
    expected = {edge for edge in descriptions(operators.workloads) if edge[1] in ours}
    assert connections(operators, ours.values(), ours.values()) == expected


def test_every_pod_of_ours_passes_the_restricted_level(operators: Rendered) -> None:
    faults = {name: violations(template) for name, template in templates(operators).items()}
    assert [name for name in faults if name.startswith("Job ")]
    assert {name: broken for name, broken in faults.items() if broken} == {}


def test_the_operator_and_the_schema_job_use_the_same_logins(operators: Rendered) -> None:
    spec = named(operators, "Cluster", CLUSTER)["spec"]
    for secret, user, name in (
        (spec["superuserSecret"], "postgres", "postgres-password"),
        (spec["bootstrap"]["initdb"]["secret"], "platform_owner", "postgres-owner-password"),
    ):
        login = named(operators, "Secret", secret["name"])
        assert login["type"] == "kubernetes.io/basic-auth"
        assert contents(login) == {"username": user, "password": f"generated-{name}"}


def test_the_clusters_data_is_protected_and_its_services_wait_for_the_schema(
    operators: Rendered,
) -> None:
    assert operators.of_type("Cluster")["postgres"].protect
    assert not operators.of_type("Pooler")["postgres-pooler"].protect
    job = operators.of_type("Job")["postgres-schema"]
    assert "Cluster postgres" in job.depends_on
    assert job.delete_before_replace
    backend = operators.of_type("Deployment")["backend"]
    assert {"Job postgres-schema", "Pooler postgres-pooler"} <= backend.depends_on


def test_an_operators_claims_cannot_shrink() -> None:
    cluster = {"metadata": {"name": CLUSTER}, "spec": {"storage": {"size": "20Gi"}}}
    urn = "urn:pulumi:prod::ai-platform::kubernetes:postgresql.cnpg.io/v1:Cluster::postgres"
    with pytest.raises(pulumi.RunError, match="postgres: 10Gi is less than the 20Gi"):
        render(OPERATORS, state={urn: cluster})
