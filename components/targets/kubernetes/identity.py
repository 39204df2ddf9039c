"""The identity of a pod: an account without a token, and the login that pulls its images."""

import base64
import json

import pulumi

from components.addresses import PROJECT, host_name
from components.settings import Registry
from components.targets.kubernetes import objects
from components.targets.kubernetes.scope import Scope
from components.targets.shared_names import REGISTRY


def service_account(part: str, scope: Scope) -> objects.ServiceAccount:
    return objects.ServiceAccount(
        part,
        metadata=scope.metadata(host_name(part)),
        automountServiceAccountToken=False,
        opts=scope.opts,
    )


def pull_secret(registry: Registry | None, scope: Scope) -> pulumi.Output[str] | None:
    """Register the Secret with the login to the registry. The result is its name; None without a
    login."""
    if registry is None or registry.password is None:
        return None
    user, password = registry.user, registry.password.get_secret_value()
    login = {
        "username": user,
        "password": password,
        "auth": base64.b64encode(f"{user}:{password}".encode()).decode(),
    }
    content = json.dumps({"auths": {registry.url.partition("/")[0]: login}})
    scope = scope.of(REGISTRY, "platform")
    secret = objects.Secret(
        REGISTRY,
        metadata=scope.metadata(f"{PROJECT}-{REGISTRY}"),
        type="kubernetes.io/dockerconfigjson",
        data=pulumi.Output.secret(
            {".dockerconfigjson": base64.b64encode(content.encode()).decode()}
        ),
        opts=scope.opts,
    )
    return secret.object_name
