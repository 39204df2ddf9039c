"""docs/configuration.md and the JSON Schema of stack files, both written from the settings."""

import json
import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

from components.addresses import PROJECT
from components.settings import Settings, models_below
from operations import runbook_index
from operations.workspace import ROOT

PAGE = ROOT / "docs" / "configuration.md"
SCHEMA = ROOT / "docs" / "stack.schema.json"
RUNBOOKS = runbook_index.PAGES / "README.md"

ACRONYMS = {"Api": "API", "Dns": "DNS", "Tls": "TLS"}
# Words of a heading that keep their capitals.
PROPER = {*ACRONYMS.values(), "Prometheus"}

HEAD = """\
# Configuration

Written by `python -m operations reference` from `components/settings/`; do not edit.

A stack's settings are below `config:` in `Pulumi.<stack>.yaml`, as `ai-platform:<key>`. A wrong
stack file is refused before anything changes, with all its problems at once. Set secrets with
`pulumi config set --secret --path 'ai-platform:<key>'`; secrets in plain text are refused.

Each section starts with an example. It shows only what is needed for its keys: combine examples to
get a stack file. `secure:` is what Pulumi writes for a secret.

A Docker stack may have a file `overlay.<stack>.yaml` beside its stack file, for the choices of one
machine such as ports and the image catalogue. It has the same keys, without `ai-platform:`. Git
ignores this file, and every run that uses it says so.

On Docker, a volume's `size` and the autoscaler are advisory: `replicas.min` containers run.
"""


def write() -> list[Path]:
    """Write the files that are stale, and return their paths."""
    texts = {PAGE: page(), SCHEMA: schema(), RUNBOOKS: runbook_index.index()}
    changed = [path for path, text in texts.items() if path.read_text() != text]
    for path in changed:
        path.write_text(texts[path])
    return changed


def schema() -> str:
    """JSON Schema of a stack file, for editors."""
    plain = Settings.model_json_schema()
    definitions = plain.pop("$defs")
    for model in definitions.values():
        model["properties"] = {key: _or_secure(value) for key, value in model["properties"].items()}
    keys = [f"{PROJECT}:{key}" for key in plain["properties"]]
    stack_file = {
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
    return json.dumps(stack_file, indent=2) + "\n"


def _or_secure(value: dict[str, Any]) -> dict[str, Any]:
    """A secret in a stack file has the form that Pulumi encrypts it to."""
    if not any(kind.get("writeOnly") for kind in [value, *value.get("anyOf", [])]):
        return value
    encrypted = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    return {"anyOf": [encrypted, {"type": "null"}], "description": value["description"]}


def page() -> str:
    """docs/configuration.md: a section for each model, with an example and a row for each key."""
    plain = Settings.model_json_schema()
    definitions = {Settings.__name__: plain, **plain["$defs"]}
    parts = [HEAD]
    for model in models_below(Settings):
        definition = definitions[model.__name__]
        parts.append(f"## {_title(model.__name__)}\n\n{definition['description']}\n")
        parts.append(f"```yaml\n{cleandoc(model.EXAMPLE)}\n```\n")
        rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        rows += list(_rows(definition, definitions))
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _rows(model: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    required = model.get("required", [])
    for key, value in model["properties"].items():
        default = "required" if key in required else _default(value)
        section = definitions.get(value.get("$ref", "").rpartition("/")[2], {})
        meaning = value.get("description") or section.get("description", "")
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
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    if "anyOf" in value:
        return " or ".join(_kind(kind) for kind in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    if value.get("type") == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"mapping to {_kind(value['additionalProperties'])}"
    limits = [str(value[limit]) for limit in ("minimum", "maximum") if limit in value]
    if value.get("writeOnly"):
        return "secret"
    kind = str(value.get("type", "any"))
    return f"{kind} {' to '.join(limits)}" if limits else kind


def _title(name: str) -> str:
    """`DockerPorts` as `Docker ports`, `IngressTls` as `Ingress TLS`."""
    words = re.findall(r"[A-Z][a-z]*", name)
    first, *others = [ACRONYMS.get(word, word) for word in words]
    return " ".join([first, *(word if word in PROPER else word.lower() for word in others)])
