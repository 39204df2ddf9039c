"""The cluster that the provider's settings lead to, and whether it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from airgap.plugins.kubernetes import kubeconfig
from airgap.plugins.kubernetes.api import Api, ApiError, Client, Unreachable
from airgap.plugins.kubernetes.kinds import CLUSTER_SCOPED, Kind, Object
from airgap.plugins.kubernetes.kubeconfig import Active, Unusable
from airgap.plugins.kubernetes.objects import name_of, namespace_of
from airgap.plugins.kubernetes.settings import Settings
from airgap.plugins.resource import Failed

UNREACHABLE: Final = "configured Kubernetes cluster is unreachable"


class NoSuchKind(Exception):
    """The API server serves no such kind (now: its definition may come later)."""


class Cluster:
    """Looked for when first needed: a preview must work without, and is faster without."""

    def __init__(
        self, settings: Settings, connect: Callable[[dict[str, Any]], Api] = Client.of
    ) -> None:
        self.settings = settings
        self.default_namespace = settings.namespace
        self._unreachable = ""
        self._resources: dict[str, dict[str, Object]] = {}
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        self._connect = connect
        self._active: Active | None = None
        self._api: Api | None = None
        try:
            self._active = kubeconfig.active(settings)
            self.default_namespace = self._active.namespace
        except Unusable as error:
            self._unreachable = str(error)

    @property
    def unreachable(self) -> str:
        """Why the cluster cannot be asked; empty when it can. Looked at once."""
        with self._connecting:
            if self._api is None and not self._unreachable and self._active is not None:
                self._look(self._active)
        return self._unreachable

    def _look(self, active: Active) -> None:
        server = active.cluster.get("server", "")
        try:
            api = self._connect(active.config)
            # needs a login, other than the version
            self._resources["v1"] = _by_kind(api("GET", "/api/v1"))
            self._api = api
        except (ApiError, Unreachable) as error:
            self._unreachable = f"{server} does not answer: {error}"
        except Exception as error:  # whatever it is, the run needs a sentence
            self._unreachable = f"{server}: {error}"

    @property
    def api(self) -> Api:
        """What to ask. Raises Failed, in one sentence, where there is no cluster."""
        if self.unreachable or self._api is None:
            raise Failed(f"{UNREACHABLE}: {self._unreachable}")
        return self._api

    def serves(self, kind: Kind) -> bool:
        """Whether the cluster is there and knows the kind now."""
        if self.unreachable:
            return False
        try:
            self._resource(kind)
        except (NoSuchKind, ApiError, Unreachable):
            return False
        return True

    def namespaced(self, kind: Kind) -> bool:
        """Of a custom kind that the cluster does not know: most are."""
        if kind.own or kind.kind in CLUSTER_SCOPED:
            return kind.kind not in CLUSTER_SCOPED
        try:
            return self.unreachable != "" or bool(self._resource(kind).get("namespaced"))
        except (NoSuchKind, ApiError, Unreachable):
            return True

    def path(self, thing: Object, name: str | None = None) -> str:
        """Where an object is, or with an empty name where all of its kind are."""
        return self.path_of(
            Kind.of(thing), namespace_of(thing), name_of(thing) if name is None else name
        )

    def path_of(self, kind: Kind, namespace: str, name: str = "") -> str:
        """Raises NoSuchKind."""
        resource = self._resource(kind)
        start = f"/apis/{kind.group}" if kind.group else "/api"
        within = f"/namespaces/{quote(namespace or 'default')}" if resource["namespaced"] else ""
        end = f"/{quote(name)}" if name else ""
        return f"{start}/{kind.version}{within}/{resource['name']}{end}"

    def _resource(self, kind: Kind) -> Object:
        """What discovery says of a kind; asked again where it is missing."""
        with self._lock:
            known = self._resources.get(kind.api_version, {})
            if kind.kind not in known:
                start = f"/apis/{kind.group}" if kind.group else "/api"
                try:
                    known = _by_kind(self.api("GET", f"{start}/{kind.version}"))
                except ApiError as error:
                    if error.code != 404:
                        raise
                self._resources[kind.api_version] = known
        if kind.kind not in known:
            raise NoSuchKind(f'no matches for kind "{kind.kind}" in version "{kind.api_version}"')
        return known[kind.kind]


def _by_kind(served: Object) -> dict[str, Object]:
    """The resources of a discovery document by their kinds, without those below a resource."""
    return {entry["kind"]: entry for entry in served["resources"] if "/" not in entry["name"]}
