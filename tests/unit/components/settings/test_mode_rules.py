"""Rules about modes: what goes with which, and what only a cluster has."""

from typing import Any

from components.settings import SettingsError
from tests.unit.describing import settings

CLUSTER: dict[str, Any] = {
    "target": "kubernetes",
    "images": {"repository": "registry.example.com/acme"},
}
URL = "http://prometheus-operated.monitoring:9090"


def paths(given: dict[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    try:
        settings(given, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def data(**given: Any) -> dict[str, Any]:
    return CLUSTER | {"data": {"mode": "cloudnative-pg"} | given}


def observability(**given: Any) -> dict[str, Any]:
    return CLUSTER | {"observability": {"mode": "operator"} | given}


def test_only_a_cluster_has_operators() -> None:
    assert paths(data()) == []
    assert paths({"data": {"mode": "cloudnative-pg"}}) == ["data.mode"]
    assert paths(observability(grafana=False)) == []
    assert paths({"observability": {"mode": "operator", "grafana": False}}) == [
        "observability.mode"
    ]


def test_what_only_an_operators_cluster_has_is_refused_elsewhere() -> None:
    assert paths(CLUSTER | {"data": {"pooler": {}}}) == ["data.mode"]
    assert paths(CLUSTER | {"data": {"wal_size": "1Gi"}}) == ["data.mode"]
    assert paths(CLUSTER | {"observability": {"operator": {"url": URL}}}) == ["observability.mode"]


def test_a_cluster_has_a_standby() -> None:
    assert paths(data(instances=2)) == []
    assert paths(data(instances=1)) == ["data.instances"]


def test_the_debian_catalogue_has_no_images_for_an_operator() -> None:
    debian = {"repository": "registry.example.com/acme", "catalogue": "debian"}
    given = data(pooler={}) | {"images": debian}
    assert paths(given) == ["images.references.cloudnative-pg", "images.references.pgbouncer"]
    references = {"cloudnative-pg": "acme/postgres:15", "pgbouncer": "acme/pgbouncer:1"}
    assert paths(given | {"images": debian | {"references": references}}) == []


def test_the_operator_reads_passwords_from_the_keys_that_it_knows() -> None:
    def existing(key: str) -> dict[str, Any]:
        secrets = {"postgres-owner-password": {"name": "vault", "key": key}}
        return data() | {"kubernetes": {"secrets": secrets}}

    assert paths(existing("password")) == []
    assert paths(existing("owner")) == ["kubernetes.secrets.postgres-owner-password.key"]


def clients(**given: Any) -> dict[str, Any]:
    """Four backends, a fifth in a roll-out, with pools of ten."""
    return data(**given) | {
        "api": {"database_pool": 10, "services": {"backend": {"replicas": 4}}},
    }


def test_all_clients_may_meet_at_one_pooler() -> None:
    assert paths(clients(max_connections=56)) == []
    assert paths(clients(max_connections=55)) == ["data.max_connections"]
    assert paths(clients(max_connections=106, pooler={"instances": 2})) == []
    assert paths(clients(max_connections=105, pooler={"instances": 2})) == ["data.max_connections"]


def test_clients_of_a_pooler_that_lends_for_a_transaction_wait_their_turn() -> None:
    assert paths(clients(max_connections=20, pooler={"mode": "transaction"})) == []


def test_grafana_needs_to_find_the_clusters_prometheus() -> None:
    assert paths(observability()) == ["observability.operator.url"]
    assert paths(observability(operator={"url": URL})) == []
    assert "observability.operator.url" in paths(observability(operator={"url": f"{URL}/x"}))


def test_what_only_a_prometheus_of_ours_can_be_told_is_refused() -> None:
    """Receivers are the business of the cluster's Alertmanager."""
    given = observability(
        grafana=False, retention="30d", size="1Gi", memory="1Gi", receiver={"webhook": {"url": URL}}
    )
    assert paths(given, ("observability",)) == [
        "observability.receiver",
        "observability.retention",
        "observability.size",
        "observability.memory",
    ]
