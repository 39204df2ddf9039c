"""What is asked of the cluster for one object: create, apply, read, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from airgap.plugins.kubernetes import managed
from airgap.plugins.kubernetes.api import APPLY_PATCH, JSON_PATCH, ApiError
from airgap.plugins.kubernetes.cluster import Cluster, NoSuchKind
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import annotation, name_of, part, says_true
from airgap.plugins.resource import Log

DRY_RUN: Final = {"dryRun": "All"}
STRICT: Final = {"fieldValidation": "Strict"}
"""A field that the server does not know is refused; it is not dropped."""
TRIES: Final = 6
FIRST_PAUSE: Final = 1.0
CONFLICT_HELP: Final = (
    "server-side apply field conflict detected, see https://www.pulumi.com/registry/packages/"
    "kubernetes/how-to-guides/managing-resources-with-server-side-apply/"
    "#handle-field-conflicts-on-existing-resources for troubleshooting help\n"
    'The resource managed by field manager "{manager}" had an apply conflict: {reason}'
)
EXISTS_HELP: Final = (
    "{reason}\n\nThe resource already exists in the cluster. Import it (`pulumi import`), remove "
    "it, or give the new one another name; where a resource was renamed in the program, an alias "
    "keeps its identity."
)
PROPAGATION: Final = {"orphan": "Orphan", "background": "Background"}

T = TypeVar("T")


class Objects:
    """The objects of a cluster."""

    def __init__(self, cluster: Cluster, pause: Callable[[float], None]) -> None:
        """`pause` waits, and fails when the run is cancelled."""
        self.cluster = cluster
        self._pause = pause

    def create(self, inputs: Object, log: Log, *, preview: bool) -> Object:
        """Make the object; what it needs (its namespace, its kind) may still be on its way."""
        query = {"fieldManager": managed.CREATOR} | STRICT | (DRY_RUN if preview else {})

        def post() -> Object:
            path = self.cluster.path(inputs, name="")
            made: Object = self.cluster.api("POST", path, query, inputs)
            return made

        return post() if preview else self._patiently(post, log)

    def get(self, thing: Object) -> Object:
        found: Object = self.cluster.api("GET", self.cluster.path(thing))
        return found

    def find(self, thing: Object) -> Object | None:
        """The live object, or None when it is gone, by itself or with its kind."""
        try:
            return self.get(thing)
        except NoSuchKind:
            return None
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def apply(self, inputs: Object, live: Object, manager: str, *, preview: bool) -> Object:
        """Bring a live object to the inputs, by server-side apply as `manager`."""
        if part(inputs, "kind") == "CustomResourceDefinition":
            return self._replace(inputs, live, manager, preview=preview)
        path = self.cluster.path(inputs, name=name_of(live))
        if not preview:
            self._take_over(path, live, manager)
        force = self.forces(inputs, live, preview=preview)
        query = {"fieldManager": manager, "force": "true" if force else "false"} | STRICT
        try:
            applied: Object = self.cluster.api(
                "PATCH", path, query | (DRY_RUN if preview else {}), inputs, APPLY_PATCH
            )
        except ApiError as error:
            if error.code == 409 and error.reason == "Conflict":
                text = CONFLICT_HELP.format(manager=manager, reason=error)
                raise ApiError(error.code, text, error.status) from error
            raise
        return applied

    def forces(self, inputs: Object, live: Object, *, preview: bool) -> bool:
        """Whether fields that others manage are put right."""
        return (
            self.cluster.settings.patch_force
            or says_true(inputs, "patchForce")
            or not managed.entries(live)
            # the real run takes these fields over before it applies
            or (preview and managed.created_by_plugin(live))
        )

    def relinquish(self, thing: Object, manager: str) -> None:
        """Give up the fields of a manager that is no longer used."""
        bare = {"apiVersion": thing["apiVersion"], "kind": thing["kind"]}
        bare["metadata"] = {"name": name_of(thing)}
        query = {"fieldManager": manager, "force": "false"}
        self.cluster.api("PATCH", self.cluster.path(thing), query, bare, APPLY_PATCH)

    def delete(self, thing: Object, inputs: Object) -> bool:
        """Ask for the deletion; False when there is nothing left to delete."""
        policy = annotation(inputs, "deletionPropagationPolicy").lower()
        query = {"propagationPolicy": PROPAGATION.get(policy, "Foreground")}
        try:
            self.cluster.api("DELETE", self.cluster.path(thing), query)
        except NoSuchKind:
            return False
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return True

    def _replace(self, inputs: Object, live: Object, manager: str, *, preview: bool) -> Object:
        """Definitions of custom kinds are put as a whole, as officially."""
        version = part(live, "metadata", "resourceVersion")
        body = {**inputs, "metadata": {**inputs["metadata"], "resourceVersion": version}}
        query = {"fieldManager": manager} | STRICT | (DRY_RUN if preview else {})
        put: Object = self.cluster.api("PUT", self.cluster.path(inputs), query, body)
        return put

    def _take_over(self, path: str, live: Object, manager: str) -> None:
        taken = managed.taken_over(live, manager)
        if taken is None:
            return
        changes: list[dict[str, Any]] = [
            {"op": "replace", "path": "/metadata/managedFields", "value": taken},
            {
                "op": "replace",
                "path": "/metadata/resourceVersion",
                "value": part(live, "metadata", "resourceVersion"),
            },
        ]
        self.cluster.api("PATCH", path, {}, changes, JSON_PATCH)

    def _patiently(self, work: Callable[[], T], log: Log) -> T:
        pause = FIRST_PAUSE
        for retry in range(TRIES):
            try:
                return work()
            except (ApiError, NoSuchKind) as error:
                if isinstance(error, ApiError) and error.code != 404:
                    if error.reason == "AlreadyExists":
                        text = EXISTS_HELP.format(reason=error)
                        raise ApiError(error.code, text, error.status) from error
                    raise
                if retry == TRIES - 1:
                    raise
                log(f"Retry #{retry}; creation failed: {error}")
            self._pause(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")
