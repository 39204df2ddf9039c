"""What a preview says with a cluster, and without."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.e2e.plugins.kubernetes.program import Program


def test_a_change_is_told_the_same_with_a_cluster_and_without(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = {"web": program.deployment("web", "sleep", "infinity")}
    program.up(data=program.config_map("cm", a="1"), **web)
    changed = {"data": program.config_map("cm", a="2"), "new": program.config_map("new"), **web}
    expected = {"data": "replace", "new": "create"}
    assert program.planned(**changed) == expected
    monkeypatch.setitem(program.environment, "KUBECONFIG", "/nowhere")
    assert program.planned(**changed) == expected


def test_without_a_cluster_nothing_is_touched_and_one_sentence_says_why(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.up()
    monkeypatch.setitem(program.environment, "KUBECONFIG", "/nowhere")
    said = program.fail(new=program.config_map("new"))
    why = (
        "configured Kubernetes cluster is unreachable: no kubeconfig was found: "
        "KUBECONFIG names /nowhere, which is not there"
    )
    assert why in said
    assert why in program.fail("destroy", "--yes", "--skip-preview")
    assert why in program.fail("refresh", "--yes", "--skip-preview")


def test_a_context_that_is_not_there_is_named(fresh: Program) -> None:
    said = fresh.fail(provider={"context": "away"}, new=fresh.config_map("new"))
    assert "context 'away' does not exist in " in said
    assert f"(it has {fresh.cluster.place.name})" in said


def test_a_cluster_that_does_not_answer_previews_and_is_named_by_up(fresh: Program) -> None:
    config = yaml.safe_load(fresh.cluster.place.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    provider = {"kubeconfig": yaml.safe_dump(config)}
    described: dict[str, Any] = {"provider": provider, "new": fresh.config_map("n")}
    assert fresh.planned(**described)["new"] == "create"
    assert "https://127.0.0.1:1 does not answer: " in fresh.fail(**described)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"maxUnavailable": 1, "selektor": {}}, 'unknown field "spec.selektor"'),
        ({"maxUnavailable": -1}, "spec.maxUnavailable: Invalid value: -1"),
    ],
)
def test_what_the_server_would_refuse_fails_the_preview(
    program: Program, spec: dict[str, Any], said: str
) -> None:
    program.up()
    budget = program.workload("policy/v1", "PodDisruptionBudget", "budget", spec)
    assert said in program.fail("preview", budget=budget)


def test_a_claim_that_would_shrink_fails_the_preview(program: Program) -> None:
    def claim(size: str) -> dict[str, Any]:
        requests = {"requests": {"storage": size}}
        spec = {"accessModes": ["ReadWriteOnce"], "resources": requests}
        return program.workload("v1", "PersistentVolumeClaim", "claim", spec)

    program.up(claim=claim("2Gi"))
    said = program.fail("preview", claim=claim("1Gi"))
    assert "spec is immutable after creation" in said or "can not be less than" in said
