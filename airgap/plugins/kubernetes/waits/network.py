"""Services and Ingresses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import name_of, namespace_of, part
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.check import READY, Check, Look

NO_PODS: Final = (
    "Service does not target any Pods. Selected Pods may not be ready, or field "
    "'.spec.selector' may not match labels on any Pods"
)
NO_ADDRESS: Final = (
    "Service was not allocated an IP address; does your cloud provider support this?"
)
NO_STATUS: Final = (
    "Ingress .status.loadBalancer field was not updated with a hostname/IP address: is there a "
    "controller for its class?"
)


class Service(Check):
    """Ready when its endpoints have settled and none of them is pending; it may have none."""

    patience = 10
    """After the last change of its endpoints, as officially: stragglers come within that time."""

    def __init__(self, objects: Objects, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(objects)
        self._clock = clock
        self._version = ""
        self._changed = clock()

    def look(self, live: Object) -> Look:
        spec: Any = live.get("spec") or {}
        if spec.get("type") == "LoadBalancer" and not addresses(live):
            return Look(doing="[2/3] Attempting to allocate IP address to Service")
        if spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None":
            return READY
        if not spec.get("selector"):
            return READY
        found = endpoints(self.objects, namespace_of(live), name_of(live))
        version = str(part(found, "metadata", "resourceVersion"))
        if version != self._version:
            self._version, self._changed = version, self._clock()
        settled = self._clock() - self._changed >= self.patience
        pending = any(subset.get("notReadyAddresses") for subset in _subsets(found))
        if found is not None and settled and not pending:
            return READY
        return Look(doing="[1/3] Finding Pods to direct traffic to")

    def reasons(self, live: Object) -> list[str]:
        found = endpoints(self.objects, namespace_of(live), name_of(live))
        reasons = [] if any(s.get("addresses") for s in _subsets(found)) else [NO_PODS]
        if part(live, "spec", "type") == "LoadBalancer" and not addresses(live):
            reasons.append(NO_ADDRESS)
        return reasons


class Ingress(Check):
    """Ready when a controller has written its address, and its Services have endpoints."""

    patience = 60
    """After which it no longer waits for Services that have no endpoints, as officially."""

    def __init__(self, objects: Objects, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(objects)
        self._clock = clock
        self._begun = clock()

    def look(self, live: Object) -> Look:
        late = self._clock() - self._begun >= self.patience
        if not late and self._without_endpoints(live):
            return Look(doing="[1/3] Finding a matching service for each Ingress path")
        if addresses(live):
            return READY
        return Look(doing="[2/3] Waiting for update of .status.loadBalancer with hostname/IP")

    def reasons(self, live: Object) -> list[str]:
        missing = self._without_endpoints(live)
        reasons = [f'No matching service found for ingress rule: "{name}"' for name in missing]
        return reasons if addresses(live) else [*reasons, NO_STATUS]

    def _without_endpoints(self, live: Object) -> list[str]:
        names = {
            str(part(path, "backend", "service", "name"))
            for rule in part(live, "spec", "rules") or []
            for path in part(rule, "http", "paths") or []
            if part(path, "backend", "service", "name")
        }
        return sorted(
            name
            for name in names
            if endpoints(self.objects, namespace_of(live), name) is None
            and not self._external(namespace_of(live), name)
        )

    def _external(self, namespace: str, name: str) -> bool:
        found = self.objects.find(named("Service", namespace, name))
        return bool(part(found, "spec", "type") == "ExternalName")


def endpoints(objects: Objects, namespace: str, name: str) -> Object | None:
    return objects.find(named("Endpoints", namespace, name))


def named(kind: str, namespace: str, name: str) -> Object:
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def addresses(live: Object) -> list[Any]:
    return part(live, "status", "loadBalancer", "ingress") or []


def _subsets(found: Object | None) -> list[Object]:
    return (found or {}).get("subsets") or []
