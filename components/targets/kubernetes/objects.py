"""The kinds of objects that the target registers, with the resource types of the official provider.

They are registered without the SDK's own classes. Importing those takes 1.1 s and 70 MiB in every
run, which is most of a preview in a pull request. The tests check whole objects against the API's
schemas of three versions instead.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pulumi.output import Unknown

# If somebody changes a field of ours by hand, `up` restores it instead of failing with a conflict.
# Plugins before 4.29 know only this annotation, and not the provider's `enable_patch_force`.
PATCH_FORCE = {"pulumi.com/patchForce": "true"}


class Object(pulumi.CustomResource):
    """One object. Its fields have the API's own names."""

    api: ClassVar[str]
    secret_outputs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        resource_name: str,
        *,
        metadata: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
        **fields: Any,
    ) -> None:
        group = self.api if "/" in self.api else f"core/{self.api}"
        kind = type(self).__name__
        annotations = {**metadata.get("annotations", {}), **PATCH_FORCE}
        super().__init__(
            f"kubernetes:{group}:{kind}",
            resource_name,
            # The provider's outputs are an object's own fields.
            {
                "apiVersion": self.api,
                "kind": kind,
                "metadata": {**metadata, "annotations": annotations},
                **fields,
            },
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=list(self.secret_outputs))
            ),
        )

    @property
    def object_name(self) -> pulumi.Output[str]:
        """The name on the cluster. A resource that uses it depends on the object."""
        metadata: pulumi.Output[dict[str, Any]] = pulumi.get(self, "metadata")
        return metadata.apply(_name, run_with_unknowns=True)


def _name(metadata: Any) -> Any:
    """The name of an object. It may be unknown for an object that `--target` leaves out. Pulumi
    then leaves out the resources that use the name too."""
    return metadata if isinstance(metadata, Unknown) else metadata.get("name")


class Namespace(Object):
    api = "v1"


class ConfigMap(Object):
    api = "v1"


class Secret(Object):
    api = "v1"
    secret_outputs = ("data",)


class ServiceAccount(Object):
    api = "v1"


class Service(Object):
    api = "v1"


class PersistentVolumeClaim(Object):
    api = "v1"


class Deployment(Object):
    api = "apps/v1"


class StatefulSet(Object):
    api = "apps/v1"


class HorizontalPodAutoscaler(Object):
    api = "autoscaling/v2"


class PodDisruptionBudget(Object):
    api = "policy/v1"


class NetworkPolicy(Object):
    api = "networking.k8s.io/v1"


class Ingress(Object):
    api = "networking.k8s.io/v1"


class Job(Object):
    api = "batch/v1"


class CronJob(Object):
    api = "batch/v1"


class Cluster(Object):
    api = "postgresql.cnpg.io/v1"


class Pooler(Object):
    api = "postgresql.cnpg.io/v1"


class ScheduledBackup(Object):
    api = "postgresql.cnpg.io/v1"


class ObjectStore(Object):
    api = "barmancloud.cnpg.io/v1"


class PodMonitor(Object):
    api = "monitoring.coreos.com/v1"


class PrometheusRule(Object):
    api = "monitoring.coreos.com/v1"
