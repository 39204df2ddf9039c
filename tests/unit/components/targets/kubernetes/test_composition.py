"""Secrets that the cluster has: by reference, or composed in the pod; never a value of theirs."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components import cache
from components.credentials import Credentials
from components.settings.kubernetes import ExistingSecret
from components.targets.kubernetes import composition
from components.text import Secret, Text
from tests.unit.rendering import Rendered, render

ALL = (
    *("postgres-password", "postgres-owner-password", "postgres-app-password"),
    *("postgres-monitor-password", "redis-app-password", "redis-monitor-password"),
    *("grafana-password", "api-token"),
)


def existing(*names: str, **more: str) -> dict[str, Any]:
    return {name: {"name": "vault", "key": f"{name}-key"} | more for name in names}


def stack(secrets: Mapping[str, Any], **more: Any) -> Rendered:
    given = {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme"},
        "kubernetes": {"secrets": dict(secrets)},
    }
    return render(given | more)


@pytest.fixture(scope="module")
def whole() -> Rendered:
    """Every secret is the cluster's."""
    return stack(existing(*ALL))


@pytest.fixture(scope="module")
def mixed() -> Rendered:
    """Redis' application password is the cluster's, its monitor's is ours."""
    return stack(existing("redis-app-password", version="7"))


def pod(rendered: Rendered, name: str) -> dict[str, Any]:
    """The pod template of a workload."""
    for kind in ("Deployment", "StatefulSet"):
        found = rendered.of_type(kind).get(name)
        if found:
            template: dict[str, Any] = found.inputs["spec"]["template"]
            return template
    raise AssertionError(name)


def volume(template: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in template["spec"]["volumes"] if each["name"] == name
    )
    return found


def test_nothing_is_generated_and_no_secret_is_made_where_the_cluster_has_them_all(
    whole: Rendered,
) -> None:
    assert whole.of_type("RandomPassword") == {}
    assert whole.of_type("Secret") == {}


def test_a_plain_secret_is_mounted_at_its_path_from_its_own_key(whole: Rendered) -> None:
    template = pod(whole, "postgres-exporter")
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


def test_a_url_is_composed_in_the_pod_in_memory(whole: Rendered) -> None:
    template = pod(whole, "backend")
    assert volume(template, "backend-composed")["emptyDir"] == {
        "medium": "Memory",
        "sizeLimit": "1Mi",
    }
    mounts = {
        each["mountPath"]: each["name"]
        for each in template["spec"]["containers"][0]["volumeMounts"]
    }
    assert mounts["/run/secrets/database-url"] == "backend-composed"
    assert mounts["/run/secrets/cache-url"] == "backend-composed"
    assert mounts["/run/secrets/api-token"] == "backend-existing"


