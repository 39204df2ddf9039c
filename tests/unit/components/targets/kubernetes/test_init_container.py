"""Existing Secrets, by reference or filled into texts in the pod; Pulumi never sees their
values."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.cache import builtin
from components.images import ENTRIES
from components.secrets import Secrets
from components.targets.kubernetes import init_container
from components.text import Secret, Text
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import Rendered, render

ALL = (
    *("postgres-password", "postgres-owner-password", "postgres-app-password"),
    *("postgres-monitor-password", "postgres-backup-password"),
    *("redis-app-password", "redis-monitor-password"),
    *("grafana-password", "grafana-secret-key", "api-token"),
)


def existing(*names: str, **more: str) -> dict[str, Any]:
    return {name: {"name": "vault", "key": f"{name}-key"} | more for name in names}


def stack(secrets: Mapping[str, Any], **more: Any) -> Rendered:
    """A stack on a cluster that has these Secrets."""
    return render({**KUBERNETES, "kubernetes": {"secrets": dict(secrets)}, **more})


@pytest.fixture(scope="module")
def all_existing() -> Rendered:
    """Every secret is the cluster's."""
    return stack(existing(*ALL))


@pytest.fixture(scope="module")
def mixed() -> Rendered:
    """Redis' application password is the cluster's, its monitor's is ours."""
    return stack(existing("redis-app-password", version="7"))


def pod(rendered: Rendered, name: str) -> dict[str, Any]:
    """The pod template of a workload."""
    for kind in ("Deployment", "StatefulSet"):
        workload = rendered.of_type(kind).get(name)
        if workload:
            template: dict[str, Any] = workload.inputs["spec"]["template"]
            return template
    raise AssertionError(name)


def volume(template: dict[str, Any], name: str) -> dict[str, Any]:
    volumes: dict[str, dict[str, Any]] = {
        volume["name"]: volume for volume in template["spec"]["volumes"]
    }
    return volumes[name]


def test_a_stack_generates_and_creates_no_secret_if_the_cluster_has_them_all(
    all_existing: Rendered,
) -> None:
    assert all_existing.of_type("RandomPassword") == {}
    assert all_existing.of_type("Secret") == {}


def test_a_plain_secret_is_mounted_at_its_path_from_its_key(all_existing: Rendered) -> None:
    template = pod(all_existing, "postgres-exporter")
    assert volume(template, "postgres-exporter-existing") == {
        "name": "postgres-exporter-existing",
        "projected": {
            "defaultMode": 0o444,
            "sources": [
                {
                    "secret": {
                        "name": "vault",
                        "items": [
                            {
                                "key": "postgres-monitor-password-key",
                                "path": "run.secrets.postgres-monitor-password",
                            }
                        ],
                    }
                }
            ],
        },
    }
    (container,) = template["spec"]["containers"]
    assert {
        "name": "postgres-exporter-existing",
        "mountPath": "/run/secrets/postgres-monitor-password",
        "subPath": "run.secrets.postgres-monitor-password",
        "readOnly": True,
    } in container["volumeMounts"]
    assert "initContainers" not in template["spec"]


def test_a_password_is_filled_into_a_url_in_the_pod_in_memory(all_existing: Rendered) -> None:
    template = pod(all_existing, "backend")
    assert volume(template, "backend-composed")["emptyDir"] == {
        "medium": "Memory",
        "sizeLimit": "1Mi",
    }
    mounts = {
        mount["mountPath"]: mount["name"]
        for mount in template["spec"]["containers"][0]["volumeMounts"]
    }
    assert mounts["/run/secrets/database-url"] == "backend-composed"
    assert mounts["/run/secrets/cache-url"] == "backend-composed"
    assert mounts["/run/secrets/api-token"] == "backend-existing"


