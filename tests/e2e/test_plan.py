"""What a change does to each stack, planned by Pulumi from nothing: no state, cluster or secret."""

import sys
from pathlib import Path

import pytest
import yaml

from operations.plan import trees
from operations.plan.compare import Difference, compare
from operations.plan.previews import from_nothing
from operations.plan.resources import SECRET, Plan

STACKS = ("dev", "prod")


def laid_out(directory: Path) -> Path:
    trees.extract(trees.head(), directory / "tree")
    return directory / "tree"


def plans(tree: Path) -> dict[str, Plan]:
    found = {}
    for stack in STACKS:
        plan = from_nothing(
            stack, tree=tree, virtualenv=Path(sys.prefix), scratch=tree.parent / stack
        )
        assert plan, stack
        found[stack] = plan
    return found


def shown(difference: Difference) -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {
        (change.status, change.resource.kind, change.resource.name): change.lines
        for change in difference.changes
    }


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> dict[str, Plan]:
    return plans(laid_out(tmp_path_factory.mktemp("base")))


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """The same with another rule, another source, another image and an encrypted setting.

    Nobody here can decrypt that one: its passphrase is not in the repository.
    """
    tree = laid_out(tmp_path_factory.mktemp("changed"))
    for name in ("monitoring/prometheus/rules/api.yml", "images/decision/decision/__init__.py"):
        path = tree / name
        path.write_text(f"{path.read_text()}\n# Another line.\n")
    for stack in STACKS:
        config = tree / f"Pulumi.{stack}.yaml"
        plain = yaml.safe_load(config.read_text())
        settings = plain["config"]
        images = settings.setdefault("ai-platform:images", {})
        images["references"] = {"redis": "example/redis:7.4"}
        url = {"secure": "v1:aaaa:bbbb"}
        settings["ai-platform:observability"] = {"receiver": {"webhook": {"url": url}}}
        config.write_text(yaml.safe_dump(plain | {"encryptionsalt": "v1:cccc"}))
    return plans(tree)


def test_a_tree_changes_nothing_against_itself(base: dict[str, Plan], tmp_path: Path) -> None:
    """In another directory, with other random values: neither is a difference."""
    again = plans(laid_out(tmp_path))
    for stack in STACKS:
        difference = compare(base[stack], again[stack])
        assert shown(difference) == {}
        assert difference.same > 20


def test_on_docker_what_is_made_of_a_change_is_shown_with_it(
    base: dict[str, Plan], changed: dict[str, Plan]
) -> None:
    found = shown(compare(base["dev"], changed["dev"]))
    assert "+# Another line." in found["changed", "Container", "prometheus"]
    assert ("changed", "RemoteImage", "image-ai-platform/decision") in found
    assert found["follows", "Container", "decision"] == (
        " image: comes from image-ai-platform/decision",
    )
    assert found["changed", "Container", "redis"] == (
        " image comes from:",
        "-image-redis:7-bookworm",
        "+image-example/redis:7.4",
    )
    assert not any(name in ("postgres", "backend", "frontend") for _, _, name in found)


def test_on_kubernetes_the_new_configuration_and_who_takes_it_are_shown(
    base: dict[str, Plan], changed: dict[str, Plan]
) -> None:
    found = shown(compare(base["prod"], changed["prod"]))
    assert "+# Another line." in found["changed", "ConfigMap", "prometheus-files"]
    assert any("configMap.name" in line for line in found["changed", "StatefulSet", "prometheus"])
    image = "spec.template.spec.containers[redis].image"
    assert found["changed", "StatefulSet", "redis"] == (
        f"-{image}: redis:7-bookworm",
        f"+{image}: example/redis:7.4",
    )
    assert not any(name in ("postgres", "backend", "frontend") for _, _, name in found)


def test_an_encrypted_setting_is_not_needed_and_what_it_ends_up_in_is_secret(
    changed: dict[str, Plan],
) -> None:
    for stack in STACKS:
        assert "placeholder-" not in repr(changed[stack])
    (container,) = [each for each in changed["dev"].values() if each.name == "alertmanager"]
    assert container.inputs["uploads"] == SECRET
