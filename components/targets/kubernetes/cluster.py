"""The cluster behind a context. `up` connects to it before it changes anything; a preview never
does."""

import os
from dataclasses import dataclass
from typing import Any

import pulumi

# Every cluster has this namespace for its whole life, so its UID identifies the cluster.
IDENTITY = "kube-system"
# The longest time of a request, in seconds.
LIMIT = 10
FORBIDDEN = 403


@dataclass(frozen=True, kw_only=True)
class ReachableCluster:
    """A cluster that answers."""

    uid: str
    server: str
    client: Any


def client(context: str | None) -> Any:
    """A client of the cluster. Raises RunError if no kubeconfig leads to a cluster."""
    # A preview does not need this import, which is slow.
    from kubernetes import config
    from kubernetes.config import ConfigException

    try:
        # The file is passed, because the client reads the variable only when it is imported.
        return config.new_client_from_config(config_file=_kubeconfig(), context=context)
    except (ConfigException, TypeError, FileNotFoundError) as error:
        if context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
            return _inside()
        missing = (
            f"the context {context} is not in {_kubeconfig()}"
            if context
            else f"{_kubeconfig()} has no current context"
        )
        raise pulumi.RunError(
            f"{missing} ({str(error).rstrip('.')}). Nothing was "
            "changed. Name a kubeconfig with KUBECONFIG, or a context with kubernetes.context."
        ) from None


def current_context() -> str | None:
    """The name of the kubeconfig's current context; None if it has no current context."""
    from kubernetes import config
    from kubernetes.config import ConfigException

    try:
        _, current = config.list_kube_config_contexts(_kubeconfig())
    except (ConfigException, TypeError, FileNotFoundError):
        return None
    name: str = current["name"]
    return name


def find(context: str | None, named: str | None = None) -> ReachableCluster:
    """The cluster of a context. Raises RunError if it does not answer or rejects the credentials.

    `named` is the setting `kubernetes.cluster`. It is the answer where the credentials may not read
    the cluster's identity.
    """
    from kubernetes.client import ApiException, CoreV1Api
    from urllib3.exceptions import HTTPError

    api = client(context)
    server = api.configuration.host
    try:
        namespace = CoreV1Api(api).read_namespace(IDENTITY, _request_timeout=LIMIT)
    except ApiException as error:
        if error.status == FORBIDDEN:
            return ReachableCluster(uid=_named(named, context, server), server=server, client=api)
        raise pulumi.RunError(
            f"the cluster at {server} rejects these credentials: it answers {error.status} "
            f"{error.reason} when asked for its namespace {IDENTITY}. Nothing was changed. Renew "
            "the context's login."
        ) from None
    except (HTTPError, OSError) as error:
        raise pulumi.RunError(
            f"the cluster at {server} does not answer: {getattr(error, 'reason', error)}. "
            "Nothing was changed."
        ) from None
    return ReachableCluster(uid=namespace.metadata.uid, server=server, client=api)


def _named(uid: str | None, context: str | None, server: str) -> str:
    if uid is None:
        raise pulumi.RunError(
            f"these credentials may not read the namespace {IDENTITY} of the cluster at {server}, "
            "whose UID identifies the cluster. Nothing was changed. Set kubernetes.cluster to that "
            f"UID. An administrator reads it with: kubectl get namespace {IDENTITY} "
            "--output=jsonpath='{.metadata.uid}'"
        )
    if context is None and (current := current_context()):
        raise pulumi.RunError(
            f"these credentials may not read the identity of the cluster at {server}, so that only "
            f"the context tells it from others, and the current context {current} may be any. "
            "Nothing was changed. Name the stack's context with kubernetes.context."
        )
    return uid


def _inside() -> Any:
    from kubernetes import client, config

    config.load_incluster_config()
    return client.ApiClient()


def _kubeconfig() -> str:
    return os.environ.get("KUBECONFIG") or "~/.kube/config"
