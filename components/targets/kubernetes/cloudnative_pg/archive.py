"""The specs of a cluster's backups: what CloudNativePG and its Barman Cloud plugin read.

The plugin runs a container beside each instance, which sends the log and base backups to a bucket.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.operated import Archive, Recovery
from components.targets.kubernetes import resources

PLUGIN = "barman-cloud.cloudnative-pg.io"
# The name under which a recovering Cluster knows the cluster that archived.
SOURCE = "archive"
# The keys of the Secrets with the login at the bucket and the certificate of its authority.
ACCESS_KEY, SECRET_KEY, REGION, CA = "access-key", "secret-key", "region", "ca.crt"
# How many files of the log are sent or fetched at once.
PARALLEL = 4
# The checksums that newer clients send by default, which many S3-compatible servers refuse.
_CHECKSUMS = ("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION")

Reference = Mapping[str, Any]


def object_store(
    archive: Archive, login: Mapping[str, Reference], ca: Reference | None
) -> dict[str, Any]:
    """The spec of the ObjectStore. `login` and `ca` say which keys of which Secrets to read."""
    credentials = {"accessKeyId": login[ACCESS_KEY], "secretAccessKey": login[SECRET_KEY]}
    if REGION in login:
        credentials["region"] = login[REGION]
    configuration: dict[str, Any] = {
        "destinationPath": archive.path,
        "endpointURL": archive.endpoint,
        "s3Credentials": credentials,
        "wal": {"compression": "gzip", "maxParallel": PARALLEL},
        # A backup with gzip takes ten times as long. Without an immediate checkpoint it would wait
        # for the next one.
        "data": {"compression": "snappy", "immediateCheckpoint": True},
    }
    if ca:
        configuration["endpointCA"] = ca
    return {
        "configuration": configuration,
        "retentionPolicy": f"{archive.days}d",
        "instanceSidecarConfiguration": {
            # Part of the instances' pods, which are Guaranteed only if every container is.
            "resources": resources.resources(archive.resources, guaranteed=True),
            "env": [{"name": name, "value": "when_required"} for name in _CHECKSUMS],
        },
    }


def of_cluster(archive: Archive, store: pulumi.Input[str]) -> dict[str, Any]:
    """The fields of a Cluster that archives to the ObjectStore of this name."""
    fields: dict[str, Any] = {
        "plugins": [
            {
                "name": PLUGIN,
                "isWALArchiver": True,
                "parameters": _parameters(store, archive.server),
            }
        ]
    }
    if archive.recovery:
        fields["externalClusters"] = [
            {
                "name": SOURCE,
                "plugin": {
                    "name": PLUGIN,
                    "parameters": _parameters(store, archive.recovery.server),
                },
            }
        ]
    return fields


def recovery(recovery: Recovery) -> dict[str, Any]:
    """The fields of `bootstrap.recovery` that say what a new Cluster starts from."""
    target: dict[str, Any] = {}
    if recovery.at:
        target = {"targetTime": recovery.at}
    if recovery.backup:
        target = {"backupID": recovery.backup, "targetImmediate": True}
    return {"source": SOURCE, **({"recoveryTarget": target} if target else {})}


def started_from(spec: Mapping[str, Any]) -> Recovery | None:
    """The backup that the Cluster of this spec started from, if it did not start empty."""
    if "recovery" not in spec.get("bootstrap", {}):
        return None
    target = spec["bootstrap"]["recovery"].get("recoveryTarget") or {}
    (source,) = spec["externalClusters"]
    return Recovery(
        server=source["plugin"]["parameters"]["serverName"],
        at=target.get("targetTime"),
        backup=target.get("backupID"),
    )


def scheduled_backup(archive: Archive, cluster: pulumi.Input[str]) -> dict[str, Any]:
    """The spec of the ScheduledBackup, which also makes a first backup at once."""
    return {
        # The operator's schedules begin with a field for seconds.
        "schedule": f"0 {archive.schedule}",
        "immediate": True,
        # The list of backups goes with the Cluster, and stays when the stack is taken down.
        "backupOwnerReference": "cluster",
        **backup(cluster),
    }


def backup(cluster: pulumi.Input[str]) -> dict[str, Any]:
    """The spec of one Backup of a Cluster."""
    return {
        "cluster": {"name": cluster},
        "method": "plugin",
        "pluginConfiguration": {"name": PLUGIN},
    }


def _parameters(store: pulumi.Input[str], server: str) -> dict[str, Any]:
    return {"barmanObjectName": store, "serverName": server}
