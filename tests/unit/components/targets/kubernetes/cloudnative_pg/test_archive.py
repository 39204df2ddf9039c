"""The backups of CloudNativePG and its Barman Cloud plugin, as a whole stack has them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.operated import PostgresCluster, Recovery
from components.settings import Kubernetes
from components.targets.kubernetes import guard
from components.targets.kubernetes.cloudnative_pg import archive, specs
from components.targets.kubernetes.last_deployment import LastDeployment
from components.targets.kubernetes.scope import Scope
from tests.unit.cases import BUCKET, LOGIN_AT_BUCKET
from tests.unit.describing import KUBERNETES, tiers
from tests.unit.objects import contents, named, objects
from tests.unit.policies import Endpoint, reaches
from tests.unit.rendering import Rendered, render

NAME = "ai-platform-postgres"
EXISTING = {"kubernetes": {"secrets": LOGIN_AT_BUCKET}}
GIVEN = {"access_key": "given-access", "secret_key": "given-secret"}
AT = "2026-11-24T21:00:00Z"
STATE = f"urn:pulumi:prod::ai-platform::kubernetes:postgresql.cnpg.io/v1:Cluster::{NAME}"


def stack(bucket: Mapping[str, Any] = BUCKET, **backup: Any) -> dict[str, Any]:
    data = {"mode": "cloudnative-pg", "backup": {"offsite": bucket, **backup}}
    return {**KUBERNETES, "data": data}


def recovering(**recover: Any) -> dict[str, Any]:
    operator = {"server_name": "second", "recover": {"server_name": "first", **recover}}
    return {**stack(operator=operator), **EXISTING}


def spec(rendered: Rendered, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = named(rendered, kind, NAME)["spec"]
    return found


@pytest.fixture(scope="module")
def given() -> Rendered:
    """A stack whose file has the login at the bucket."""
    return render(stack({**BUCKET, **GIVEN}), secret=("data",))


def test_the_bucket_is_an_object_store(given: Rendered) -> None:
    store = spec(given, "ObjectStore")
    login = store["configuration"]["s3Credentials"]["region"]["name"]
    authority = store["configuration"]["endpointCA"]["name"]
    assert store == {
        "configuration": {
            "destinationPath": "s3://acme-backups/prod/cloudnative-pg",
            "endpointURL": "https://s3.example.com:9000",
            "endpointCA": {"name": authority, "key": "ca.crt"},
            "s3Credentials": {
                "accessKeyId": {"name": login, "key": "access-key"},
                "secretAccessKey": {"name": login, "key": "secret-key"},
                "region": {"name": login, "key": "region"},
            },
            "wal": {"compression": "gzip", "maxParallel": 4},
            "data": {"compression": "snappy", "immediateCheckpoint": True},
        },
        "retentionPolicy": "7d",
        "instanceSidecarConfiguration": {
            "resources": {
                "requests": {"memory": "1024Mi", "cpu": "500m", "ephemeral-storage": "64Mi"},
                "limits": {"memory": "1024Mi", "cpu": "500m", "ephemeral-storage": "512Mi"},
            },
            "env": [
                {"name": "AWS_REQUEST_CHECKSUM_CALCULATION", "value": "when_required"},
                {"name": "AWS_RESPONSE_CHECKSUM_VALIDATION", "value": "when_required"},
            ],
        },
    }
    assert contents(named(given, "Secret", login)) == {
        "access-key": "given-access",
        "secret-key": "given-secret",
        "region": "eu-central-1",
    }
    assert contents(named(given, "Secret", authority)) == {"ca.crt": BUCKET["ca"]}


def operated(values: dict[str, Any]) -> PostgresCluster:
    (cluster,) = (part for part in tiers(values)[0].parts if isinstance(part, PostgresCluster))
    return cluster


def cluster_spec(values: dict[str, Any]) -> dict[str, Any]:
    """The spec of the Cluster alone, which takes no render of the whole stack."""
    scope = Scope(
        settings=Kubernetes(),
        namespace="ai-platform",
        opts=pulumi.ResourceOptions(),
        discovered=True,
    )
    return specs.cluster(operated(values), scope, "superuser", "owner", NAME)


def test_a_login_that_the_cluster_has_is_read_where_it_is() -> None:
    plain = {key: BUCKET[key] for key in ("endpoint", "bucket", "cidrs", "files")}
    rendered = render({**stack(plain), **EXISTING})
    configuration = spec(rendered, "ObjectStore")["configuration"]
    assert configuration["destinationPath"] == "s3://acme-backups/cloudnative-pg"
    assert configuration["s3Credentials"] == {
        "accessKeyId": {"name": "vault-bucket", "key": "access"},
        "secretAccessKey": {"name": "vault-bucket", "key": "secret"},
    }
    assert "endpointCA" not in configuration
    assert not [name for name in objects(rendered, "Secret") if "archive" in name]


def test_the_sidecar_has_the_memory_and_cpu_of_the_settings() -> None:
    described = operated({**stack(operator={"memory": "2Gi", "cpu": 1}), **EXISTING}).archive
    assert described
    login: dict[str, dict[str, str]] = {archive.ACCESS_KEY: {}, archive.SECRET_KEY: {}}
    store = archive.object_store(described, login, None)
    for amounts in store["instanceSidecarConfiguration"]["resources"].values():
        assert (amounts["memory"], amounts["cpu"]) == ("2048Mi", "1")


def test_base_backups_are_made_on_schedule_and_at_once_when_it_begins(given: Rendered) -> None:
    assert spec(given, "ScheduledBackup") == {
        "schedule": "0 0 2 * * *",
        "immediate": True,
        "backupOwnerReference": "cluster",
        "cluster": {"name": NAME},
        "method": "plugin",
        "pluginConfiguration": {"name": "barman-cloud.cloudnative-pg.io"},
    }


def test_the_cluster_archives_its_log_to_the_bucket(given: Rendered) -> None:
    cluster = spec(given, "Cluster")
    assert cluster["plugins"] == [
        {
            "name": "barman-cloud.cloudnative-pg.io",
            "isWALArchiver": True,
            "parameters": {"barmanObjectName": NAME, "serverName": NAME},
        }
    ]
    assert list(cluster["bootstrap"]) == ["initdb"]
    assert "externalClusters" not in cluster


def test_the_bucket_stays_with_the_cluster_and_the_schedule_follows_it(given: Rendered) -> None:
    """`down` keeps the protected cluster with what it depends on. Its server runs on, and its log
    would pile up without the bucket."""
    assert "ObjectStore postgres" in given.of_type("Cluster")["postgres"].depends_on
    assert "Cluster postgres" in given.of_type("ScheduledBackup")["postgres"].depends_on


def test_without_backups_the_cluster_archives_nothing() -> None:
    silent = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False}}
    assert objects(render(silent), "ObjectStore", "ScheduledBackup") == {}
    assert "plugins" not in cluster_spec(silent)


@pytest.mark.parametrize(
    ("recover", "target"),
    [
        ({}, None),
        ({"at": "2026-11-24 21:00:00"}, {"targetTime": AT}),
        (
            {"backup": "20261124T020000"},
            {"backupID": "20261124T020000", "targetImmediate": True},
        ),
    ],
    ids=["all", "moment", "backup"],
)
def test_a_new_cluster_starts_from_the_backup_of_another(
    recover: dict[str, str], target: dict[str, Any] | None
) -> None:
    cluster = cluster_spec(recovering(**recover))
    assert cluster["bootstrap"] == {
        "recovery": {
            "source": "archive",
            "database": "platform",
            "owner": "platform_owner",
            "secret": {"name": "owner"},
            **({"recoveryTarget": target} if target else {}),
        }
    }
    assert cluster["externalClusters"] == [
        {
            "name": "archive",
            "plugin": {
                "name": "barman-cloud.cloudnative-pg.io",
                "parameters": {"barmanObjectName": NAME, "serverName": "first"},
            },
        }
    ]
    (plugin,) = cluster["plugins"]
    assert plugin["parameters"]["serverName"] == "second"


def test_a_recovery_has_time_for_the_whole_volume() -> None:
    recovers = replace(operated(recovering()), size="10Gi", instances=2)
    assert specs.patience(recovers, Kubernetes(pull_budget=100)) == f"{700 + 10240 // 5}s"


@pytest.mark.parametrize(
    "recover", [{}, {"at": AT}, {"backup": "20261124T020000"}], ids=["all", "moment", "backup"]
)
def test_the_state_says_what_a_cluster_started_from(recover: dict[str, str]) -> None:
    cluster = cluster_spec(recovering(**recover))
    assert archive.started_from(cluster) == Recovery(server="first", **recover)


def test_a_cluster_that_exists_is_not_started_from_a_backup(given: Rendered) -> None:
    state = {STATE: named(given, "Cluster", NAME)}
    with pytest.raises(pulumi.RunError, match="the cluster ai-platform-postgres exists"):
        render(recovering(), state=state, preview=True)


def test_a_cluster_that_started_from_this_backup_is_left_alone() -> None:
    last = LastDeployment(recoveries={NAME: Recovery(server="first", at=AT)})
    guard.recoveries([operated(recovering(at=AT))], last)
    # The settings may forget it.
    guard.recoveries([operated({**stack(), **EXISTING})], last)
    with pytest.raises(pulumi.RunError, match="exists"):
        guard.recoveries([operated(recovering(at="2026-11-24 22:00:00"))], last)
    guard.recoveries([operated(recovering())], LastDeployment())


def test_instances_and_a_recovering_job_reach_the_bucket_and_poolers_do_not(
    operators: Rendered,
) -> None:
    bucket = Endpoint(name="bucket", address="198.51.100.9")
    policies = list(objects(operators, "NetworkPolicy").values())

    def reach(port: int, **labels: str) -> bool:
        own = {f"cnpg.io/{key}": value for key, value in labels.items()}
        pod = Endpoint(
            name="pod",
            namespace="ai-platform",
            address="10.4.0.1",
            labels={"cnpg.io/cluster": NAME, **own},
        )
        return reaches(policies, pod, bucket, port)

    assert reach(9000, podRole="instance")
    assert reach(9000, jobRole="full-recovery")
    assert not reach(9000, podRole="pooler")
    assert not reach(9001, podRole="instance")
