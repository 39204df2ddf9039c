"""Files and secret variables of a container, as ConfigMaps and Secrets.

Their names carry a hash of their content: a change makes a new object beside the old one and rolls
who uses it, and a roll-out that fails leaves the old pods their old files. The hash of a secret is
keyed, so that nobody can guess a weak one from its object's name.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.credentials import Credentials
from components.targets.kubernetes import naming
from components.targets.kubernetes.remembered import Remembered
from components.text import Secret
from components.workload import Container, File

KEY = Secret(name="kubernetes-name-key")
DIGITS = 10


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """What a container has of them: mounts and variables, and the volumes that its pod needs."""

    volumes: list[dict[str, Any]] = field(default_factory=list)
    mounts: list[dict[str, Any]] = field(default_factory=list)
    env: list[dict[str, Any]] = field(default_factory=list)


class Configuration:
    """Makes the ConfigMaps and Secrets of a stack's containers."""

    def __init__(
        self, credentials: Credentials, namespace: pulumi.Input[str], remembered: Remembered
    ) -> None:
        self._credentials = credentials
        self._namespace = namespace
        self._remembered = remembered

    def of(
        self, container: Container, labels: dict[str, str], opts: pulumi.ResourceOptions
    ) -> Mounted:
        """Register what the container reads."""
        name = naming.host_name(container.name)
        mounted = Mounted()
        plain = [file for file in container.files if not file.content.secrets]
        begin = [file for file in plain if file.first_start]
        if begin:
            made = self._first_start(container, name, begin, labels, opts)
            _mount(mounted, f"{container.name}-first-start", "configMap", made, begin)
        files = [file for file in plain if not file.first_start]
        if files:
            data = {key(file.path): file.content.template for file in files}
            made = k8s.core.v1.ConfigMap(
                f"{container.name}-files",
                metadata=naming.metadata(f"{name}-files-{digest(data)}", self._namespace, labels),
                data=data,
                immutable=True,
                opts=opts,
            )
            _mount(mounted, f"{container.name}-files", "configMap", made.metadata.name, files)
        self._secrets(container, name, labels, mounted, opts)
        return mounted

    def _first_start(
        self,
        container: Container,
        name: str,
        files: Sequence[File],
        labels: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Input[str]:
        """Under one name for ever: a change reaches the next empty volume and rolls nothing."""
        name = f"{name}-first-start"
        data = {key(file.path): file.content.template for file in files}
        before = self._remembered.configuration.get(name, data)
        for file in files:
            if before.get(key(file.path)) != file.content.template:
                pulumi.log.info(
                    f"{file.path} of {container.name} changed: it acts on an empty volume only. "
                    "What runs stays as it is; change that by hand."
                )
        made = k8s.core.v1.ConfigMap(
            f"{container.name}-first-start",
            metadata=naming.metadata(name, self._namespace, labels),
            data=data,
            opts=opts,
        )
        named: pulumi.Output[str] = made.metadata.name
        return named

    def _secrets(
        self,
        container: Container,
        name: str,
        labels: dict[str, str],
        mounted: Mounted,
        opts: pulumi.ResourceOptions,
    ) -> None:
        files = [file for file in container.files if file.content.secrets]
        texts = {key(file.path): file.content for file in files}
        texts |= {f"env.{variable}": text for variable, text in container.secret_env.items()}
        if not texts:
            return
        values = {each: self._credentials.fill(text) for each, text in texts.items()}
        seen = pulumi.Output.all(key=self._credentials.value(KEY), **values)
        made = k8s.core.v1.Secret(
            f"{container.name}-secrets",
            metadata=naming.metadata(
                pulumi.Output.unsecret(seen.apply(lambda all_: f"{name}-secrets-{keyed(**all_)}")),
                self._namespace,
                labels,
            ),
            type="Opaque",
            data={
                each: pulumi.Output.secret(value).apply(encoded) for each, value in values.items()
            },
            immutable=True,
            opts=opts,
        )
        if files:
            _mount(mounted, f"{container.name}-secrets", "secret", made.metadata.name, files)
        mounted.env.extend(
            {
                "name": variable,
                "valueFrom": {
                    "secretKeyRef": {"name": made.metadata.name, "key": f"env.{variable}"}
                },
            }
            for variable in sorted(container.secret_env)
        )


def key(path: str) -> str:
    """A file's path as the key of an object."""
    return path.strip("/").replace("/", ".")


def digest(data: Mapping[str, str]) -> str:
    """Hexadecimal digits that change with any key or content."""
    return _hash(data, b"")


def keyed(key: str, **data: str) -> str:
    """The same for secret content, of which the digits then say nothing."""
    return _hash(data, key.encode())


def _hash(data: Mapping[str, str], key: bytes) -> str:
    whole = hmac.new(key, digestmod=hashlib.sha256)
    for name, content in sorted(data.items()):
        for part in (name.encode(), content.encode()):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:DIGITS]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _mount(
    mounted: Mounted, volume: str, kind: str, name: pulumi.Input[str], files: Sequence[File]
) -> None:
    """Each file at its own path, beside what the image has there. Readable by every user."""
    reference = "secretName" if kind == "secret" else "name"
    mounted.volumes.append({"name": volume, kind: {reference: name, "defaultMode": 0o444}})
    mounted.mounts.extend(
        {"name": volume, "mountPath": file.path, "subPath": key(file.path), "readOnly": True}
        for file in files
    )
