"""The objects of a stack in its namespace, as the cluster's own JSON."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from operations.kubernetes_stack import REQUEST_SECONDS, WORKLOAD

MERGE = "application/merge-patch+json"
CLAIM = "persistent_volume_claim"
APIS = {
    CLAIM: "CoreV1Api",
    "deployment": "AppsV1Api",
    "stateful_set": "AppsV1Api",
    "cron_job": "BatchV1Api",
    "job": "BatchV1Api",
    "pod": "CoreV1Api",
}

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class KubernetesObjects:
    """The objects that `selector` chooses. `client` is the SDK's."""

    client: Any
    namespace: str
    selector: str

    def all(self, kind: str) -> list[Object]:
        """The objects of a kind, as a name of the SDK's methods, such as `stateful_set`."""
        answer = self.call("list", kind, label_selector=self.selector)
        return [{**item, "kind": kind} for item in answer["items"]]

    def patch(
        self, target: Object, marks: Mapping[str, str | None], spec: Mapping[str, Any]
    ) -> None:
        """Change a field and the marks in one request: neither is there without the other."""
        self.call(
            "patch",
            target["kind"],
            target["metadata"]["name"],
            body={"metadata": {"annotations": dict(marks)}, "spec": dict(spec)},
            _content_type=MERGE,
        )

    def call(self, verb: str, kind: str, *name: str, **options: Any) -> Object:
        """The answer to a request. Raises ClickException where the cluster refuses it."""
        from kubernetes import client

        api = getattr(client, APIS[kind])(self.client)
        words = (*name, self.namespace)
        try:
            answer = getattr(api, f"{verb}_namespaced_{kind}")(
                *words, **options, _request_timeout=REQUEST_SECONDS, _preload_content=False
            )
        except client.ApiException as error:
            raise click.ClickException(
                f"the cluster answers {error.status} {error.reason} to the request to {verb} "
                f"{' '.join((kind, *name))} in the namespace {self.namespace}."
            ) from None
        content: Object = json.loads(answer.data)
        return content


def of_workloads(objects: Iterable[Object], names: Collection[str]) -> Iterator[Object]:
    """The objects of these workloads."""
    return (item for item in objects if name_of(item) in names)


def name_of(item: Object) -> str:
    """The name of the workload."""
    return str(item["metadata"]["labels"].get(WORKLOAD))


def names_of(objects: Iterable[Object]) -> list[str]:
    return list(dict.fromkeys(name_of(item) for item in objects))


def annotations(item: Object) -> dict[str, str]:
    return item["metadata"].get("annotations") or {}
