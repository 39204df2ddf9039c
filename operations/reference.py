"""The configuration reference and the stack files' JSON Schema, written from the settings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.settings import Settings
from components.workload import PROJECT
from operations.workspace import ROOT

PAGE = ROOT / "docs" / "configuration.md"
SCHEMA = ROOT / "docs" / "stack.schema.json"

HEAD = """\
# Configuration

Written by `python -m operations reference` from `components/settings/`; do not edit.

Every key stands below `config:` in `Pulumi.<stack>.yaml`, as `ai-platform:<key>`. A wrong stack
file is refused before anything is touched, with all its problems at once. Secrets are set with
`pulumi config set --secret --path 'ai-platform:<key>'`; in plain text they are refused.

For a Docker stack, a file `overlay.<stack>.yaml` beside the stack file holds one machine's own
choices (ports, image catalogue): the same keys without `ai-platform:`. Git ignores it, and every
run that uses it says so.

On Docker, `size` of a volume and the autoscaler are advisory: `replicas.min` containers run.
"""


def write() -> list[Path]:
    """Write both files; their paths."""
    PAGE.write_text(page())
    SCHEMA.write_text(schema())
    return [PAGE, SCHEMA]


def schema() -> str:
    """JSON Schema of a stack file, for editors."""
    plain = Settings.model_json_schema()
    definitions = plain.pop("$defs")
    for model in definitions.values():
        model["properties"] = {key: _or_secure(value) for key, value in model["properties"].items()}
    keys = [f"{PROJECT}:{key}" for key in plain["properties"]]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of the AI decision platform",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    f"{PROJECT}:{key}": value for key, value in plain["properties"].items()
                },
                # Keys of other namespaces are Pulumi's or a provider's.
                "propertyNames": {"anyOf": [{"enum": keys}, {"not": {"pattern": f"^{PROJECT}:"}}]},
                "required": [f"{PROJECT}:{key}" for key in plain["required"]],
            }
        },
        "$defs": definitions,
    }
    return json.dumps(whole, indent=2) + "\n"


def _or_secure(value: dict[str, Any]) -> dict[str, Any]:
    """A secret stands in a stack file as Pulumi encrypts it."""
    if not any(kind.get("writeOnly") for kind in [value, *value.get("anyOf", [])]):
        return value
    encrypted = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    about = {"description": value["description"]}
    return {"anyOf": [encrypted, {"type": "null"}]} | about


def page() -> str:
    """docs/configuration.md: a section for each model, a row for each key."""
    plain = Settings.model_json_schema()
    definitions = plain["$defs"]
    parts = [HEAD]
    for title, model in [("Settings", plain), *definitions.items()]:
        parts.append(f"## {_title(title)}\n\n{model['description']}\n")
        rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        rows += list(_rows(model, definitions))
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _rows(model: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    required = model.get("required", [])
    for key, value in model["properties"].items():
        default = "required" if key in required else _default(value)
        model_of_key = definitions.get(value.get("$ref", "").rpartition("/")[2], {})
        meaning = value.get("description") or model_of_key.get("description", "")
        yield f"| `{key}` | {_kind(value)} | {default} | {meaning} |"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default is None or isinstance(default, dict):
        return ""
    return f"`{json.dumps(default)}`"


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{_title(name)}](#{_title(name).lower().replace(' ', '-')})"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "anyOf" in value:
        return " or ".join(_kind(each) for each in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    if value.get("type") == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"mapping to {_kind(value['additionalProperties'])}"
    limits = [str(value[each]) for each in ("minimum", "maximum") if each in value]
    if value.get("writeOnly"):
        return "secret"
    kind = str(value.get("type", "any"))
    return f"{kind} {' to '.join(limits)}" if limits else kind


def _title(name: str) -> str:
    """`DockerPorts` as `Docker ports`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.strip().capitalize()
