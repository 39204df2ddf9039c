"""What holds for every pod of every Kubernetes stack, whoever wrote its images.

test_pod_security.py has the rules of the level `restricted`; these are ours beside them.
"""

import json
import re
from collections import Counter
from typing import Any

import pytest

from components.workload import Container
from tests.unit.objects import Object, containers, objects, referenced, templates
from tests.unit.recorded import Case
from tests.unit.rendering import PASSWORD, Rendered

# There is no shell in these images: nothing inside can ask, and Prometheus watches them.
WITHOUT_CLIENT = {"redis-exporter", "frontend-exporter"}
QUANTITY = re.compile(r"(\d+)(m|Mi|Gi)?")


@pytest.fixture
def pods(kubernetes: Rendered) -> dict[str, Object]:
    return templates(kubernetes)


def described(rendered: Rendered) -> dict[str, Container]:
    return {each.name: each for part in rendered.workloads for each in part.containers()}


def number(quantity: str) -> float:
    """Cores or MiB."""
    match = QUANTITY.fullmatch(quantity)
    assert match, quantity
    factor = {"m": 0.001, "Mi": 1, "Gi": 1024, None: 1}[match[2]]
    return int(match[1]) * factor


def test_every_workload_is_there_with_all_its_containers(kubernetes: Rendered) -> None:
    found = {
        each["name"] for template in templates(kubernetes).values() for each in containers(template)
    }
    assert set(described(kubernetes)) <= found


