"""Snapshots: everything that the program renders for a few stacks, as text.

One stack of each target is recorded completely, with one file per tier. The others are recorded as
their differences from it. `make snapshots` writes the files; read the diff before you commit.

The snapshots omit what is the same everywhere: the labels of objects, containers, networks and
volumes (tests/unit/test_labels.py proves them once; `part` says which part they belong to), the
namespace, and the annotation that every object has. Hashes of plain files and of sources are
replaced by words.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.targets.kubernetes import configuration
from tests.unit.cases import CASES
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered, Resource

DIRECTORY = ROOT / "tests" / "unit" / "components" / "rendered"
TIERS = ("data", "cache", "api", "web", "observability")
# Resources of no tier: networks, policies, images, secrets, and the stack's outputs.
STACK = "stack"

# These contain the plain files of monitoring/, database/ and gateway/, which have their own tests.
# A change of such a file is not a change of what is rendered.
PLAIN_FILES = (
    "/etc/prometheus/rules/",
    "/etc/alertmanager/",
    "/etc/gateway/",
    "/etc/grafana/",
    "/etc/postgres-exporter/",
    "/docker-entrypoint-initdb.d/",
    "/etc/postgres-schema/",
    "/etc/postgres-databases/",
    "/etc/postgres-retention/",
    "/etc/postgres/",
    "/etc/postgres-restore/",
)
# Among them, but written for each stack.
DERIVED_FILES = (
    "/etc/prometheus/rules/expected.yml",
    "/etc/postgres-databases/all.sql",
    "/etc/gateway/routes.conf",
)
PLAIN_KEYS = (
    *(f"{configuration.key(path)}." for path in PLAIN_FILES),
    *("compose.py", "text.py"),  # What fills in texts in a pod.
)
DERIVED_KEYS = tuple(map(configuration.key, DERIVED_FILES))
PLAIN = "(plain file)"
# These change with those files, and with the sources of images.
HASH = re.compile(r"[0-9a-f]{10}$")
SOURCE = re.compile(r"(?<=:)[0-9a-f]{12}$|^[0-9a-f]{64}$")

Snapshot = dict[str, Any]
"""The recorded resources by type and name, and the outputs under `outputs`."""


def parts(case: str, rendered: Mapping[str, Rendered]) -> dict[Path, str]:
    """The text of each file of a case, by its path, out of the renders of all cases."""
    like = CASES[case].like
    if like is None:
        by_tier = _by_tier(rendered[case])
        return {DIRECTORY / case / f"{tier}.json": dump(by_tier[tier]) for tier in by_tier}
    base, changed = snapshot(rendered[like]), snapshot(rendered[case])
    compared = {
        "like": like,
        "absent": sorted(base.keys() - changed.keys()),
        "added": {name: changed[name] for name in sorted(changed.keys() - base.keys())},
        "changed": {
            name: differences(base[name], changed[name])
            for name in sorted(base.keys() & changed.keys())
            if base[name] != changed[name]
        },
    }
    return {DIRECTORY / f"{case}.json": dump(compared)}


def snapshot(rendered: Rendered) -> Snapshot:
    return {name: item for tier in _by_tier(rendered).values() for name, item in tier.items()}


def _by_tier(rendered: Rendered) -> dict[str, Snapshot]:
    """The resources of each tier; those of no tier, and the outputs, as `stack`."""
    tiers = rendered.tiers()
    words = _Words.of(rendered)
    by_tier: dict[str, Snapshot] = {name: {} for name in (*TIERS, STACK)}
    for resource in rendered.resources.values():
        if resource.name not in tiers:
            tier = resource.parent if resource.parent in tiers else STACK
            name = words.replace(f"{resource.type} {resource.name}")
            by_tier[tier][name] = words.replace(_resource(resource))
    outputs = {**rendered.outputs, "secret outputs": sorted(rendered.secret_outputs)}
    by_tier[STACK]["outputs"] = words.replace(outputs)
    return by_tier


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What a word stands for: hashes in names, the stack and its namespace."""

    names: Mapping[str, str]
    namespace: str | None

    @classmethod
    def of(cls, rendered: Rendered) -> "_Words":
        hashed = {name: HASH.sub("(hash)", name) for name in _hashed(rendered)}
        namespaces = list(rendered.of_type("Namespace"))
        return cls(names=hashed, namespace=namespaces[0] if namespaces else None)

    def replace(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                self.replace(key): "(stack)" if key == INSTANCE else self.replace(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.replace(item) for item in value]
        if isinstance(value, str):
            if self.namespace and value.endswith(f"Namespace {self.namespace}"):
                return value.removesuffix(self.namespace) + "(namespace)"
            return SOURCE.sub("(source)", self.names.get(value, value))
        return value


INSTANCE = "app.kubernetes.io/instance"


def differences(base: Any, other: Any, path: str = "") -> Snapshot:
    """The differences by path. Items of a list are identified by name, if they have one."""
    if isinstance(base, list) and isinstance(other, list) and _named(base) and _named(other):
        base = {f"[{item['name']}]": item for item in base}
        other = {f"[{item['name']}]": item for item in other}
    if not (isinstance(base, dict) and isinstance(other, dict)):
        return {} if base == other else {path: other}
    result: Snapshot = {}
    for key in sorted({**base, **other}):
        inner = path + (key if key.startswith("[") or not path else f".{key}")
        if key not in other:
            result[inner] = "(absent)"
        elif key not in base:
            result[inner] = other[key]
        else:
            result |= differences(base[key], other[key], inner)
    return result


def _named(items: list[Any]) -> bool:
    """Whether the items of a list have names that identify them."""
    names = [item.get("name") for item in items if isinstance(item, dict)]
    return None not in names and len(set(map(str, names))) == len(items)


def dump(value: Any, indent: int = 0) -> str:
    """JSON in which every value that fits into a line is on one line."""
    line = json.dumps(value, sort_keys=True)
    if len(line) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return line + ("" if indent else "\n")
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {dump(value[key], indent + 2)}" for key in sorted(value)]
        opening, closing = "{}"
    else:
        lines = [dump(item, indent + 2) for item in value]
        opening, closing = "[]"
    body = f",\n{inner}".join(lines)
    end = "" if indent else "\n"
    return f"{opening}\n{inner}{body}\n{' ' * indent}{closing}{end}"


WIDTH = 100


def record() -> None:
    """Write every file of every case, and remove files of no case."""
    rendered = {name: case.render() for name, case in CASES.items()}
    written = {path: text for name in CASES for path, text in parts(name, rendered).items()}
    for path in set(DIRECTORY.rglob("*.json")) - set(written):
        path.unlink()
    for path, content in written.items():
        if not path.exists() or path.read_text() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            print(path.relative_to(ROOT))


def _resource(resource: Resource) -> Snapshot:
    options = {
        "protect": resource.protect,
        "depends on": sorted(resource.depends_on),
        "replace on changes": sorted(resource.replace_on_changes),
        "delete before replace": resource.delete_before_replace,
        "timeouts": dict(resource.timeouts),
    }
    inputs = _shown(resource.inputs, (), resource.secrets)
    if _configuration(resource):
        inputs["data"] = {
            name: _content(name, value, {("data",), ("data", name)} & resource.secrets)
            for name, value in resource.inputs["data"].items()
        }
    if resource.provider not in USUAL_PROVIDERS:
        options["provider"] = resource.provider
    return _without_labels(inputs) | {
        f"({name})": value for name, value in options.items() if value
    }


USUAL_PROVIDERS = ("docker", "kubernetes", "random")


def _without_labels(inputs: Snapshot) -> Snapshot:
    """The inputs with `(part)` instead of labels, and without what every object has."""
    inputs = dict(inputs)
    labels = inputs.pop("labels", None)
    if isinstance(labels, list):
        specific = {label["label"]: label["value"] for label in labels}
        if "ai-platform.workload" in specific:
            inputs["(part)"] = specific["ai-platform.workload"]
    if "metadata" in inputs:
        metadata = dict(inputs.pop("metadata"))
        labels = metadata.pop("labels")
        annotations = {
            key: value
            for key, value in metadata.pop("annotations", {}).items()
            if key != "pulumi.com/patchForce"
        }
        metadata.pop("namespace", None)
        inputs["metadata"] = metadata | ({"annotations": annotations} if annotations else {})
        inputs["(part)"] = labels["app.kubernetes.io/name"]
        further = {key: labels[key] for key in labels if not key.startswith("app.kubernetes.io/")}
        if further:
            inputs["metadata"]["labels"] = further
        inputs.pop("apiVersion")
        inputs.pop("kind")
        template = inputs.get("spec", {}).get("template")
        if template:
            metadata = {
                key: template["metadata"][key] for key in template["metadata"] if key != "labels"
            }
            rest = {key: template[key] for key in template if key != "metadata"}
            inputs["spec"] = inputs["spec"] | {
                "template": rest | ({"metadata": metadata} if metadata else {})
            }
    return inputs


def _configuration(resource: Resource) -> bool:
    return resource.type in ("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret")


def _is_plain(name: str) -> bool:
    return name.startswith(PLAIN_KEYS) and name not in DERIVED_KEYS


def _hashed(rendered: Rendered) -> Iterator[str]:
    """The names that change with a plain file, such as a job's with the files that it reads."""
    for item in rendered.resources.values():
        if item.type == "kubernetes:batch/v1:Job":
            yield item.inputs["metadata"]["name"]
        if _configuration(item) and any(map(_is_plain, item.inputs["data"])):
            yield item.inputs["metadata"]["name"]


def _content(name: str, value: str, secret: object) -> Any:
    """One file of a ConfigMap, or of a Secret, which has it in base64."""
    if _is_plain(name):
        return {"secret": PLAIN} if secret else PLAIN
    if secret:
        return {"secret, in base64": base64.b64decode(value).decode()}
    return _lines(value)


def _lines(text: str) -> Any:
    """A text of several lines as a list, so that a change shows as the line that changed."""
    return text.splitlines() if "\n" in text.strip() else text


def _shown(value: Any, place: tuple[str, ...], secrets: frozenset[tuple[str, ...]]) -> Any:
    """A value in which secrets are replaced by their names, without the text of plain files."""
    if place in secrets:
        return {"secret": value}
    if isinstance(value, dict):
        file = str(value.get("file", ""))
        if "content" in value and (*place, "content") not in secrets:
            plain = file.startswith(PLAIN_FILES) and file not in DERIVED_FILES
            value = value | {"content": PLAIN if plain else _lines(value["content"])}
        return {key: _shown(item, (*place, key), secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item, (*place, str(n)), secrets) for n, item in enumerate(value)]
    return value


if __name__ == "__main__":
    record()
