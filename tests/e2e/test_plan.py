"""The plan of a change in each stack, by Pulumi, without a state, a cluster or a secret."""

import sys
from pathlib import Path

import pytest
import yaml

from components import image_lock
from components.images import ENTRIES
from operations import lock
from operations.plan import trees
from operations.plan.compare import Difference, compare
from operations.plan.previews import from_nothing
from operations.plan.resources import SECRET, Plan

STACKS = ("dev", "prod")


OFFICIAL = {name: entry.official for name, entry in ENTRIES.items() if entry.official}
DIGEST, MOVED = (f"sha256:{digit * 64}" for digit in "01")


def extract_tree(directory: Path, **moved: str) -> Path:
    """A tree with a lock file. The images of `moved` have other digests."""
    tree = directory / "tree"
    trees.extract(trees.head(), tree)
    digests = {reference: moved.get(name, DIGEST) for name, reference in OFFICIAL.items()}
    lock.write(digests, tree / image_lock.PATH.name)
    return tree


def locked(name: str, digest: str = DIGEST) -> str:
    return f"{OFFICIAL[name]}@{digest}"


def plan_stacks(tree: Path) -> dict[str, Plan]:
    plans = {}
    for stack in STACKS:
        plan = from_nothing(
            stack, tree=tree, virtualenv=Path(sys.prefix), scratch=tree.parent / stack
        )
        assert plan, stack
        plans[stack] = plan
    return plans


def lines_by_resource(difference: Difference) -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {
        (change.status, change.resource.kind, change.resource.name): change.lines
        for change in difference.changes
    }


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> dict[str, Plan]:
    return plan_stacks(extract_tree(tmp_path_factory.mktemp("base")))


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """The same stacks with another rule, another source, another image, another digest and an
    encrypted setting.

    The tests cannot decrypt that setting, because its passphrase is not in the repository.
    """
    tree = extract_tree(tmp_path_factory.mktemp("changed"), grafana=MOVED)
    for name in ("monitoring/prometheus/rules/api.yml", "images/services/decision/__init__.py"):
        path = tree / name
        path.write_text(f"{path.read_text()}\n# Another line.\n")
    for stack in STACKS:
        config = tree / f"Pulumi.{stack}.yaml"
        plain = yaml.safe_load(config.read_text())
        settings = plain["config"]
        images = settings.setdefault("ai-platform:images", {})
        images["references"] = {"redis": "example/redis:7.4"}
        webhook = {"url": {"secure": "v1:aaaa:bbbb"}, "cidrs": ["203.0.113.0/24"]}
        monitoring = settings.setdefault("ai-platform:observability", {})
        monitoring["receiver"] = {"webhook": webhook}
        if stack == "prod":  # people depend on it, so the links in its alerts must open
            monitoring["runbook_base_url"] = "https://runbooks.example.com/"
        config.write_text(yaml.safe_dump(plain | {"encryptionsalt": "v1:cccc"}))
    return plan_stacks(tree)


def test_a_tree_has_no_difference_from_itself(base: dict[str, Plan], tmp_path: Path) -> None:
    """Although the directory and the random values differ."""
    repeated = plan_stacks(extract_tree(tmp_path))
    for stack in STACKS:
        difference = compare(base[stack], repeated[stack])
        assert lines_by_resource(difference) == {}
        assert difference.same > 20


def test_a_plan_for_docker_shows_changes_and_the_resources_that_follow(
    base: dict[str, Plan], changed: dict[str, Plan]
) -> None:
    lines = lines_by_resource(compare(base["dev"], changed["dev"]))
    assert "+# Another line." in lines["changed", "Container", "prometheus"]
    assert ("changed", "RemoteImage", "image-ai-platform/decision") in lines
    assert lines["follows", "Container", "decision"] == (
        " image: comes from image-ai-platform/decision",
    )
    assert lines["changed", "Container", "redis"] == (
        " image comes from:",
        f"-image-{locked('redis')}",
        "+image-example/redis:7.4",
    )
    assert lines["changed", "Container", "grafana"] == (
        " image comes from:",
        f"-image-{locked('grafana')}",
        f"+image-{locked('grafana', MOVED)}",
    )
    assert not any(name in ("postgres", "backend", "frontend") for _, _, name in lines)


def test_a_plan_for_kubernetes_shows_a_new_configuration_and_the_workloads_that_use_it(
    base: dict[str, Plan], changed: dict[str, Plan]
) -> None:
    lines = lines_by_resource(compare(base["prod"], changed["prod"]))
    assert "+# Another line." in lines["changed", "ConfigMap", "prometheus-files"]
    assert any("configMap.name" in line for line in lines["changed", "StatefulSet", "prometheus"])
    image = "spec.template.spec.containers[redis].image"
    assert lines["changed", "StatefulSet", "redis"] == (
        f"-{image}: {locked('redis')}",
        f"+{image}: example/redis:7.4",
    )
    image = "spec.template.spec.containers[grafana].image"
    assert {
        f"-{image}: {locked('grafana')}",
        f"+{image}: {locked('grafana', MOVED)}",
    } <= set(lines["changed", "StatefulSet", "grafana"])
    assert not any(name in ("postgres", "backend", "frontend") for _, _, name in lines)


def test_a_plan_needs_no_encrypted_setting_and_keeps_its_file_secret(
    changed: dict[str, Plan],
) -> None:
    for stack in STACKS:
        assert "placeholder-" not in repr(changed[stack])
    (container,) = [
        resource for resource in changed["dev"].values() if resource.name == "alertmanager"
    ]
    assert container.inputs["uploads"] == SECRET
