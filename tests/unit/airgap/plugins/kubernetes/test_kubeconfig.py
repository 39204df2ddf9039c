from __future__ import annotations

import json
from pathlib import Path

import pytest

from airgap.plugins.kubernetes.kubeconfig import Unusable, active
from airgap.plugins.kubernetes.settings import Settings
from tests.unit.airgap.plugins.kubernetes.conftest import KUBECONFIG


def test_the_current_context_counts_unless_another_is_named(kubeconfig: Path) -> None:
    config = KUBECONFIG | {
        "contexts": [
            {"name": "here", "context": {"cluster": "c"}},
            {"name": "there", "context": {"cluster": "d", "namespace": "team"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://c"}},
            {"name": "d", "cluster": {"server": "https://d"}},
        ],
    }
    kubeconfig.write_text(json.dumps(config))
    here, there = active(Settings()), active(Settings(context="there"))
    assert (here.cluster["server"], here.namespace) == ("https://c", "default")
    assert (there.cluster["server"], there.namespace) == ("https://d", "team")
    assert there.config["current-context"] == "there"
    assert active(Settings(cluster="d")).cluster["server"] == "https://d"
    assert active(Settings(context="there", namespace="mine")).namespace == "mine"


def test_a_kubeconfig_is_given_by_path_or_as_content(kubeconfig: Path) -> None:
    text = kubeconfig.read_text()
    by_path = active(Settings(kubeconfig=str(kubeconfig)))
    as_content = active(Settings(kubeconfig=text))
    assert by_path.cluster == as_content.cluster == {"server": "https://127.0.0.1:1"}


def test_several_files_are_read_as_one_and_the_first_word_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {"clusters": [{"name": "c", "cluster": {"server": "https://first"}}]}
    (tmp_path / "a").write_text(json.dumps(first))
    (tmp_path / "b").write_text(json.dumps(KUBECONFIG))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/a:{tmp_path}/gone:{tmp_path}/b")
    assert active(Settings()).cluster == {"server": "https://first"}


def test_paths_in_a_file_count_from_its_directory(kubeconfig: Path) -> None:
    cluster = {"server": "https://c", "certificate-authority": "ca.crt"}
    user = {"client-certificate": "u.crt", "client-key": "/abs/u.key"}
    config = KUBECONFIG | {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    kubeconfig.write_text(json.dumps(config))
    found = active(Settings())
    assert found.cluster["certificate-authority"] == str(kubeconfig.parent / "ca.crt")
    assert found.config["users"][0]["user"] == {
        "client-certificate": str(kubeconfig.parent / "u.crt"),
        "client-key": "/abs/u.key",
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            Settings(context="away"),
            r"context 'away' does not exist in .*kubeconfig \(it has here\)",
        ),
        (Settings(cluster="away"), "cluster 'away' does not exist in .*kubeconfig"),
        (Settings(kubeconfig="/nowhere"), "the provider's kubeconfig is neither a file nor"),
        (Settings(kubeconfig="a: b: c"), "the provider's kubeconfig is not valid YAML"),
        (Settings(kubeconfig="{}"), "has no current context, and the provider names none"),
    ],
)
def test_what_leads_to_no_cluster_is_said(kubeconfig: Path, settings: Settings, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        active(settings)


def test_that_there_is_no_kubeconfig_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere/a")
    with pytest.raises(Unusable, match="no kubeconfig was found: KUBECONFIG names /nowhere/a"):
        active(Settings())
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Unusable, match=r"KUBECONFIG is not set, and there is no ~/\.kube/config"):
        active(Settings())
