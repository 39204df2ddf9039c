"""Kubeconfig files: which one counts, and the cluster and namespace that it makes active.

Read here without the client library, whose import takes longer than a preview without a cluster.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from airgap.plugins.kubernetes.settings import Settings

DEFAULT: Final = "~/.kube/config"
IN_CLUSTER: Final = "KUBERNETES_SERVICE_HOST"


class Unusable(Exception):
    """There is no way to a cluster; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Active:
    """What a kubeconfig says once a context is chosen: `config` holds that context as current."""

    config: dict[str, Any]
    cluster: dict[str, Any]
    namespace: str


def active(settings: Settings) -> Active:
    """The active context. Raises Unusable, in one sentence, where there is none."""
    config, source = load(settings.kubeconfig)
    name = settings.context or config.get("current-context") or ""
    if not name:
        raise Unusable(f"{source} has no current context, and the provider names none")
    contexts = named(config, "contexts", "context")
    if name not in contexts:
        raise Unusable(f"context {name!r} does not exist in {source}{_known(contexts)}")
    context = dict(contexts[name])
    if settings.cluster:
        context["cluster"] = settings.cluster
    clusters = named(config, "clusters", "cluster")
    if context.get("cluster") not in clusters:
        raise Unusable(f"cluster {context.get('cluster')!r} does not exist in {source}")
    chosen = {"name": name, "context": context}
    others = [entry for entry in config.get("contexts") or [] if entry.get("name") != name]
    return Active(
        config=config | {"contexts": [chosen, *others], "current-context": name},
        cluster=clusters[context["cluster"]],
        namespace=settings.namespace or context.get("namespace") or "default",
    )


def load(given: str) -> tuple[dict[str, Any], str]:
    """A kubeconfig and how to call it: from a path, from content, or from the usual places."""
    if given:
        path = Path(given).expanduser() if "\n" not in given else None
        if path is not None and _is_file(path):
            return _read(path), str(path)
        return parse(given, "the provider's kubeconfig"), "the provider's kubeconfig"
    listed = os.environ.get("KUBECONFIG", "")
    paths = [Path(entry) for entry in listed.split(os.pathsep) if entry]
    found = [path for path in paths or [Path(DEFAULT).expanduser()] if path.is_file()]
    if not found:
        raise Unusable(
            f"no kubeconfig was found: KUBECONFIG names {listed}, which is not there"
            if listed
            else f"no kubeconfig was found: KUBECONFIG is not set, and there is no {DEFAULT}"
        )
    merged: dict[str, Any] = {}
    for path in found:  # the first file to say something counts
        config = _read(path)
        for plural in ("clusters", "contexts", "users"):
            known = {entry.get("name") for entry in merged.get(plural, [])}
            more = [e for e in config.get(plural) or [] if e.get("name") not in known]
            merged[plural] = [*merged.get(plural, []), *more]
        if not merged.get("current-context"):
            merged["current-context"] = config.get("current-context")
    return merged, os.pathsep.join(map(str, found))


def parse(text: str, source: str) -> dict[str, Any]:
    import yaml  # only where there is a kubeconfig: a preview without starts faster

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one where it was built
    try:
        config = yaml.load(text, loader)  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        raise Unusable(f"{source} is not valid YAML") from error
    if not isinstance(config, dict):
        raise Unusable(f"{source} is neither a file nor the content of a kubeconfig")
    return config


def named(config: dict[str, Any], plural: str, singular: str) -> dict[str, Any]:
    """A kubeconfig's lists of named entries, by name."""
    return {entry.get("name"): entry.get(singular) or {} for entry in config.get(plural) or []}


def _read(path: Path) -> dict[str, Any]:
    """A file's content; paths in it count from its own directory."""
    config = parse(path.read_text(), str(path))
    relative = {
        ("clusters", "cluster"): ("certificate-authority",),
        ("users", "user"): ("client-certificate", "client-key", "tokenFile"),
    }
    for (plural, singular), keys in relative.items():
        for entry in config.get(plural) or []:
            inner = entry.get(singular) or {}
            for key in keys:
                if inner.get(key):
                    inner[key] = str(path.parent.absolute() / inner[key])
    return config


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # content on one line is no name for a file
        return False


def _known(contexts: dict[str, Any]) -> str:
    return f" (it has {', '.join(sorted(contexts))})" if contexts else ""