def test_the_container_that_composes_is_as_restricted_as_any(whole: Rendered) -> None:
    (composer,) = pod(whole, "backend")["spec"]["initContainers"]
    assert composer == {
        "name": "backend-compose",
        "image": "python:3.11-slim-bookworm",
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-B", "/run/compose/compose.py"],
        "args": ["/run/compose/texts.json", "/run/parts", "/run/composed"],
        "resources": {
            "requests": {"memory": "16Mi", "cpu": "10m"},
            "limits": {"memory": "64Mi", "cpu": "200m"},
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


def test_templates_fake_a_config_map_that_holds_no_secret(whole: Rendered) -> None:
    made = whole.of_type("ConfigMap")["backend-compose"]
    assert made.secrets == frozenset()
    assert made.inputs["immutable"] is True
    texts = json.loads(made.inputs["data"]["texts.json"])
    assert texts["run.secrets.cache-url"] == {
        "template": "redis://platform:${redis-app-password:url}@ai-platform-redis:6379/0",
        "secrets": ["redis-app-password"],
    }
    assert made.inputs["metadata"]["name"].startswith("ai-platform-backend-compose-")


def test_a_part_that_is_ours_is_handed_to_the_composer_beside_the_clusters(
    mixed: Rendered,
) -> None:
    template = pod(mixed, "redis")
    held = mixed.of_type("Secret")["redis-secrets"].inputs
    assert volume(template, "redis-parts")["projected"]["sources"] == [
        {
            "secret": {
                "name": "vault",
                "items": [{"key": "redis-app-password-key", "path": "redis-app-password"}],
            }
        },
        {
            "secret": {
                "name": held["metadata"]["name"],
                "items": [
                    {"key": "_part.redis-monitor-password", "path": "redis-monitor-password"}
                ],
            }
        },
    ]
    assert set(held["data"]) == {
        "_part.redis-monitor-password",
        "run.secrets.redis-monitor-password",
    }
    assert json.loads(mixed.of_type("ConfigMap")["redis-compose"].inputs["data"]["texts.json"]) == {
        "run.secrets.users_.acl": {
            "template": cache.USERS,
            "secrets": ["redis-app-password", "redis-monitor-password"],
        }
    }


def test_a_changed_version_rolls_the_pods_that_use_the_secret_and_no_others(
    mixed: Rendered,
) -> None:
    changed = stack(existing("redis-app-password", version="8"))
    rolled = {
        name
        for kind in ("Deployment", "StatefulSet")
        for name, each in mixed.of_type(kind).items()
        if each.inputs != changed.of_type(kind)[name].inputs
    }
    assert rolled == {"backend", "redis"}
    assert pod(changed, "redis")["metadata"]["annotations"] == {
        "ai-platform/secret.redis-app-password": "8"
    }
    others = {
        key: each.inputs
        for key, each in mixed.resources.items()
        if each.type.rpartition(":")[2] not in ("Deployment", "StatefulSet")
    }
    assert others == {key: changed.resources[key].inputs for key in others}


def test_without_a_version_the_pods_have_no_annotation(whole: Rendered) -> None:
    assert "annotations" not in pod(whole, "backend")["metadata"]


def test_a_url_that_the_cluster_has_as_a_whole_is_mounted_and_its_password_is_not_needed() -> None:
    rendered = stack(
        existing("database-url"),
        data={"mode": "external", "external": {"host": "db.example.com", "user": "me"}},
    )
    template = pod(rendered, "backend")
    assert "initContainers" not in template["spec"]
    assert "database-password" not in rendered.of_type("RandomPassword")
    (source,) = volume(template, "backend-existing")["projected"]["sources"]
    assert source["secret"]["items"] == [
        {"key": "database-url-key", "path": "run.secrets.database-url"}
    ]


def test_a_variable_takes_a_plain_secret_or_a_whole_url_by_reference() -> None:
    service = {"secrets_as": "env", "credentials": {"TOKEN": "api-token", "DSN": "database-url"}}
    rendered = stack(existing("api-token", "database-url"), api={"services": {"backend": service}})
    (container,) = pod(rendered, "backend")["spec"]["containers"]
    references = {
        each["name"]: each["valueFrom"] for each in container["env"] if "valueFrom" in each
    }
    assert references == {
        "TOKEN": {"secretKeyRef": {"name": "vault", "key": "api-token-key"}},
        "DSN": {"secretKeyRef": {"name": "vault", "key": "database-url-key"}},
    }


def test_logins_say_where_to_read_what_the_cluster_has(whole: Rendered) -> None:
    assert whole.outputs["logins"]["api"] == {"token": "key api-token-key of Secret vault"}
    assert whole.outputs["logins"]["database"]["password"] == (
        "key postgres-owner-password-key of Secret vault"
    )


def test_a_text_is_sorted_by_who_has_its_parts() -> None:
    mine, theirs = Secret(name="mine"), Secret(name="theirs")
    texts = {
        "ours": Text(template="${mine}", secrets=(mine,)),
        "existing": theirs.text,
        "composed": Text(template="${mine}${theirs}", secrets=(mine, theirs)),
    }
    credentials = Credentials({"theirs": ExistingSecret(name="vault", key="k", version="1")})
    found = composition.sort(texts, credentials)
    assert set(found.ours) == {"ours"}
    assert set(found.existing) == {"existing"}
    assert set(found.composed) == {"composed"}
    assert found.versions == {"ai-platform/secret.theirs": "1"}
    assert set(composition.own_parts(found.composed, credentials)) == {"mine"}
