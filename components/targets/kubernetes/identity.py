"""Who a pod is: an account without a token, and the login with which its images are pulled."""

import base64
import json

import pulumi

from components.settings import Settings
from components.targets.kubernetes import naming, objects


def service_account(
    workload: str,
    labels: dict[str, str],
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> objects.ServiceAccount:
    return objects.ServiceAccount(
        workload,
        metadata=naming.metadata(naming.host_name(workload), namespace, labels),
        automountServiceAccountToken=False,
        opts=opts,
    )


def pull_secret(
    settings: Settings, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> objects.Secret | None:
    """The login at the registry, where there is one."""
    registry = settings.registry
    if registry is None or registry.password is None:
        return None
    user, password = registry.user, registry.password.get_secret_value()
    login = {
        "username": user,
        "password": password,
        "auth": base64.b64encode(f"{user}:{password}".encode()).decode(),
    }
    content = json.dumps({"auths": {registry.url.partition("/")[0]: login}})
    return objects.Secret(
        "registry",
        metadata=naming.metadata(
            f"{naming.PROJECT}-registry", namespace, naming.labels("registry", "platform")
        ),
        type="kubernetes.io/dockerconfigjson",
        data=pulumi.Output.secret(
            {".dockerconfigjson": base64.b64encode(content.encode()).decode()}
        ),
        opts=opts,
    )
