"""The Role of docs/kubernetes-role.yaml allows what a stack needs, and nothing else."""

import re
from typing import Any

import yaml

from operations.workspace import ROOT
from tests.unit.cases import CASES
from tests.unit.objects import objects

ROLE, BINDING = yaml.safe_load_all((ROOT / "docs" / "kubernetes-role.yaml").read_text())
CHANGE = ["get", "list", "watch", "create", "patch", "delete"]
# What `up` and other verbs read, where they run programs, and what they ask an operator for.
READ = {
    ("", "events"): CHANGE[:3],
    ("", "pods"): CHANGE[:3],
    ("", "pods/exec"): ["get", "create"],
    ("", "pods/log"): ["get"],
    ("apps", "replicasets"): CHANGE[:3],
    ("postgresql.cnpg.io", "backups"): ["get", "list", "create"],
}


def resource(manifest: dict[str, Any]) -> tuple[str, str]:
    """The API group and the plural of an object's kind."""
    group, _, _ = manifest["apiVersion"].rpartition("/")
    kind = manifest["kind"].lower()
    if kind.endswith("y"):
        return group, kind.removesuffix("y") + "ies"
    return group, kind + ("es" if kind.endswith("s") else "s")


def test_the_role_allows_the_kinds_that_stacks_have_and_what_verbs_read() -> None:
    rendered = [case.render() for case in CASES.values()]
    kinds = {resource(manifest) for stack in rendered for manifest in objects(stack).values()}
    rules = {
        (group, name): rule["verbs"]
        for rule in ROLE["rules"]
        for group in rule["apiGroups"]
        for name in rule["resources"]
    }
    # A stack that creates its namespace needs rights in all of the cluster.
    assert rules == dict.fromkeys(kinds - {("", "namespaces")}, CHANGE) | READ


def test_the_role_is_bound_in_its_own_namespace() -> None:
    assert BINDING["roleRef"]["name"] == ROLE["metadata"]["name"]
    assert BINDING["metadata"] == ROLE["metadata"]
    assert [subject["namespace"] for subject in BINDING["subjects"]] == ["ai-platform"]


def test_the_rule_for_port_forward_is_in_comments() -> None:
    """No verb needs it, and the documents' commands do."""
    text = (ROOT / "docs" / "kubernetes-role.yaml").read_text()
    comments = re.findall(r"^  # (- apiGroups.*|  (?:resources|verbs): .*)$", text, re.MULTILINE)
    (rule,) = yaml.safe_load("\n".join(comments))
    assert rule == {
        "apiGroups": [""],
        "resources": ["pods/portforward"],
        "verbs": ["get", "create"],
    }
    assert rule not in ROLE["rules"]
