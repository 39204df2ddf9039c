"""Who a pod is: an account without a token, and the login with which its images are pulled."""

import base64
import json

import pulumi
import pulumi_kubernetes as k8s

from components.settings import Settings
from components.targets.kubernetes import naming


def service_account(
    workload: str,
    labels: dict[str, str],
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> k8s.core.v1.ServiceAccount:
    return k8s.core.v1.ServiceAccount(
        workload,
        metadata=naming.metadata(naming.host_name(workload), namespace, labels),
        automount_service_account_token=False,
        opts=opts,
    )


def pull_secret(
    settings: Settings, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> k8s.core.v1.Secret | None:
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
    return k8s.core.v1.Secret(
        "registry",
        metadata=naming.metadata(
            f"{naming.PROJECT}-registry", namespace, naming.labels("registry", "platform")
        ),
        type="kubernetes.io/dockerconfigjson",
        data={
            ".dockerconfigjson": pulumi.Output.secret(base64.b64encode(content.encode()).decode())
        },
        opts=opts,
    )
