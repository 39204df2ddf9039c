"""Rules for every object of every Kubernetes stack, beside its pods."""

import base64
import json
import re
from collections import Counter

from tests.unit.objects import containers, contents, objects, referenced, templates
from tests.unit.rendering import PASSWORD, Rendered

HASHED = re.compile(r"-[0-9a-f]{10}$")
# The characters that the API allows in names and in keys of files.
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def test_secrets_are_only_in_secret_objects(kubernetes: Rendered) -> None:
    hidden = [PASSWORD, "given-"]
    hidden += [base64.b64encode(f"{text}ab".encode()).decode()[:8] for text in hidden]
    for name, manifest in objects(kubernetes).items():
        if manifest["kind"] != "Secret":
            assert not [text for text in hidden if text in json.dumps(manifest)], name


def test_a_secrets_data_is_marked_secret(kubernetes: Rendered) -> None:
    secrets = [
        resource for resource in kubernetes.resources.values() if resource.type.endswith(":Secret")
    ]
    assert secrets
    for secret in secrets:
        for key in secret.inputs["data"]:
            assert {("data",), ("data", key)} & secret.secrets, (secret.name, key)
        assert all(contents(secret.inputs).values()), secret.name


def test_a_deployment_never_has_a_claim_with_one_writer(kubernetes: Rendered) -> None:
    """A Deployment starts the new pod beside the old one, so two would use one volume.

    Claims that the stack does not create are read only.
    """
    claims = objects(kubernetes, "PersistentVolumeClaim")
    uses = Counter(
        reference
        for template in templates(kubernetes).values()
        for kind, reference, _ in referenced(template)
        if f"{kind} {reference}" in claims
    )
    assert set(uses.values()) == {1}
    assert {f"PersistentVolumeClaim {name}" for name in uses} == set(claims)
    for claim in claims.values():
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    for name, template in templates(kubernetes).items():
        if any(f"{kind} {reference}" in claims for kind, reference, _ in referenced(template)):
            assert name.startswith("StatefulSet "), name
            assert objects(kubernetes)[name]["spec"]["replicas"] == 1, name


def test_a_disruption_budget_never_blocks_a_drain(kubernetes: Rendered) -> None:
    budgets = objects(kubernetes, "PodDisruptionBudget")
    replicas = {
        f"ai-platform-{workload.name}": workload.replicas.max for workload in kubernetes.workloads
    }
    assert {budget["metadata"]["name"] for budget in budgets.values()} == {
        name for name, most in replicas.items() if most > 1
    }
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] >= 1, name
        assert "minAvailable" not in budget["spec"], name
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow", name


def test_exactly_the_immutable_objects_have_a_hash_in_their_name(
    kubernetes: Rendered,
) -> None:
    configurations = objects(kubernetes, "ConfigMap", "Secret")
    for name, manifest in configurations.items():
        hashed = bool(HASHED.search(manifest["metadata"]["name"]))
        assert manifest.get("immutable", False) is hashed, name
    changing = {name for name, manifest in configurations.items() if "immutable" not in manifest}
    assert changing <= {"ConfigMap ai-platform-postgres-first-start", "Secret ai-platform-registry"}


def test_every_name_is_valid_in_the_api(kubernetes: Rendered) -> None:
    for name, manifest in objects(kubernetes).items():
        assert len(manifest["metadata"]["name"]) <= 253, name
        if manifest["kind"] == "Service":
            assert LABEL.fullmatch(manifest["metadata"]["name"]), name
            ports = [port["name"] for port in manifest["spec"]["ports"]]
            assert len(ports) == len(set(ports)), name
        for key in manifest.get("data", {}):
            assert KEY.fullmatch(key), (name, key)
    for name, template in templates(kubernetes).items():
        ports = []
        for container in containers(template):
            assert LABEL.fullmatch(container["name"]), name
            ports += [port["name"] for port in container.get("ports", [])]
        assert all(PORT_NAME.fullmatch(port) for port in ports), name
        assert len(ports) == len(set(ports)), name
        for volume in template["spec"]["volumes"]:
            assert LABEL.fullmatch(volume["name"]), (name, volume["name"])


def test_every_object_has_labels_of_its_part_and_tier(kubernetes: Rendered) -> None:
    for name, manifest in objects(kubernetes).items():
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "ai-platform", name
        assert labels["app.kubernetes.io/managed-by"] == "pulumi", name
        assert {"name", "instance", "component"} <= {key.rpartition("/")[2] for key in labels}, name
