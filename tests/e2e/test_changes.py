"""What a change of a file or a setting changes, and what it leaves alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.images import Catalogue
from components.settings import Settings
from operations import docker_stack, state_repair
from operations.up import update
from tests.e2e.stack import Stack, eventually, output_of


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line)


def test_changes_by_hand_are_found_by_refresh_and_put_right_by_up(stack: Stack) -> None:
    before = stack.ids()
    docker_stack.docker("stop", stack.container("decision"))
    docker_stack.docker("rm", "--force", "--volumes", stack.container("postgres-exporter"))
    docker_stack.docker("update", "--restart=always", stack.container("alertmanager"))
    refreshed = stack.pulumi("refresh", "--yes")
    assert refreshed.returncode == 0, output_of(refreshed)
    assert stack.changes() == {
        "decision": "replace",
        "postgres-exporter": "create",
        "alertmanager": "update",
    }
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert [each for each in docker_stack.containers(stack.name) if not each.healthy] == []
    after = stack.ids()
    assert {name for name in before if before[name] != after[name]} == {
        stack.container(name) for name in ("decision", "postgres-exporter")
    }
    policy = stack.inspect("alertmanager")["HostConfig"]["RestartPolicy"]
    assert policy["Name"] == "unless-stopped"


def test_a_change_reaches_what_it_concerns_in_the_least_disruptive_way(stack: Stack) -> None:
    """A source and a rule; a health check and a tmpfs, which only a new container has; a limit in
    place."""
    append(stack.tree / "images/api/backend/__init__.py", "# changed\n")
    append(
        stack.tree / "monitoring/prometheus/rules/api.yml",
        "\n  - name: changed\n    rules: [{record: changed:by:test, expr: vector(1)}]\n",
    )
    changes: dict[str, Any] = {
        "api": {"services": {"decision": {"memory": "192Mi"}}},
        "web": {"start_budget": 45, "writable": ["/tmp", "/var/cache/nginx"]},
    }
    assert stack.changes(**changes) == {
        "image-ai-platform/backend": "replace",
        "backend": "replace",
        "prometheus": "replace",
        "decision": "update",
        "frontend": "replace",
    }
    before = stack.ids()
    result = stack.up(**changes)
    assert result.returncode == 0, output_of(result)
    after = stack.ids()
    assert {name for name in before if before[name] != after[name]} == {
        stack.container(name) for name in ("backend", "prometheus", "frontend")
    }
    assert stack.inspect("decision")["HostConfig"]["Memory"] == 192 * 2**20
    assert stack.inspect("frontend")["Config"]["Healthcheck"]["StartPeriod"] == 45 * 10**9
    assert "/var/cache/nginx" in stack.inspect("frontend")["HostConfig"]["Tmpfs"]
    with stack.client("web") as web:
        eventually(lambda: web.get("/api/decisions").status_code == 200)
    with stack.client("prometheus") as prometheus:
        groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
    assert "changed" in {group["name"] for group in groups}


def test_changed_scratch_paths_replace_and_a_changed_log_level_reaches_the_services_only(
    stack: Stack,
) -> None:
    assert stack.changes(
        web={"writable": ["/tmp", "/var/cache/nginx"]}, api={"log_level": "WARNING"}
    ) == {"frontend": "replace", "backend": "replace", "decision": "replace"}


def test_a_renewed_base_is_rolled_out_to_what_is_built_on_it(stack: Stack) -> None:
    """Under the same name, which a refresh finds; as `make up` does it."""
    base = "ai-platform/e2e-base:1"
    own = {"images": {"references": {"python": base}}}
    usual = Catalogue(Settings.model_validate(stack.settings)).image("python").reference
    docker_stack.docker("tag", usual, base)
    result = stack.up(**own)
    assert result.returncode == 0, output_of(result)
    before = stack.ids()
    patched = docker_stack.docker("create", usual, "true").strip()
    docker_stack.docker("commit", "--change", "LABEL patched=yes", patched, base)
    docker_stack.docker("rm", patched)

    result = stack.pulumi("up", "--yes", "--skip-preview", "--refresh", **own)
    assert result.returncode == 0, output_of(result)
    after = stack.ids()
    assert {name for name in before if before[name] != after[name]} == {
        stack.container(name) for name in ("backend", "decision")
    }
    assert stack.inspect("backend")["Config"]["Labels"]["patched"] == "yes"


def with_old_state(exported: Mapping[str, Any]) -> dict[str, Any]:
    """The state as the versions left it that built images by docker.Image."""
    text = json.dumps(exported)
    for resource in exported["deployment"]["resources"]:
        if (resource.get("inputs") or {}).get("build"):
            text = text.replace(json.dumps(resource), json.dumps(_old_image(resource)))
            urn = resource["urn"]
            text = text.replace(json.dumps(urn), json.dumps(_old_image(resource)["urn"]))
    found: dict[str, Any] = json.loads(text)
    for resource in found["deployment"]["resources"]:
        if resource["type"] == "pulumi:providers:docker":
            resource["inputs"]["version"] = resource["outputs"]["version"] = "5.1.0"
    return found


def _old_image(resource: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the type as such a version recorded it, for the same image."""
    kind, name, image = resource["type"], resource["inputs"]["name"], resource["inputs"]["build"]
    built = {"context": image["context"], "dockerfile": f"{image['context']}/Dockerfile"}
    return {
        "urn": resource["urn"].replace(kind, state_repair.IMAGE_TYPE),
        "custom": True,
        "id": name,
        "type": state_repair.IMAGE_TYPE,
        "inputs": {
            "build": built | {"args": image["buildArgs"], "platform": "linux/amd64"},
            "buildOnPreview": False,
            "imageName": name,
            "skipPush": True,
        },
        "outputs": {
            **built,
            "baseImageName": name,
            "imageName": name,
            "platform": "linux/amd64",
            "registryServer": "",
            "repoDigest": resource["outputs"]["imageId"],
        },
        "parent": resource["parent"],
        "provider": resource["provider"],
        "propertyDependencies": {key: [] for key in ("build", "imageName", "skipPush")},
        "created": resource["created"],
        "modified": resource["modified"],
    }


def test_a_stack_of_a_version_with_another_type_of_images_goes_on(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    before, volumes = stack.ids(), docker_stack.volumes(stack.name)
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    old = stack.directory / "old.json"
    old.write_text(json.dumps(with_old_state(exported)))
    imported = stack.pulumi("stack", "import", "--file", str(old))
    assert imported.returncode == 0, output_of(imported)
    assert len(state_repair.images(json.loads(stack.pulumi("stack", "export").stdout))) == 3

    stack.workspace.prepare()
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    assert state_repair.images(exported) == []
    update(stack.workspace, refresh=True)
    assert (stack.ids(), docker_stack.volumes(stack.name)) == (before, volumes)
    assert stack.pulumi("preview", "--expect-no-changes").returncode == 0
