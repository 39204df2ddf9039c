"""What holds for every object of every Kubernetes stack, beside its pods."""

import base64
import json
import re
from collections import Counter

from tests.unit.objects import containers, contents, objects, referenced, templates
from tests.unit.rendering import PASSWORD, Rendered

HASHED = re.compile(r"-[0-9a-f]{10}$")
# What the API takes for a name of each: letters, digits and dashes; and for a file's key.
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def test_no_secret_is_anywhere_but_in_a_secret(kubernetes: Rendered) -> None:
    hidden = [PASSWORD, "given-"]
    hidden += [base64.b64encode(f"{text}ab".encode()).decode()[:8] for text in hidden]
    for name, each in objects(kubernetes).items():
        if each["kind"] != "Secret":
            assert not [text for text in hidden if text in json.dumps(each)], name


def test_a_secret_s_data_stays_secret_on_its_way(kubernetes: Rendered) -> None:
    secrets = [each for each in kubernetes.resources.values() if each.type.endswith(":Secret")]
    assert secrets
    for each in secrets:
        for key in each.inputs["data"]:
            assert {("data",), ("data", key)} & each.secrets, (each.name, key)
        assert all(contents(each.inputs).values()), each.name


def test_a_claim_of_one_writer_is_never_under_a_deployment(kubernetes: Rendered) -> None:
    """A Deployment rolls by starting the new pod beside the old one: two on one volume."""
    claims = objects(kubernetes, "PersistentVolumeClaim")
    used = Counter(
        reference
        for template in templates(kubernetes).values()
        for kind, reference, _ in referenced(template)
        if kind == "PersistentVolumeClaim"
    )
    assert set(used.values()) == {1}
    assert {f"PersistentVolumeClaim {name}" for name in used} == set(claims)
    for each in claims.values():
        assert each["spec"]["accessModes"] == ["ReadWriteOnce"]
    for name, template in templates(kubernetes).items():
        if any(kind == "PersistentVolumeClaim" for kind, _, _ in referenced(template)):
            assert name.startswith("StatefulSet "), name
            assert objects(kubernetes)[name]["spec"]["replicas"] == 1, name


def test_a_disruption_budget_never_stands_in_the_way_of_a_drain(kubernetes: Rendered) -> None:
    budgets = objects(kubernetes, "PodDisruptionBudget")
    replicas = {f"ai-platform-{each.name}": each.replicas.max for each in kubernetes.workloads}
    assert {each["metadata"]["name"] for each in budgets.values()} == {
        name for name, most in replicas.items() if most > 1
    }
    for name, each in budgets.items():
        assert each["spec"]["maxUnavailable"] >= 1, name
        assert "minAvailable" not in each["spec"], name
        assert each["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow", name


def test_what_carries_its_hash_never_changes_and_what_changes_carries_none(
    kubernetes: Rendered,
) -> None:
    for name, each in objects(kubernetes, "ConfigMap", "Secret").items():
        assert each.get("immutable", False) is bool(HASHED.search(each["metadata"]["name"])), name
    others = {
        name
        for name, each in objects(kubernetes, "ConfigMap", "Secret").items()
        if "immutable" not in each
    }
    assert others <= {"ConfigMap ai-platform-postgres-first-start", "Secret ai-platform-registry"}


def test_every_name_is_one_that_the_api_takes(kubernetes: Rendered) -> None:
    for name, each in objects(kubernetes).items():
        assert len(each["metadata"]["name"]) <= 253, name
        if each["kind"] == "Service":
            assert LABEL.fullmatch(each["metadata"]["name"]), name
            ports = [port["name"] for port in each["spec"]["ports"]]
            assert len(ports) == len(set(ports)), name
        for key in each.get("data", {}):
            assert KEY.fullmatch(key), (name, key)
    for name, template in templates(kubernetes).items():
        ports = []
        for each in containers(template):
            assert LABEL.fullmatch(each["name"]), name
            ports += [port["name"] for port in each.get("ports", [])]
        assert all(PORT_NAME.fullmatch(port) for port in ports), name
        assert len(ports) == len(set(ports)), name
        for volume in template["spec"]["volumes"]:
            assert LABEL.fullmatch(volume["name"]), (name, volume["name"])


def test_every_object_says_what_it_belongs_to(kubernetes: Rendered) -> None:
    for name, each in objects(kubernetes).items():
        labels = each["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "ai-platform", name
        assert labels["app.kubernetes.io/managed-by"] == "pulumi", name
        assert {"name", "instance", "component"} <= {key.rpartition("/")[2] for key in labels}, name