def test_the_container_that_fills_in_secrets_is_as_restricted_as_any(
    all_existing: Rendered,
) -> None:
    (composer,) = pod(all_existing, "backend")["spec"]["initContainers"]
    assert composer == {
        "name": "backend-compose",
        "image": ENTRIES["python"].official,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-B", "/run/compose/compose.py"],
        "args": ["/run/compose/texts.json", "/run/parts", "/run/composed"],
        "resources": {
            "requests": {"memory": "16Mi", "cpu": "10m", "ephemeral-storage": "64Mi"},
            "limits": {"memory": "64Mi", "cpu": "200m", "ephemeral-storage": "512Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
        },
        "volumeMounts": [
            {"name": "backend-compose", "mountPath": "/run/compose", "readOnly": True},
            {"name": "backend-parts", "mountPath": "/run/parts", "readOnly": True},
            {"name": "backend-composed", "mountPath": "/run/composed"},
        ],
    }


def test_the_config_map_with_templates_contains_no_secret(all_existing: Rendered) -> None:
    config_map = all_existing.of_type("ConfigMap")["backend-compose"]
    assert config_map.secrets == frozenset()
    assert config_map.inputs["immutable"] is True
    texts = json.loads(config_map.inputs["data"]["texts.json"])
    assert texts["run.secrets.cache-url"] == {
        "template": "redis://platform:${redis-app-password:url}@ai-platform-redis:6379/0",
        "secrets": ["redis-app-password"],
    }
    assert config_map.inputs["metadata"]["name"].startswith("ai-platform-backend-compose-")


def test_the_init_container_gets_our_own_parts_beside_the_clusters(
    mixed: Rendered,
) -> None:
    template = pod(mixed, "redis")
    own_secret = mixed.of_type("Secret")["redis-secrets"].inputs
    assert volume(template, "redis-parts")["projected"]["sources"] == [
        {
            "secret": {
                "name": "vault",
                "items": [{"key": "redis-app-password-key", "path": "redis-app-password"}],
            }
        },
        {
            "secret": {
                "name": own_secret["metadata"]["name"],
                "items": [
                    {"key": "_part.redis-monitor-password", "path": "redis-monitor-password"}
                ],
            }
        },
    ]
    assert set(own_secret["data"]) == {
        "_part.redis-monitor-password",
        "run.secrets.redis-monitor-password",
    }
    assert json.loads(mixed.of_type("ConfigMap")["redis-compose"].inputs["data"]["texts.json"]) == {
        "run.secrets.users_.acl": {
            "template": builtin.USERS,
            "secrets": ["redis-app-password", "redis-monitor-password"],
        }
    }


def test_a_changed_version_rolls_out_only_the_pods_that_use_the_secret(
    mixed: Rendered,
) -> None:
    changed = stack(existing("redis-app-password", version="8"))
    rolled = {
        name
        for kind in ("Deployment", "StatefulSet")
        for name, workload in mixed.of_type(kind).items()
        if workload.inputs != changed.of_type(kind)[name].inputs
    }
    assert rolled == {"backend", "redis"}
    assert pod(changed, "redis")["metadata"]["annotations"] == {
        "ai-platform/secret.redis-app-password": "8"
    }
    others = {
        key: resource.inputs
        for key, resource in mixed.resources.items()
        if resource.type.rpartition(":")[2] not in ("Deployment", "StatefulSet")
    }
    assert others == {key: changed.resources[key].inputs for key in others}


def test_without_a_version_the_pods_have_no_annotation(all_existing: Rendered) -> None:
    assert "annotations" not in pod(all_existing, "backend")["metadata"]


def test_a_whole_url_in_a_secret_is_mounted_and_its_password_is_not_needed() -> None:
    server: dict[str, Any] = {"host": "db.example.com", "user": "me", "sslmode": "require"}
    server |= {"cidrs": ["192.0.2.0/24"]}
    rendered = stack(
        existing("database-url"),
        data={"mode": "external", "external": server},
    )
    template = pod(rendered, "backend")
    assert "initContainers" not in template["spec"]
    assert "database-password" not in rendered.of_type("RandomPassword")
    (source,) = volume(template, "backend-existing")["projected"]["sources"]
    assert source["secret"]["items"] == [
        {"key": "database-url-key", "path": "run.secrets.database-url"}
    ]


def test_a_variable_refers_to_a_plain_secret_or_a_whole_url() -> None:
    service = {
        "image": "acme/app:1",
        "database": {"shared": "application"},
        "env": {"TOKEN": "${api-token}", "DSN": "${database.url}"},
    }
    rendered = stack(existing("api-token", "database-url"), api={"services": {"backend": service}})
    (container,) = pod(rendered, "backend")["spec"]["containers"]
    references = {
        variable["name"]: variable["valueFrom"]
        for variable in container["env"]
        if "valueFrom" in variable
    }
    assert references == {
        "TOKEN": {"secretKeyRef": {"name": "vault", "key": "api-token-key"}},
        "DSN": {"secretKeyRef": {"name": "vault", "key": "database-url-key"}},
    }


def test_logins_name_the_secret_that_the_cluster_has(all_existing: Rendered) -> None:
    assert all_existing.outputs["logins"]["api"] == {"token": "key api-token-key of Secret vault"}
    assert all_existing.outputs["logins"]["database"]["password"] == (
        "key postgres-owner-password-key of Secret vault"
    )


def test_texts_are_grouped_by_the_origin_of_their_secrets() -> None:
    mine, theirs = Secret(name="mine"), Secret(name="theirs")
    texts = {
        "ours": Text(template="${mine}", secrets=(mine,)),
        "existing": theirs.text,
        "composed": Text(template="${mine}${theirs}", secrets=(mine, theirs)),
    }
    secrets = Secrets(
        settings({**KUBERNETES, "kubernetes": {"secrets": existing("theirs", version="1")}})
    )
    origins = init_container.origins(texts, secrets)
    assert set(origins.ours) == {"ours"}
    assert set(origins.existing) == {"existing"}
    assert set(origins.composed) == {"composed"}
    assert origins.versions == {"ai-platform/secret.theirs": "1"}
    assert set(init_container.own_parts(origins.composed, secrets)) == {"mine"}
