"""Whole resources as recorded text: what the program renders, one file per tier of a case.

`python -m tests.unit.recorded` writes the files afresh: read the difference before you commit it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered, Resource, render

DIRECTORY = ROOT / "tests" / "unit" / "components" / "rendered"
# Resources of no tier: networks, images, secrets, and the stack's outputs.
STACK = "stack"

# A user's images under the user's own rules, and a further service in four lines.
OWN: Mapping[str, Any] = {
    "api": {
        "services": {
            "backend": {
                "image": "registry.example.com/acme/backend:2.3.1",
                "user": "1000:2000",
                "port": 9000,
                "health": "/live",
                "ready": "/serving",
                "metrics": "/internal/metrics",
                "client": "wget",
                "writable": ["/tmp", "/srv/cache"],
                "env": {"MODE": "strict"},
                "credentials": {"DSN": "database-url", "REDIS": "cache-url"},
                "secrets_as": "env",
            },
            "reports": {
                "image": "acme/reports:1.4.2",
                "port": 8100,
                "credentials": {"/etc/reports/password": "database-password"},
            },
        }
    },
    "web": {"image": "acme/page:3.1.0", "port": 80, "client": "wget", "status_socket": None},
    "docker": {"ports": {"reports": 8100}},
}

CASES: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "dev": ({}, ("data", "cache", "api", "web", "observability", STACK)),
    "own": (OWN, ("api", "web", STACK)),
}

# These hold the plain files of monitoring/ and database/, which have tests of their own: a change
# of one is no change of what is rendered.
PLAIN_FILES = (
    "/etc/prometheus/",
    "/etc/alertmanager/",
    "/etc/grafana/",
    "/etc/postgres-exporter/",
    "/docker-entrypoint-initdb.d/",
)
PLAIN = "(plain file)"


def parts(case: str, rendered: Rendered) -> dict[Path, str]:
    """The text of each file of a case, by its path."""
    _, names = CASES[case]
    return {DIRECTORY / case / f"{name}.json": text(rendered, name) for name in names}


def text(rendered: Rendered, part: str) -> str:
    """One tier's resources, or those of no tier with the outputs, as JSON."""
    tiers = rendered.tiers()
    wanted = {part} if part in tiers else {""}
    resources = {
        f"{each.type} {each.name}": _resource(each)
        for each in rendered.resources.values()
        if (each.parent if each.parent in tiers else "") in wanted and each.name not in tiers
    }
    whole: dict[str, Any] = {"resources": resources}
    if part == STACK:
        whole["outputs"] = dict(rendered.outputs)
        whole["secret outputs"] = sorted(rendered.secret_outputs)
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def record() -> None:
    """Write every file of every case, and remove what no case has."""
    written: dict[Path, str] = {}
    for case, (settings, _) in CASES.items():
        written |= parts(case, render(settings))
    for path in set(DIRECTORY.glob("*/*.json")) - set(written):
        path.unlink()
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        print(path.relative_to(ROOT))


def _resource(resource: Resource) -> dict[str, Any]:
    options = {
        "protect": resource.protect,
        "provider": resource.provider,
        "depends on": sorted(resource.depends_on),
        "replace on changes": sorted(resource.replace_on_changes),
    }
    shown = _shown(resource.inputs, (), resource.secrets)
    return {"inputs": shown} | {name: value for name, value in options.items() if value}


def _shown(value: Any, place: tuple[str, ...], secrets: frozenset[tuple[str, ...]]) -> Any:
    """A value with its secrets named as such, and without the text of plain files."""
    if place in secrets:
        return {"secret": value}
    if isinstance(value, dict):
        if str(value.get("file", "")).startswith(PLAIN_FILES) and "content" in value:
            secret = (*place, "content") in secrets
            value = value if secret else value | {"content": PLAIN}
        return {key: _shown(each, (*place, key), secrets) for key, each in value.items()}
    if isinstance(value, list):
        return list(_items(value, place, secrets))
    return value


def _items(
    values: list[Any], place: tuple[str, ...], secrets: frozenset[tuple[str, ...]]
) -> Iterator[Any]:
    for number, value in enumerate(values):
        yield _shown(value, (*place, str(number)), secrets)


if __name__ == "__main__":
    record()
