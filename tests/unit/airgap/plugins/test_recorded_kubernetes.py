"""The kubernetes stand-in answers Check and Diff as the official plugin 4.32.0 was recorded to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.kubernetes.provider import Kubernetes
from airgap.plugins.values import SIGNATURE
from tests.unit.airgap.plugins.conftest import Asked
from tests.unit.airgap.plugins.recorded_diff import assert_as_recorded

RECORDED = Path(__file__).parent / "recorded"
CALLS = json.loads((RECORDED / "kubernetes-calls.json").read_text())
DIFFS = json.loads((RECORDED / "kubernetes-diffs.json").read_text())
KINDS = {
    "namespace": "Namespace",
    "configmap": "ConfigMap",
    "secret": "Secret",
    "service": "Service",
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "job": "Job",
    "ingress": "Ingress",
    "pvc": "PersistentVolumeClaim",
}
"""The recorded differences' names for what was recorded whole."""
SELECTOR = {"matchLabels": {"app": "x"}}
CONTAINERS = [{"name": "r", "image": "localhost:5000/redis:7"}]
UNRECORDED: dict[str, tuple[str, dict[str, Any]]] = {
    "hpa": (
        "autoscaling/v2:HorizontalPodAutoscaler",
        {"spec": {"maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "d"}}},
    ),
    "pdb": (
        "policy/v1:PodDisruptionBudget",
        {"spec": {"maxUnavailable": 1, "selector": SELECTOR}},
    ),
    "netpol": (
        "networking.k8s.io/v1:NetworkPolicy",
        {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}},
    ),
    "cronjob": (
        "batch/v1:CronJob",
        {
            "spec": {
                "schedule": "0 3 * * *",
                "jobTemplate": {"spec": {"template": {"spec": {"containers": CONTAINERS}}}},
            }
        },
    ),
    "serviceaccount": ("core/v1:ServiceAccount", {"automountServiceAccountToken": False}),
}
"""Kinds of which only the difference was recorded: what the change started from."""


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The plugin where there is no cluster."""
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    return Asked(Kubernetes)


@pytest.mark.parametrize("kind", CALLS)
def test_check_answers_as_recorded(ask: Asked, kind: str) -> None:
    ask("Configure", {"args": {}})
    call = CALLS[kind]["Check"]
    assert ask("Check", call["request"]) == call["response"]


@pytest.mark.parametrize("kind", CALLS)
def test_what_was_recorded_is_no_change(ask: Asked, kind: str) -> None:
    ask("Configure", {"args": {}})
    created = CALLS[kind]["Create"]
    request = {
        "urn": created["request"]["urn"],
        "olds": created["response"]["properties"],
        "news": created["request"]["properties"],
    }
    assert ask("Diff", request) == {"changes": "DIFF_NONE", "hasDetailedDiff": True}


def test_every_recorded_difference_is_replayed() -> None:
    assert len(DIFFS) == 36


@pytest.mark.parametrize(
    "case", DIFFS, ids=[f"{case['resource']}.{case['changed']}" for case in DIFFS]
)
def test_a_change_updates_or_replaces_as_recorded(ask: Asked, case: dict[str, Any]) -> None:
    mutable = str(case["mutable_provider"]).lower()
    settings = {"enableSecretMutable": mutable, "enableConfigMapMutable": mutable}
    ask("Configure", {"args": settings})
    urn, inputs, live = deployed(case["resource"])
    checked = ask("Check", {"urn": urn, "news": inputs})["inputs"]
    state = live | {"__inputs": checked}
    news = ask("Check", {"urn": urn, "news": merged(inputs, camel_case(case["to"]))})["inputs"]

    answer = ask("Diff", {"urn": urn, "olds": state, "news": news})

    assert_as_recorded(answer, case)


def deployed(resource: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A resource's urn, what the program gave, and the live object."""
    if resource in UNRECORDED:
        token, given = UNRECORDED[resource]
        version, kind = token.split(":")
        inputs = given | {
            "apiVersion": version.removeprefix("core/"),
            "kind": kind,
            "metadata": {"name": "n", "namespace": "kconf"},
        }
        return f"urn:pulumi:c::kconf::kubernetes:{token}::n", inputs, inputs
    calls = CALLS[KINDS[resource]]
    request = calls["Check"]["request"]
    inputs = request["news"]
    if resource == "service":  # only a headless one's creation was recorded
        cluster_ip = {"spec": {"clusterIP": "10.96.0.9", "type": "ClusterIP"}}
        return request["urn"], inputs, merged(inputs, cluster_ip)
    live = calls["Create"]["response"]["properties"]
    return request["urn"], inputs, live


def merged(one: Any, other: Any) -> Any:
    """The first with the second laid over it; what is to be unset is taken out."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    if SIGNATURE in one:
        return one | {"value": merged(one["value"], other)}
    both = one | {name: merged(one.get(name), value) for name, value in other.items()}
    return {name: value for name, value in both.items() if value != "__unset__"}


def camel_case(value: Any) -> Any:
    """A program's names as the protocol has them."""
    if isinstance(value, dict):
        return {
            re.sub("_([a-z])", lambda found: found[1].upper(), name).replace("Ip", "IP"): (
                camel_case(item)
            )
            for name, item in value.items()
        }
    return [camel_case(item) for item in value] if isinstance(value, list) else value
