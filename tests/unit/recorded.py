"""Whole resources as recorded text: what the program renders, one file per tier of a case.

`python -m tests.unit.recorded` writes the files afresh: read the difference before you commit it.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.describing import ROOT, stack_file
from tests.unit.rendering import Rendered, Resource, render

DIRECTORY = ROOT / "tests" / "unit" / "components" / "rendered"
TIERS = ("data", "cache", "api", "web", "observability")
# Resources of no tier: networks, policies, images, secrets, and the stack's outputs.
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

# The same on a cluster that asks for something everywhere.
OWN_KUBERNETES: Mapping[str, Any] = {
    "target": "kubernetes",
    "registry": {"url": "mirror.example.com/cache", "user": "puller", "password": "given-login"},
    "api": {
        "services": {
            "backend": OWN["api"]["services"]["backend"]
            | {
                "replicas": {"min": 2, "max": 6, "cpu_target": 60},
                "outside": [{"name": "models", "ports": [443], "cidrs": ["198.51.100.0/24"]}],
            },
            "decision": {"image": "acme/decision:5.0.1", "client": "none"},
            "reports": OWN["api"]["services"]["reports"]
            | {"data_volume": {"path": "/srv/reports", "size": "20Gi"}},
        }
    },
    "web": OWN["web"] | {"replicas": 2, "max_body_size": "10m"},
    "observability": {"receiver": {"webhook": {"url": "https://alerts.example.com/given-hook"}}},
    "kubernetes": {
        "context": "acme-eu",
        "namespace": "acme",
        "storage_class": "fast",
        "ingress": {
            "hosts": {"web": "acme.example.com", "grafana": "figures.example.com"},
            "class_name": "nginx",
            "controller_namespace": "ingress",
            "tls": {"issuer": "letsencrypt"},
            "annotations": {"example.com/team": "decisions"},
        },
        "dns": {"cidrs": ["169.254.20.10/32"]},
        "node_selector": {"example.com/pool": "apps"},
        "tolerations": [{"key": "apps", "value": "only", "effect": "NoSchedule"}],
    },
}
# The stack file of the repository, where the cluster has some of the secrets already: whole URLs,
# passwords as they are, and one that is a part of a text.
EXISTING: Mapping[str, Any] = stack_file("prod") | {
    "kubernetes": stack_file("prod")["kubernetes"]
    | {
        "secrets": {
            "database-url": {"name": "vault-database", "key": "url"},
            "redis-app-password": {"name": "vault-redis", "key": "password", "version": "7"},
            "grafana-password": {"name": "vault-grafana", "key": "password"},
        }
    }
}


# A cluster on which operators run PostgreSQL and Prometheus.
OPERATORS: Mapping[str, Any] = stack_file("prod") | {
    "data": {"mode": "cloudnative-pg", "pooler": {}, "wal_size": "2Gi"},
    "observability": {
        "mode": "operator",
        "operator": {
            "labels": {"release": "prometheus"},
            "url": "http://prometheus-operated.monitoring:9090",
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stack, and the parts of it that are recorded."""

    settings: Mapping[str, Any]
    parts: tuple[str, ...] = (*TIERS, STACK)
    stack: str = "dev"
    secret: tuple[str, ...] = ()

    def render(self) -> Rendered:
        return render(self.settings, stack_name=self.stack, secret=self.secret)


CASES: Mapping[str, Case] = {
    "dev": Case(settings={}),
    "own": Case(settings=OWN, parts=("api", "web", STACK)),
    "prod": Case(settings=stack_file("prod"), stack="prod"),
    "own-kubernetes": Case(
        settings=OWN_KUBERNETES, stack="acme", secret=("registry", "observability")
    ),
    "existing-secrets": Case(settings=EXISTING, stack="prod", parts=("cache", "api")),
    "operators": Case(settings=OPERATORS, stack="prod", parts=("data", STACK)),
}

# These hold the plain files of monitoring/ and database/, which have tests of their own: a change
# of one is no change of what is rendered.
PLAIN_FILES = (
    "/etc/prometheus/",
    "/etc/alertmanager/",
    "/etc/grafana/",
    "/etc/postgres-exporter/",
    "/docker-entrypoint-initdb.d/",
    "/etc/postgres-schema/",
)
PLAIN_KEYS = (
    *(path.removeprefix("/").replace("/", ".") for path in PLAIN_FILES),
    # The program that composes texts in a pod, and what it imports.
    *("compose.py", "text.py"),
)
PLAIN = "(plain file)"
# What changes with those files, and with the sources of images.
HASH = re.compile(r"[0-9a-f]{10}$")
SOURCE = re.compile(r'(?<=:)[0-9a-f]{12}(?=")|(?<="source": ")[0-9a-f]{64}(?=")')


def parts(case: str, rendered: Rendered) -> dict[Path, str]:
    """The text of each file of a case, by its path."""
    return {DIRECTORY / case / f"{name}.json": text(rendered, name) for name in CASES[case].parts}


def text(rendered: Rendered, part: str) -> str:
    """One tier's resources, or those of no tier with the outputs, as JSON.

    The hash of plain files in an object's name, and that of an image's source in its tag, stand
    there as words.
    """
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
    written = json.dumps(whole, indent=2, sort_keys=True) + "\n"
    for name in _hashed(rendered):
        written = written.replace(f'"{name}"', f'"{HASH.sub("(hash)", name)}"')
    return SOURCE.sub("(source)", written)


def record() -> None:
    """Write every file of every case, and remove what no case has."""
    written: dict[Path, str] = {}
    for name, case in CASES.items():
        written |= parts(name, case.render())
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
        "timeouts": dict(resource.timeouts),
    }
    shown = _shown(resource.inputs, (), resource.secrets)
    if _configuration(resource):
        shown["data"] = {
            name: _content(name, value, {("data",), ("data", name)} & resource.secrets)
            for name, value in resource.inputs["data"].items()
        }
    return {"inputs": shown} | {name: value for name, value in options.items() if value}


def _configuration(resource: Resource) -> bool:
    return resource.type in ("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret")


def _hashed(rendered: Rendered) -> Iterator[str]:
    """The names that change with a plain file: a job's with each that it reads."""
    for each in rendered.resources.values():
        if each.type == "kubernetes:batch/v1:Job":
            yield each.inputs["metadata"]["name"]
        if _configuration(each) and any(key.startswith(PLAIN_KEYS) for key in each.inputs["data"]):
            yield each.inputs["metadata"]["name"]


def _content(name: str, value: str, secret: object) -> Any:
    """One file of a ConfigMap, or of a Secret, which has it in base64."""
    if name.startswith(PLAIN_KEYS):
        return {"secret": PLAIN} if secret else PLAIN
    return {"secret, in base64": base64.b64decode(value).decode()} if secret else value


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
