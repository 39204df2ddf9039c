"""Files and secret variables of a container, as ConfigMaps and Secrets.

Their names carry a hash of their content: a change makes a new object beside the old one and rolls
who uses it, and a roll-out that fails leaves the old pods their old files. The hash of a secret is
keyed, so that nobody can guess a weak one from its object's name.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.credentials import Credentials
from components.targets.kubernetes import composition, naming, objects
from components.targets.kubernetes.composition import Composer, Sorted
from components.targets.kubernetes.remembered import Remembered
from components.text import Secret, Text
from components.workload import Container, File, Image

KEY = Secret(name="kubernetes-name-key")
DIGITS = 10


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """What a container has of them: mounts and variables, and what its pod needs for that."""

    volumes: list[dict[str, Any]] = field(default_factory=list)
    mounts: list[dict[str, Any]] = field(default_factory=list)
    env: list[dict[str, Any]] = field(default_factory=list)
    composers: list[Composer] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)


class Configuration:
    """Makes the ConfigMaps and Secrets of a stack's containers."""

    def __init__(
        self,
        credentials: Credentials,
        namespace: pulumi.Input[str],
        remembered: Remembered,
        composer: Image,
    ) -> None:
        """`composer` is an image with Python, for what is composed in a pod."""
        self._credentials = credentials
        self._namespace = namespace
        self._remembered = remembered
        self._composer = composer

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
            made = self._config_map(f"{container.name}-files", f"{name}-files", data, labels, opts)
            _mount(mounted, f"{container.name}-files", "configMap", made, files)
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
        made = objects.ConfigMap(
            f"{container.name}-first-start",
            metadata=naming.metadata(name, self._namespace, labels),
            data=data,
            opts=opts,
        )
        named: pulumi.Output[str] = made.object_name
        return named

    def _config_map(
        self,
        resource: str,
        name: str,
        data: dict[str, str],
        labels: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Input[str]:
        made = objects.ConfigMap(
            resource,
            metadata=naming.metadata(f"{name}-{digest(data)}", self._namespace, labels),
            data=data,
            immutable=True,
            opts=opts,
        )
        named: pulumi.Output[str] = made.object_name
        return named

    def _secrets(
        self,
        container: Container,
        name: str,
        labels: dict[str, str],
        mounted: Mounted,
        opts: pulumi.ResourceOptions,
    ) -> None:
        files = {key(file.path): file for file in container.files if file.content.secrets}
        texts = {each: file.content for each, file in files.items()}
        texts |= {_variable(each): text for each, text in container.secret_env.items()}
        found = composition.sort(texts, self._credentials)
        mounted.annotations.update(found.versions)
        held = self._held(container, name, found, labels, opts)
        ours = [file for each, file in files.items() if each in found.ours]
        if held is not None and ours:
            _mount(mounted, f"{container.name}-secrets", "secret", held, ours)
        for variable in sorted(container.secret_env):
            reference = _reference(_variable(variable), found, held)
            mounted.env.append({"name": variable, "valueFrom": {"secretKeyRef": reference}})
        existing = {each: found.existing[each] for each in files if each in found.existing}
        if existing:
            volume = f"{container.name}-existing"
            sources = composition.projected(existing)
            mounted.volumes.append(
                {"name": volume, "projected": {"sources": sources, "defaultMode": 0o444}}
            )
            mounted.mounts.extend(_mounts(volume, [files[each] for each in existing]))
        if found.composed:
            data = composition.program(found.composed)
            made = composition.composer(
                container,
                found.composed,
                self._credentials,
                self._composer,
                self._config_map(
                    f"{container.name}-compose", f"{name}-compose", data, labels, opts
                ),
                held,
            )
            mounted.composers.append(made)
            mounted.volumes.extend(made.volumes)
            composed = [files[each] for each in found.composed]
            mounted.mounts.extend(_mounts(composition.composed_volume(container), composed))

    def login(
        self,
        resource: str,
        user: str,
        password: Secret,
        labels: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Input[str]:
        """The Secret with a user's name and password, ours or the cluster's, for an operator."""
        existing = self._credentials.existing(password.name)
        if existing:
            return existing.name
        texts = {"username": Text(template=user), "password": password.text}
        kind = "kubernetes.io/basic-auth"
        return self._secret(resource, naming.host_name(resource), kind, texts, labels, opts)

    def _held(
        self,
        container: Container,
        name: str,
        found: Sorted,
        labels: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Input[str] | None:
        """The Secret with what we have ourselves; None where that is nothing."""
        parts = composition.own_parts(found.composed, self._credentials)
        texts = found.ours | {composition.part_key(each): text for each, text in parts.items()}
        if not texts:
            return None
        resource = f"{container.name}-secrets"
        return self._secret(resource, f"{name}-secrets", "Opaque", texts, labels, opts)

    def _secret(
        self,
        resource: str,
        name: str,
        kind: str,
        texts: Mapping[str, Text],
        labels: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Input[str]:
        values = {each: self._credentials.fill(text) for each, text in texts.items()}
        whole: pulumi.Input[dict[str, str]] = pulumi.Output.all(**values)
        seen = pulumi.Output.all(key=self._credentials.value(KEY), **values)
        made = objects.Secret(
            resource,
            metadata=naming.metadata(
                pulumi.Output.unsecret(seen.apply(lambda all_: f"{name}-{keyed(**all_)}")),
                self._namespace,
                labels,
            ),
            type=kind,
            data=pulumi.Output.secret(whole).apply(
                lambda plain: {each: encoded(value) for each, value in plain.items()}
            ),
            immutable=True,
            opts=opts,
        )
        named: pulumi.Output[str] = made.object_name
        return named


def key(path: str) -> str:
    """A file's path as the key of an object, each path's its own: a dot stands for a slash, and an
    underscore before what is a dot or an underscore itself."""
    return re.sub(r"[._]", r"_\g<0>", path.strip("/")).replace("/", ".")


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


def _variable(name: str) -> str:
    """A variable as the key of a Secret, which no file's is."""
    return f"_env.{name}"


def _reference(key: str, found: Sorted, held: pulumi.Input[str] | None) -> dict[str, Any]:
    """Where a variable's value stands."""
    if key in found.composed:
        # The settings' rules have refused it before: a variable can not be composed in the pod.
        raise ValueError(f"{key} is composed in the pod: it can only be a file")
    existing = found.existing.get(key)
    return {"name": existing.name, "key": existing.key} if existing else {"name": held, "key": key}


def _mount(
    mounted: Mounted, volume: str, kind: str, name: pulumi.Input[str], files: Sequence[File]
) -> None:
    """Each file at its own path, beside what the image has there. Readable by every user."""
    reference = "secretName" if kind == "secret" else "name"
    mounted.volumes.append({"name": volume, kind: {reference: name, "defaultMode": 0o444}})
    mounted.mounts.extend(_mounts(volume, files))


def _mounts(volume: str, files: Sequence[File]) -> list[dict[str, Any]]:
    return [
        {"name": volume, "mountPath": file.path, "subPath": key(file.path), "readOnly": True}
        for file in files
    ]
