"""The docker stand-in answers Check and Diff as the official plugin 5.1.0 was recorded to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.airgap.plugins.recorded_diff import assert_as_recorded

RECORDED = Path(__file__).parent / "recorded"
CALLS = json.loads((RECORDED / "docker-calls.json").read_text())
DIFFS = json.loads((RECORDED / "docker-diffs.json").read_text())
DIFF_ANSWER = ("changes", "replaces", "deleteBeforeReplace", "detailedDiff", "hasDetailedDiff")
REFUSED = {
    "privileged",
    "pidMode",
    "usernsMode",
    "ipcMode",
    "runtime",
    "publishAllPorts",
    "cpuPeriod",
    "cpuQuota",
    "gpus",
}


@pytest.fixture
def build_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded image was built from a directory `ctx`."""
    (tmp_path / "ctx").mkdir()
    (tmp_path / "ctx/Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("resource", CALLS)
@pytest.mark.usefixtures("build_context")
def test_check_answers_as_recorded(docker: Any, resource: str) -> None:
    call = CALLS[resource]["Check"]
    answer = docker("Check", call["request"])
    if resource == "Image":  # of a directory whose content was not recorded
        assert re.fullmatch("[0-9a-f]{64}", answer["inputs"]["build"].pop("contextDigest"))
        del call["response"]["inputs"]["build"]["contextDigest"]
    assert answer == call["response"]


@pytest.mark.parametrize(
    ("resource", "method"),
    [(name, method) for name in CALLS for method in CALLS[name] if method.startswith("Diff")],
)
def test_diff_answers_as_recorded(docker: Any, resource: str, method: str) -> None:
    call = CALLS[resource][method]
    answer = docker("Diff", call["request"])
    if resource == "Image":  # its own Diff names no `diffs` beside the detailed ones
        answer.pop("diffs", None)
    assert answer == call["response"]


def test_every_recorded_difference_is_replayed() -> None:
    assert len(DIFFS) == 89


@pytest.mark.parametrize(
    "case", DIFFS, ids=[f"{case['resource']}.{case['changed']}" for case in DIFFS]
)
def test_a_change_updates_or_replaces_as_recorded(docker: Any, case: dict[str, Any]) -> None:
    calls = CALLS[case["resource"]]
    changed = calls["Check"]["request"]["news"] | camel_case(case["to"])
    inputs = {name: value for name, value in changed.items() if value != "__unset__"}
    answer = docker("Check", calls["Check"]["request"] | {"news": inputs})
    # a state that the official plugin made may hold what the stand-in refuses
    unchecked = {name: inputs[name] for name in REFUSED & inputs.keys()}
    assert {failure["property"] for failure in answer.get("failures", [])} == unchecked.keys()

    request = calls["Diff"]["request"] | {"news": answer["inputs"] | unchecked}
    answer = docker("Diff", request)
    assert_as_recorded(answer, case)
    if case["result"] == "update":
        given = [name for name, value in case["to"].items() if value != "__unset__"]
        assert answer["diffs"] == sorted(camel_case(dict.fromkeys(given)))


def camel_case(value: Any) -> Any:
    """A program's names as the protocol has them."""
    if isinstance(value, dict):
        return {
            re.sub("_([a-z])", lambda found: found[1].upper(), name): camel_case(item)
            for name, item in value.items()
        }
    return [camel_case(item) for item in value] if isinstance(value, list) else value