def test_no_container_can_write_to_its_image(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for each in containers(template):
            assert each["securityContext"]["readOnlyRootFilesystem"] is True, (name, each["name"])


def test_it_runs_as_the_user_that_its_image_is_made_for(kubernetes: Rendered) -> None:
    expected = described(kubernetes)
    for template in templates(kubernetes).values():
        for each in template["spec"]["containers"]:
            identity = expected[each["name"]].image.identity
            context = each["securityContext"]
            assert (context["runAsUser"], context["runAsGroup"]) == (identity.uid, identity.gid)


def test_no_pod_has_a_token_of_the_cluster(kubernetes: Rendered) -> None:
    for name, template in templates(kubernetes).items():
        assert template["spec"]["automountServiceAccountToken"] is False, name
    accounts = objects(kubernetes, "ServiceAccount")
    for name, account in accounts.items():
        assert account["automountServiceAccountToken"] is False, name
    used = [each["spec"]["serviceAccountName"] for each in templates(kubernetes).values()]
    assert Counter(used) == Counter(each["metadata"]["name"] for each in accounts.values())


def test_no_service_s_address_stands_in_its_environment(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        assert template["spec"]["enableServiceLinks"] is False, name


def test_every_container_says_what_it_needs_and_at_most_takes(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for each in containers(template):
            asked, limits = each["resources"]["requests"], each["resources"]["limits"]
            for what in ("memory", "cpu"):
                assert 0 < number(asked[what]) <= number(limits[what]), (name, each["name"], what)


def test_whoever_can_be_asked_is_asked(kubernetes: Rendered) -> None:
    expected = described(kubernetes)
    for template in templates(kubernetes).values():
        for each in template["spec"]["containers"]:
            wanted = expected[each["name"]]
            assert ("readinessProbe" in each) == (wanted.ready is not None), each["name"]
            assert ("livenessProbe" in each) == (wanted.alive is not None), each["name"]
            assert ("startupProbe" in each) == bool(wanted.ready or wanted.alive), each["name"]


def test_only_these_can_not_be_asked(prod: Rendered) -> None:
    silent = {
        each["name"]
        for template in templates(prod).values()
        for each in template["spec"]["containers"]
        if "readinessProbe" not in each
    }
    assert silent == WITHOUT_CLIENT


def test_no_probe_needs_a_program_that_lies(pods: dict[str, Object]) -> None:
    """pg_isready may say that a server is alive, and never that it can serve."""
    for name, template in pods.items():
        for each in template["spec"]["containers"]:
            ready = json.dumps(each.get("readinessProbe", {}))
            assert "pg_isready" not in ready, name
            assert "redis-cli" not in ready or "grep -qx PONG" in ready, name
            assert "curl" not in json.dumps([ready, each.get("livenessProbe")]), name


def test_no_path_is_mounted_twice(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for each in containers(template):
            paths = [mount["mountPath"] for mount in each.get("volumeMounts", [])]
            assert len(paths) == len(set(paths)), (name, each["name"])


def test_every_mount_has_its_volume_and_every_volume_a_mount(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        volumes = [volume["name"] for volume in template["spec"]["volumes"]]
        mounts = {m["name"] for each in containers(template) for m in each.get("volumeMounts", [])}
        assert len(volumes) == len(set(volumes)), name
        assert set(volumes) == mounts, name


def test_a_scratch_directory_has_a_limit(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for volume in template["spec"]["volumes"]:
            if "emptyDir" in volume:
                assert volume["emptyDir"]["sizeLimit"], (name, volume["name"])


def test_files_are_mounted_read_only_and_readable_by_the_container_s_user(
    pods: dict[str, Object],
) -> None:
    for name, template in pods.items():
        sources = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        for each in containers(template):
            for mount in each.get("volumeMounts", []):
                source = sources[mount["name"]]
                held = source.get("configMap") or source.get("secret") or source.get("projected")
                if held:
                    assert mount["readOnly"] is True, (name, mount)
                    assert held["defaultMode"] == 0o444, (name, mount)


def test_everything_that_a_pod_reads_is_there(case: Case, kubernetes: Rendered) -> None:
    """But for the Secrets that the cluster has already, by the settings."""
    keys: dict[tuple[str, str], Any] = {
        (each["kind"], each["metadata"]["name"]): each.get("data", {})
        for each in objects(kubernetes).values()
    }
    given = {each["name"] for each in case.settings["kubernetes"].get("secrets", {}).values()}
    for name, template in templates(kubernetes).items():
        for kind, reference, key in referenced(template):
            if kind == "Secret" and reference in given:
                continue
            assert (kind, reference) in keys, (name, kind, reference)
            assert not key or key in keys[kind, reference], (name, reference, key)


def test_a_pod_waits_for_what_it_reads(kubernetes: Rendered) -> None:
    made = {
        (each.inputs["kind"], each.inputs["metadata"]["name"]): each.name
        for each in kubernetes.resources.values()
        if each.type.startswith("kubernetes:")
    }
    for each in kubernetes.resources.values():
        if each.type.startswith("kubernetes:apps/"):
            read = {(kind, name) for kind, name, _ in referenced(each.inputs["spec"]["template"])}
            ours = {f"{kind} {made[kind, name]}" for kind, name in read if (kind, name) in made}
            assert ours, each.name
            assert ours <= each.depends_on, each.name


def test_no_password_is_where_whoever_may_read_the_pod_sees_it(prod: Rendered) -> None:
    for name, template in templates(prod).items():
        text = json.dumps(template)
        assert PASSWORD not in text, name
        assert "secretKeyRef" not in text, name


def test_only_who_asked_for_secrets_in_variables_gets_them_there_and_by_reference(
    own_kubernetes: Rendered,
) -> None:
    found = {}
    for template in templates(own_kubernetes).values():
        assert PASSWORD not in json.dumps(template)
        for each in template["spec"]["containers"]:
            names = [env["name"] for env in each.get("env", []) if "valueFrom" in env]
            if names:
                found[each["name"]] = names
    assert found == {"backend": ["DSN", "REDIS"]}


def test_every_image_is_pinned(pods: dict[str, Object]) -> None:
    for name, template in pods.items():
        for each in containers(template):
            tag = each["image"].rpartition("/")[2].partition(":")[2]
            assert tag, (name, each["image"])
            assert tag != "latest", name
            assert each["imagePullPolicy"] == "IfNotPresent", name


def test_a_pod_is_found_by_labels_that_never_change(kubernetes: Rendered) -> None:
    for name, template in templates(kubernetes).items():
        made = objects(kubernetes)[name]
        selector = made["spec"]["selector"]["matchLabels"]
        assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}, name
        assert selector.items() <= template["metadata"]["labels"].items(), name
