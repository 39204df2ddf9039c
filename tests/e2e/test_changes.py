"""The resources that a change of a file or a setting affects, and no others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.catalogue import Catalogue
from components.settings import Settings
from operations import docker_stack, state_repair
from operations.up import update
from tests.e2e.stack import Stack, eventually, output_of, variables


def unhealthy(stack: Stack) -> list[str]:
    """The names of the containers that are not healthy."""
    containers = docker_stack.containers(stack.name)
    return [container.name for container in containers if not container.healthy]


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line)


def test_refresh_detects_manual_changes_and_up_reverts_them(stack: Stack) -> None:
    before = stack.ids()
    docker_stack.docker("stop", stack.container("decision"))
    docker_stack.docker("rm", "--force", "--volumes", stack.container("postgres-exporter"))
    docker_stack.docker("update", "--restart=always", stack.container("alertmanager"))
    refresh = stack.pulumi("refresh", "--yes")
    assert refresh.returncode == 0, output_of(refresh)
    assert stack.changes() == {
        "decision": "replace",
        "postgres-exporter": "create",
        "alertmanager": "update",
    }
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert unhealthy(stack) == []
    after = stack.ids()
    assert {name for name in before if before[name] != after[name]} == {
        stack.container(name) for name in ("decision", "postgres-exporter")
    }
    policy = stack.inspect("alertmanager")["HostConfig"]["RestartPolicy"]
    assert policy["Name"] == "unless-stopped"


def test_a_change_affects_its_resources_in_the_least_disruptive_way(stack: Stack) -> None:
    """A changed source, rule, health check or tmpfs replaces a container; a limit updates it."""
    append(stack.tree / "images/services/backend/__init__.py", "# changed\n")
    append(
        stack.tree / "monitoring/prometheus/rules/api.yml",
        "\n  - name: changed\n    rules: [{record: changed:by:test, expr: vector(1)}]\n",
    )
    changes: dict[str, Any] = {
        "api": {"services": {"decision": {"memory": "192Mi"}}},
        "web": {"frontend": {"start_budget": 45, "writable": ["/tmp", "/var/cache/nginx"]}},
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
        # Its gateway finds the new container within 5 s.
        answer = eventually(lambda: (a := prometheus.get("/api/v1/rules")).is_success and a)
    assert "changed" in {group["name"] for group in answer.json()["data"]["groups"]}


def test_a_changed_scratch_path_replaces_the_frontend_and_a_log_level_only_the_services(
    stack: Stack,
) -> None:
    assert stack.changes(
        web={"frontend": {"writable": ["/tmp", "/var/cache/nginx"]}},
        api=variables(LOG_LEVEL="WARNING"),
    ) == {"frontend": "replace", "backend": "replace", "decision": "replace"}


def test_a_rebuilt_base_image_replaces_the_containers_of_its_images(stack: Stack) -> None:
    """The base keeps its name; the refresh of `make up` detects the new image."""
    base = "ai-platform/e2e-base:1"
    changes = {"images": {"references": {"python": base}}}
    python = Catalogue(Settings.model_validate(stack.settings)).image("python").reference
    docker_stack.docker("tag", python, base)
    result = stack.up(**changes)
    assert result.returncode == 0, output_of(result)
    before = stack.ids()
    container = docker_stack.docker("create", python, "true").strip()
    docker_stack.docker("commit", "--change", "LABEL patched=yes", container, base)
    docker_stack.docker("rm", container)

    result = stack.pulumi("up", "--yes", "--skip-preview", "--refresh", **changes)
    assert result.returncode == 0, output_of(result)
    after = stack.ids()
    assert {name for name in before if before[name] != after[name]} == {
        stack.container(name) for name in ("backend", "decision")
    }
    assert stack.inspect("backend")["Config"]["Labels"]["patched"] == "yes"


def with_image_resources(exported: Mapping[str, Any]) -> dict[str, Any]:
    """The state in the form of earlier versions, which built images with `docker.Image`."""
    text = json.dumps(exported)
    for resource in exported["deployment"]["resources"]:
        if (resource.get("inputs") or {}).get("build"):
            text = text.replace(json.dumps(resource), json.dumps(_image_resource(resource)))
            urn = resource["urn"]
            text = text.replace(json.dumps(urn), json.dumps(_image_resource(resource)["urn"]))
    state: dict[str, Any] = json.loads(text)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "pulumi:providers:docker":
            resource["inputs"]["version"] = resource["outputs"]["version"] = "5.1.0"
    return state


def _image_resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The resource of the same image as an earlier version recorded it."""
    kind, name, image = resource["type"], resource["inputs"]["name"], resource["inputs"]["build"]
    build = {"context": image["context"], "dockerfile": f"{image['context']}/Dockerfile"}
    return {
        "urn": resource["urn"].replace(kind, state_repair.IMAGE_TYPE),
        "custom": True,
        "id": name,
        "type": state_repair.IMAGE_TYPE,
        "inputs": {
            "build": build | {"args": image["buildArgs"], "platform": "linux/amd64"},
            "buildOnPreview": False,
            "imageName": name,
            "skipPush": True,
        },
        "outputs": {
            **build,
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


def test_a_stack_of_an_earlier_version_with_image_resources_is_repaired(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    before, volumes = stack.ids(), docker_stack.volumes(stack.name)
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    path = stack.directory / "earlier-version.json"
    path.write_text(json.dumps(with_image_resources(exported)))
    result = stack.pulumi("stack", "import", "--file", str(path))
    assert result.returncode == 0, output_of(result)
    assert len(state_repair.images(json.loads(stack.pulumi("stack", "export").stdout))) == 4

    stack.workspace.prepare()
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    assert state_repair.images(exported) == []
    update(stack.workspace, refresh=True)
    assert (stack.ids(), docker_stack.volumes(stack.name)) == (before, volumes)
    assert stack.pulumi("preview", "--expect-no-changes").returncode == 0
