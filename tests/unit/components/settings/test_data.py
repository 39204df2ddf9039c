"""PostgreSQL's modes, and the settings of each."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import SERVER, paths, refusal
from tests.unit.describing import KUBERNETES

SHARED = {"shared": "application"}
TEN = {**SHARED, "connections": 10}


def operated(**config: Any) -> dict[str, Any]:
    """A stack whose database is run by CloudNativePG."""
    return {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False} | config}


def connections(**data: Any) -> dict[str, Any]:
    """Three backends and an additional service with two replicas, with pools of ten: 50 and 6 in
    reserve."""
    return {
        "data": {"backup": False} | data,
        "api": {
            "services": {
                "backend": {"replicas": {"min": 1, "max": 3}, "database": TEN},
                "reports": {"image": "acme/reports:1", "replicas": 2, "database": TEN},
            },
        },
    }


def clients(**config: Any) -> dict[str, Any]:
    """Four backends, and a fifth during a roll-out, with pools of ten."""
    return operated(**config) | {
        "api": {"services": {"backend": {"replicas": 4, "database": TEN}}},
    }


def test_a_connection_that_verifies_needs_the_authoritys_certificate() -> None:
    def database(**tls: str) -> dict[str, Any]:
        return {"data": {"mode": "external", "external": SERVER | tls}}

    ca = "-----BEGIN CERTIFICATE-----\nMII\n"
    assert paths(database(sslmode="require"), ("data",)) == []
    assert paths(database(sslmode="verify-full", ca=ca), ("data",)) == []
    assert paths(database(sslmode="verify-ca"), ("data",)) == ["data.external.ca"]


def test_the_database_needs_connections_for_the_pools_of_all_replicas() -> None:
    assert paths(connections(max_connections=56)) == []
    assert paths(connections(max_connections=55)) == ["data.max_connections"]


def test_a_roll_out_on_a_cluster_needs_connections_for_a_quarter_more_replicas() -> None:
    """A quarter is rounded up: one more backend and one more replica of the service, with pools of
    ten."""
    assert paths({**KUBERNETES, **connections(max_connections=76)}) == []
    assert paths({**KUBERNETES, **connections(max_connections=75)}) == ["data.max_connections"]


def test_the_connections_of_an_external_database_are_not_counted() -> None:
    external = {"mode": "external", "external": SERVER, "max_connections": 20}
    assert paths(connections(**external), ("data",)) == []


@pytest.mark.parametrize(
    ("memory", "connections", "fits"),
    [("512Mi", 128, True), ("512Mi", 129, False), ("80Mi", 20, True), ("79Mi", 20, False)],
)
def test_the_memory_is_enough_for_the_processes_of_all_connections(
    memory: str, connections: int, fits: bool
) -> None:
    sizes = {"memory": memory, "max_connections": connections}
    services = {"api": {"services": {"backend": {"database": {"connections": 2, **SHARED}}}}}
    assert paths({"data": sizes} | services) == ([] if fits else ["data.memory"])


def test_only_kubernetes_has_an_operator_for_the_database() -> None:
    assert paths(operated()) == []
    assert paths({"data": {"mode": "cloudnative-pg", "backup": False}}) == ["data.mode"]


def test_a_pooler_and_a_wal_volume_need_cloudnative_pg() -> None:
    assert paths({**KUBERNETES, "data": {"pooler": {}}}) == ["data.mode"]
    assert paths({**KUBERNETES, "data": {"wal_size": "1Gi"}}) == ["data.mode"]


def test_a_cluster_has_at_least_one_standby() -> None:
    assert paths(operated(instances=2)) == []
    assert paths(operated(instances=1)) == ["data.instances"]


def test_the_debian_catalogue_lacks_the_operators_images() -> None:
    debian = {"repository": "registry.example.com/acme", "catalogue": "debian"}
    config = operated(pooler={}) | {"images": debian}
    assert paths(config) == ["images.references.cloudnative-pg", "images.references.pgbouncer"]
    references = {"cloudnative-pg": "acme/postgres:15", "pgbouncer": "acme/pgbouncer:1"}
    assert paths(config | {"images": debian | {"references": references}}) == []


def test_the_operators_passwords_must_have_the_key_that_it_reads() -> None:
    def existing(key: str) -> dict[str, Any]:
        secrets = {"postgres-owner-password": {"name": "vault", "key": key}}
        return operated() | {"kubernetes": {"secrets": secrets}}

    assert paths(existing("password")) == []
    assert paths(existing("owner")) == ["kubernetes.secrets.postgres-owner-password.key"]


def test_every_pooler_has_connections_for_all_clients() -> None:
    assert paths(clients(max_connections=56)) == []
    assert paths(clients(max_connections=55)) == ["data.max_connections"]
    assert paths(clients(max_connections=106, pooler={"instances": 2})) == []
    assert paths(clients(max_connections=105, pooler={"instances": 2})) == ["data.max_connections"]


def test_a_transaction_pooler_needs_no_connection_for_each_client() -> None:
    assert paths(clients(max_connections=20, pooler={"mode": "transaction"})) == []


def test_a_pooler_does_not_multiply_the_connections_of_databases_that_it_does_not_lead_to() -> None:
    """Two replicas, one more in a roll-out, and one for a step beside them, with ten each."""

    def stack(mode: str, **data: Any) -> dict[str, Any]:
        config = clients(pooler={"mode": mode, "instances": 2}, **data)
        own = {"image": "acme/reports:1", "replicas": 2, "database": {"connections": 10}}
        config["api"]["services"]["reports"] = own
        return config

    assert paths(stack("session", memory="1Gi", max_connections=146)) == []
    assert paths(stack("session", memory="1Gi", max_connections=145)) == ["data.max_connections"]
    assert paths(stack("transaction", max_connections=48)) == []
    assert paths(stack("transaction", max_connections=47)) == ["data.max_connections"]


def test_too_few_connections_are_explained_by_who_needs_them() -> None:
    config = connections(max_connections=40)
    config["api"]["services"]["charts"] = {"image": "acme/charts:1", "database": {}}
    assert (
        "at least 66: 6 for superusers, exporter and health check, 10 for charts, 30 for backend, "
        "20 for reports"
    ) in refusal(config)


@pytest.mark.parametrize(
    ("reference", "accepted"),
    [
        *(("acme/postgres:16", True), ("acme/postgres:16.4-alpine", True)),
        *(("acme/timescaledb:2.14.2-pg16", True), ("localhost:5000/acme/postgres:v16", True)),
        # These do not tell.
        *(("acme/postgres:stable", True), ("acme/postgres:2", True), ("acme/pg:20250101", True)),
        (f"acme/postgres@sha256:{'15' * 32}", True),
        *(("acme/postgres:15.8", False), ("acme/timescaledb:2.14.2-pg15", False)),
        ("localhost:5000/acme/postgres:15", False),
    ],
)
@pytest.mark.parametrize("mode", ["builtin", "cloudnative-pg"])
def test_the_image_has_the_version_of_the_data_as_far_as_its_tag_tells(
    mode: str, reference: str, accepted: bool
) -> None:
    name = "postgres" if mode == "builtin" else "cloudnative-pg"
    images = {**KUBERNETES["images"], "references": {name: reference}}
    data = {"mode": mode, "version": 16, "backup": False}
    config = {**KUBERNETES, "images": images, "data": data}
    assert paths(config) == ([] if accepted else [f"images.references.{name}"])


def test_the_catalogues_image_counts_without_another_one() -> None:
    assert paths({"data": {"version": 16}}) == []
    config = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "version": 16, "backup": False}}
    assert refusal(config).endswith(
        "  allowed  an image of PostgreSQL 16, because data.version is 16; or data.version: 15, "
        "for a new stack or one whose data is of 15 already"
    )


def test_a_version_without_an_image_in_the_catalogue_needs_an_image_of_the_stacks_own() -> None:
    images: dict[str, Any] = {"catalogue": "debian"}
    config = {"data": {"version": 16}, "images": images}
    assert refusal(config).endswith(
        "  found    16\n"
        "  allowed  one of 15, 17, which the debian catalogue has, or any with an image of your "
        "own as images.references.postgres-16"
    )
    images["references"] = {"postgres": "acme/postgres:16"}
    assert paths(config) == []
