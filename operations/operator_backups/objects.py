"""The operator's objects about backups: the Backups, the ObjectStore and the Cluster."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from components.addresses import host_name
from components.data.builtin import SERVER
from components.settings import OperatorBackup, Settings
from operations import backups, kubernetes_stack
from operations.workspace import Workspace

CLUSTER = host_name(SERVER.workload)
COMPLETED, FAILED = "completed", "failed"
NOT_FOUND = 404
_POSTGRES, _BARMAN = ("postgresql.cnpg.io", "v1"), ("barmancloud.cnpg.io", "v1")


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A base backup. `name` is that of its object, and `id` the one in the bucket, which it has at
    its end. `wal` are the first and the last file of the log that belong to it."""

    name: str
    id: str | None
    created: datetime
    begin: datetime | None
    end: datetime | None
    wal: tuple[str, str]
    phase: str
    error: str

    @property
    def complete(self) -> bool:
        return self.phase == COMPLETED


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The backups, the newest first, and what else the operator says about them.

    `since` is the first moment to which a new cluster can be restored. `archiving` says whether the
    log reaches the bucket, if the operator knows, and `reason` what the operator says about it.
    """

    backups: tuple[Backup, ...]
    since: datetime | None
    archiving: bool | None
    reason: str

    @property
    def newest(self) -> Backup | None:
        return next((backup for backup in self.backups if backup.complete), None)


@dataclass(frozen=True, kw_only=True)
class Objects:
    """The objects of one stack. `api` is a client for objects of any kind, and `server` the name
    under which the cluster archives."""

    api: Any
    namespace: str
    server: str

    def cluster(self) -> Mapping[str, Any] | None:
        """The Cluster; None if there is none."""
        return self._get(_POSTGRES, "clusters", CLUSTER)

    def read(self) -> Backups:
        items = self._ask(self.api.list_namespaced_custom_object, _POSTGRES, "backups")["items"]
        ours = [_backup(item) for item in items if item["spec"]["cluster"]["name"] == CLUSTER]
        conditions = (self.cluster() or {}).get("status", {}).get("conditions", [])
        archiving = next(
            (item for item in conditions if item["type"] == "ContinuousArchiving"), None
        )
        return Backups(
            backups=tuple(sorted(ours, key=lambda backup: backup.created, reverse=True)),
            since=_moment(self._window() or {}, "firstRecoverabilityPoint"),
            archiving=archiving and archiving["status"] == "True",
            reason=archiving["message"] if archiving else "the operator has not said it yet",
        )

    def archived(self) -> bool:
        """Whether the bucket has backups under the name of the stack's cluster."""
        return self._window() is not None

    def create(self, name: str, cluster: Mapping[str, Any]) -> None:
        """Ask for a base backup of the Cluster. The object goes with the Cluster, like those of the
        schedule."""
        # It imports Pulumi, which is slow.
        from components.targets.kubernetes.cloudnative_pg import archive

        api_version = "/".join(_POSTGRES)
        owner = {
            "apiVersion": api_version,
            "kind": "Cluster",
            "name": CLUSTER,
            "uid": cluster["metadata"]["uid"],
        }
        body = {
            "apiVersion": api_version,
            "kind": "Backup",
            "metadata": {"name": name, "ownerReferences": [owner]},
            "spec": archive.backup(CLUSTER),
        }
        self._ask(self.api.create_namespaced_custom_object, _POSTGRES, "backups", body)

    def backup(self, name: str) -> Backup | None:
        item = self._get(_POSTGRES, "backups", name)
        return _backup(item) if item else None

    def _window(self) -> Mapping[str, Any] | None:
        """What the plugin says about the backups under the cluster's name."""
        store = self._get(_BARMAN, "objectstores", CLUSTER) or {}
        windows: Mapping[str, Any] = (store.get("status") or {}).get("serverRecoveryWindow") or {}
        return windows.get(self.server)

    def _get(self, kind: tuple[str, str], plural: str, name: str) -> Mapping[str, Any] | None:
        item: Mapping[str, Any] | None = self._ask(
            self.api.get_namespaced_custom_object, kind, plural, name, may_miss=True
        )
        return item

    def _ask(
        self,
        request: Callable[..., Any],
        kind: tuple[str, str],
        plural: str,
        *arguments: Any,
        may_miss: bool = False,
    ) -> Any:
        """The cluster's answer; None for an object that it does not have, if it `may_miss`. Raises
        ClickException for any other refusal."""
        from kubernetes.client import ApiException

        options = {"_request_timeout": kubernetes_stack.REQUEST_SECONDS}
        try:
            return request(*kind, self.namespace, plural, *arguments, **options)
        except ApiException as error:
            if error.status == NOT_FOUND and may_miss:
                return None
            raise click.ClickException(
                f"the cluster answers {error.status} {error.reason} when asked about {plural} of "
                f"{kind[0]} in the namespace {self.namespace}. The operator, its plugin and the "
                "rights of docs/kubernetes-role.yaml are required (docs/modes.md)."
            ) from None


def of(workspace: Workspace, settings: Settings) -> Objects:
    """The objects of a stack. Raises ClickException if its context leads to another cluster."""
    from kubernetes.client import CustomObjectsApi

    workspace.write_files()
    kubernetes_stack.expect_own_cluster(settings.kubernetes, workspace)
    client = kubernetes_stack.cluster(settings.kubernetes, workspace).client
    return Objects(
        api=CustomObjectsApi(client),
        namespace=settings.kubernetes.namespace,
        server=own(settings).server_name,
    )


def own(settings: Settings) -> OperatorBackup:
    """The section of the settings that only the operator's backups have."""
    backup = settings.data.backup
    return (backup.operator if backup else None) or OperatorBackup()


def _backup(item: Mapping[str, Any]) -> Backup:
    metadata, status = item["metadata"], item.get("status", {})
    return Backup(
        name=metadata["name"],
        id=status.get("backupId"),
        created=backups.moment(metadata["creationTimestamp"]),
        begin=_moment(status, "startedAt"),
        end=_moment(status, "stoppedAt"),
        wal=(status.get("beginWal", ""), status.get("endWal", "")),
        phase=status.get("phase") or "new",
        error=status.get("error", ""),
    )


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    return backups.moment(fields[name]) if fields.get(name) else None
