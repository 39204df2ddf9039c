"""A stack's configuration: where it is read from, and its defaults."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import BuildContext, SettingsError, load, merged, overlay_path
from tests.unit.describing import config, settings, stack_file


def overlay(directory: Path, text: str) -> Path:
    path = overlay_path(directory, "dev")
    path.write_text(text)
    return path


def test_a_docker_stack_needs_nothing_but_its_target() -> None:
    loaded = load({"ai-platform:target": "docker"})
    assert loaded.images.catalogue == "official"
    assert loaded.data.mode == loaded.cache.mode == "builtin"
    assert list(loaded.api.services) == ["backend", "decision"]
    builds = [loaded.api.services["backend"].build, loaded.api.services["decision"].build]
    assert builds == [
        BuildContext(context="images/services", dockerfile="api.Dockerfile"),
        BuildContext(context="images/services", dockerfile="decision.Dockerfile"),
    ]
    page = loaded.web.frontend
    assert page is not None
    assert (page.build, page.image) == (BuildContext(context="images/web"), None)
    assert loaded.observability.grafana
    assert loaded.docker.bind == "127.0.0.1"
    assert loaded.docker.ports.by_endpoint() == {
        "web": 8080,
        "backend": 8000,
        "decision": 8001,
        "grafana": 3000,
        "prometheus": 9090,
        "alertmanager": 9093,
    }


@pytest.mark.parametrize(
    ("stack", "target"), [("dev", "docker"), ("prod", "kubernetes"), ("local", "kubernetes")]
)
def test_the_stack_files_of_the_repository_are_valid(stack: str, target: str) -> None:
    assert settings(stack_file(stack)).target == target


def test_the_prod_stack_has_the_required_replicas_sizes_and_host() -> None:
    loaded = settings(stack_file("prod"))
    assert loaded.api.services["backend"].replicas.min == 3
    assert loaded.web.gateway.replicas.min == 2
    assert (loaded.data.size, loaded.cache.size) == ("10Gi", "5Gi")
    assert loaded.kubernetes.namespace == "ai-platform"
    assert loaded.hosts == ("ai-platform.example.com",)


def test_keys_of_other_namespaces_are_ignored() -> None:
    assert load({"ai-platform:target": "docker", "docker:host": "tcp://x", "kubernetes:y": "1"})


def test_an_overlay_is_in_the_directory_of_the_stack_file(tmp_path: Path) -> None:
    assert overlay_path(tmp_path, "dev") == tmp_path / "overlay.dev.yaml"


def test_an_overlay_overrides_single_settings_of_the_stack_file(tmp_path: Path) -> None:
    path = overlay(tmp_path, "images: {catalogue: debian}\ndocker: {ports: {web: 18080}}\n")
    loaded = settings({"docker": {"ports": {"web": 1, "grafana": 2}}}, overlay=path)
    assert loaded.images.catalogue == "debian"
    assert loaded.docker.ports.web == 18080
    assert loaded.docker.ports.grafana == 2


def test_a_missing_overlay_changes_nothing(tmp_path: Path) -> None:
    assert settings(overlay=overlay_path(tmp_path, "dev")) == settings()


def test_an_empty_overlay_changes_nothing(tmp_path: Path) -> None:
    assert settings(overlay=overlay(tmp_path, "# nothing yet\n")) == settings()


def test_a_kubernetes_stack_cannot_have_an_overlay(tmp_path: Path) -> None:
    path = overlay(tmp_path, "images: {catalogue: debian}\n")
    with pytest.raises(SettingsError, match=r"overlay\.dev\.yaml\n  allowed  no overlay file"):
        settings({"target": "kubernetes"}, overlay=path)


@pytest.mark.parametrize("text", ["- a list\n", "just words\n", "images: [unclosed\n"])
def test_the_error_for_an_overlay_without_a_mapping_names_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"overlay\.dev\.yaml"):
        settings(overlay=overlay(tmp_path, text))


def test_wrong_settings_in_an_overlay_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"images\.catalogue"):
        settings(overlay=overlay(tmp_path, "images: {catalogue: debain}\n"))


def test_merging_keeps_other_keys_and_replaces_whole_lists() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": 3}
    assert merged(below, {"a": {"c": [9]}, "e": None}) == {
        "a": {"b": 1, "c": [9]},
        "d": 3,
        "e": None,
    }


def test_all_problems_are_reported_at_once() -> None:
    wrong = config(
        {
            "dta": {},
            "cache": {"memory": "lots", "maxmemry": "1Mi"},
            "web": {"port": 0},
            "registry": {"url": "mirror.example.com", "user": "u", "password": "plain-1"},
        }
    )
    with pytest.raises(SettingsError) as caught:
        load(wrong | {"ai-platform:target": "dokcer"})
    paths = {problem.path for problem in caught.value.problems}
    assert paths >= {"target", "dta", "cache.memory", "cache.maxmemry", "web.port"}
    assert "registry.password" in paths
    assert str(caught.value).startswith(f"{len(paths)} wrong settings; nothing was changed.")


def test_a_broken_rule_is_reported_beside_a_misspelled_key() -> None:
    with pytest.raises(SettingsError) as caught:
        settings(
            {"cache": {"maxmemory": "128Mi"}, "web": {"prot": 1}, "docker": {"bind": "0.0.0.0"}}
        )
    assert {problem.path for problem in caught.value.problems} == {
        "cache.maxmemory",
        "web.prot",
        "docker.bind",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"web": {"writable": ["x"]}},
        {"web": {"replicas": 0}},
        {"data": {"mode": "external", "external": {"user": "me"}}},
        {"api": {"services": {"reports": {"image": "acme/reports:latest"}}}},
    ],
    ids=["in a list", "below a shorthand", "a missing key", "the image of a service"],
)
def test_a_wrong_value_hides_no_broken_rule_and_invents_none(wrong: dict[str, Any]) -> None:
    broken = {"cache": {"maxmemory": "127Mi"}, "docker": {"bind": "0.0.0.0"}}
    with pytest.raises(SettingsError) as error:
        settings(wrong | broken)
    *wrong_paths, second, last = [problem.path for problem in error.value.problems]
    assert (second, last) == ("cache.maxmemory", "docker.bind")
    (section,) = wrong
    assert wrong_paths
    assert all(path.startswith(f"{section}.") for path in wrong_paths)
