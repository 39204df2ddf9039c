"""A cluster's API with CloudNativePG's objects, as a client for objects of any kind sees it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kubernetes.client import ApiException

NAME = "ai-platform-postgres"
CLUSTER = {"metadata": {"name": NAME, "uid": "c-1"}, "status": {}}


def backup(name: str, phase: str, cluster: str = NAME, **status: Any) -> dict[str, Any]:
    """A Backup that was asked for at 02:00 on the day at the end of its name."""
    created = f"2026-11-{name[-2:]}T02:00:00Z"
    return {
        "metadata": {"name": name, "creationTimestamp": created},
        "spec": {"cluster": {"name": cluster}},
        "status": {"phase": phase, **status},
    }


def completed(day: int, **status: Any) -> dict[str, Any]:
    return backup(
        f"{NAME}-{day}",
        "completed",
        backupId=f"202611{day}T020003",
        startedAt=f"2026-11-{day}T02:00:03Z",
        stoppedAt=f"2026-11-{day}T02:01:13Z",
        beginWal="00000001000000000000000A",
        endWal="00000001000000000000000B",
        **status,
    )


@dataclass
class Api:
    """`created` are the objects that were asked for. A new Backup gets its answers in turn."""

    clusters: dict[str, Any] = field(default_factory=lambda: {NAME: CLUSTER})
    stores: dict[str, Any] = field(default_factory=dict)
    backups: list[dict[str, Any]] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def get_namespaced_custom_object(
        self, group: str, version: str, namespace: str, plural: str, name: str, **options: Any
    ) -> dict[str, Any]:
        assert (version, namespace) == ("v1", "ai-platform")
        getters: dict[tuple[str, str], Callable[[str], dict[str, Any] | None]] = {
            ("postgresql.cnpg.io", "clusters"): self.clusters.get,
            ("barmancloud.cnpg.io", "objectstores"): self.stores.get,
            ("postgresql.cnpg.io", "backups"): lambda name: self.answers.pop(0),
        }
        answer = getters[group, plural](name)
        if answer is None:
            raise ApiException(status=404)
        return answer

    def list_namespaced_custom_object(
        self, group: str, version: str, namespace: str, plural: str, **options: Any
    ) -> dict[str, Any]:
        assert (group, plural, namespace) == ("postgresql.cnpg.io", "backups", "ai-platform")
        return {"items": self.backups}

    def create_namespaced_custom_object(
        self,
        group: str,
        version: str,
        namespace: str,
        plural: str,
        body: dict[str, Any],
        **options: Any,
    ) -> None:
        assert (group, plural, namespace) == ("postgresql.cnpg.io", "backups", "ai-platform")
        self.created.append(body)
