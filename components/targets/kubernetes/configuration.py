"""The files and secret variables of a container, as ConfigMaps and Secrets.

Their names contain a hash of their content. A change therefore creates a new object beside the old
one and rolls out the workload that uses it. If the roll-out fails, the old pods keep their old
files. The hash of a secret is keyed, so nobody can guess a weak secret from its object's name.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.addresses import host_name
from components.container import Container, File, Image
from components.operated import Role
from components.secrets import Secrets
from components.settings import ExistingSecret
from components.targets.kubernetes import init_container, objects
from components.targets.kubernetes.init_container import Composer, Origins
from components.targets.kubernetes.scope import Scope
from components.text import Secret, Text

KEY = Secret(name="kubernetes-name-key")
DIGITS = 10


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """The mounts and variables of a container, and what its pod needs for them."""

    volumes: Sequence[Mapping[str, Any]] = ()
    mounts: Sequence[Mapping[str, Any]] = ()
    env: Sequence[Mapping[str, Any]] = ()
    composers: Sequence[Composer] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: "Mounted") -> "Mounted":
        return Mounted(
            volumes=[*self.volumes, *other.volumes],
            mounts=[*self.mounts, *other.mounts],
            env=[*self.env, *other.env],
            composers=[*self.composers, *other.composers],
            annotations={**self.annotations, **other.annotations},
        )


NOTHING = Mounted()


class Configuration:
    """Registers the ConfigMaps and Secrets of a stack's containers.

    `composer_image` is an image with Python, for texts that are filled in a pod.
    """

    def __init__(self, secrets: Secrets, composer_image: Image) -> None:
        self._secrets = secrets
        self._composer_image = composer_image

    def of(self, container: Container, scope: Scope) -> Mounted:
        """Register the ConfigMaps and Secrets that the container reads."""
        plain = [file for file in container.files if not file.content.secrets]
        return (
            self._first_start(container, [file for file in plain if file.first_start], scope)
            + self._files(container, [file for file in plain if not file.first_start], scope)
            + self._with_secrets(container, scope)
        )

    def login(self, resource: str, role: Role, scope: Scope) -> pulumi.Input[str]:
        """The name of the Secret with a role's user name and password, for an operator."""
        existing = self._secrets.existing(role.password.name)
        if existing:
            return existing.name
        texts = {"username": Text(template=role.user), "password": role.password.text}
        return self._secret(resource, "kubernetes.io/basic-auth", texts, scope)

    def references(
        self, resource: str, texts: Mapping[str, Text], scope: Scope
    ) -> dict[str, dict[str, Any]]:
        """The Secret and key of each text, for an operator. The texts that the cluster does not
        have yet are together in one Secret."""
        existing = {
            key: place
            for key, text in texts.items()
            if (place := self._secrets.existing(text.name))
        }
        ours = {key: text for key, text in texts.items() if key not in existing}
        own_secret = self._secret(resource, "Opaque", ours, scope) if ours else None
        return {key: _place(key, existing, own_secret) for key in texts}

    def _first_start(self, container: Container, files: Sequence[File], scope: Scope) -> Mounted:
        """The ConfigMap keeps its name, so a change restarts no pod. Only a start with an empty
        volume reads the files."""
        if not files:
            return NOTHING
        resource = f"{container.name}-first-start"
        data = {key(file.path): file.content.template for file in files}
        config_map = objects.ConfigMap(
            resource, metadata=scope.metadata(host_name(resource)), data=data, opts=scope.opts
        )
        return _mounted(resource, {"configMap": _source("name", config_map.object_name)}, files)

    def _files(self, container: Container, files: Sequence[File], scope: Scope) -> Mounted:
        if not files:
            return NOTHING
        resource = f"{container.name}-files"
        data = {key(file.path): file.content.template for file in files}
        name = self._config_map(resource, data, scope)
        return _mounted(resource, {"configMap": _source("name", name)}, files)

    def _with_secrets(self, container: Container, scope: Scope) -> Mounted:
        files = {key(file.path): file for file in container.files if file.content.secrets}
        texts = {name: file.content for name, file in files.items()}
        texts |= {_variable(name): text for name, text in container.secret_env.items()}
        origins = init_container.origins(texts, self._secrets)
        own_secret = self._own_secret(container, origins, scope)
        variables = [
            {
                "name": name,
                "valueFrom": {"secretKeyRef": _reference(_variable(name), origins, own_secret)},
            }
            for name in sorted(container.secret_env)
        ]
        return (
            Mounted(env=variables, annotations=origins.versions)
            + _own_files(
                container, [files[name] for name in files if name in origins.ours], own_secret
            )
            + _existing_files(container, files, origins)
            + self._composed_files(container, files, origins, own_secret, scope)
        )

    def _composed_files(
        self,
        container: Container,
        files: Mapping[str, File],
        origins: Origins,
        own_secret: pulumi.Input[str] | None,
        scope: Scope,
    ) -> Mounted:
        if not origins.composed:
            return NOTHING
        program = init_container.program(origins.composed)
        composer = init_container.composer(
            container,
            origins.composed,
            self._secrets,
            self._composer_image,
            self._config_map(f"{container.name}-compose", program, scope),
            own_secret,
        )
        volume = init_container.composed_volume(container)
        return Mounted(
            volumes=composer.volumes,
            mounts=_mounts(volume, [files[name] for name in origins.composed]),
            composers=[composer],
        )

    def _own_secret(
        self, container: Container, origins: Origins, scope: Scope
    ) -> pulumi.Input[str] | None:
        """The Secret with the values that Pulumi has itself; None if there are none."""
        parts = init_container.own_parts(origins.composed, self._secrets)
        texts = {
            **origins.ours,
            **{init_container.part_key(name): text for name, text in parts.items()},
        }
        if not texts:
            return None
        return self._secret(f"{container.name}-secrets", "Opaque", texts, scope)

    def _config_map(
        self, resource: str, data: Mapping[str, str], scope: Scope
    ) -> pulumi.Output[str]:
        config_map = objects.ConfigMap(
            resource,
            metadata=scope.metadata(f"{host_name(resource)}-{digest(data)}"),
            data=data,
            immutable=True,
            opts=scope.opts,
        )
        return config_map.object_name

    def _secret(
        self, resource: str, kind: str, texts: Mapping[str, Text], scope: Scope
    ) -> pulumi.Output[str]:
        values = {name: self._secrets.fill(text) for name, text in texts.items()}
        content: pulumi.Input[dict[str, str]] = pulumi.Output.all(**values)
        hashed = pulumi.Output.all(key=self._secrets.value(KEY), **values)
        name = host_name(resource)
        secret = objects.Secret(
            resource,
            metadata=scope.metadata(
                pulumi.Output.unsecret(hashed.apply(lambda values: f"{name}-{keyed(**values)}"))
            ),
            type=kind,
            data=pulumi.Output.secret(content).apply(
                lambda plain: {name: encoded(value) for name, value in plain.items()}
            ),
            immutable=True,
            opts=scope.opts,
        )
        return secret.object_name


def key(path: str) -> str:
    """A file's path as the key of an object, unique for each path. A dot stands for a slash. An
    underscore precedes the path's own dots and underscores."""
    return re.sub(r"[._]", r"_\g<0>", path.strip("/")).replace("/", ".")


def digest(data: Mapping[str, str]) -> str:
    """Hexadecimal digits that change with any key or content."""
    return _hash(data, b"")


def keyed(key: str, **data: str) -> str:
    """A digest of secret content. Because of the key it reveals nothing about the content."""
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
    """The key of a variable in a Secret. No file has such a key."""
    return f"_env.{name}"


def _reference(key: str, origins: Origins, own_secret: pulumi.Input[str] | None) -> dict[str, Any]:
    """The Secret and key that contain a variable's value."""
    if key in origins.composed:
        # The guard has already rejected this, because only files can be filled in a pod.
        raise ValueError(f"{key} is filled in the pod: it must be a file")
    return _place(key, origins.existing, own_secret)


def _place(
    key: str, existing: Mapping[str, ExistingSecret], own_secret: pulumi.Input[str] | None
) -> dict[str, Any]:
    place = existing.get(key)
    return {"name": place.name, "key": place.key} if place else {"name": own_secret, "key": key}


def _own_files(
    container: Container, files: Sequence[File], own_secret: pulumi.Input[str] | None
) -> Mounted:
    if own_secret is None or not files:
        return NOTHING
    return _mounted(
        f"{container.name}-secrets", {"secret": _source("secretName", own_secret)}, files
    )


def _existing_files(container: Container, files: Mapping[str, File], origins: Origins) -> Mounted:
    places = {name: origins.existing[name] for name in files if name in origins.existing}
    if not places:
        return NOTHING
    source = {"sources": init_container.projected(places), "defaultMode": 0o444}
    mounted = [files[name] for name in places]
    return _mounted(f"{container.name}-existing", {"projected": source}, mounted)


def _source(field: str, name: pulumi.Input[str]) -> dict[str, Any]:
    """The source of a volume, by the field that names it; every user may read its files."""
    return {field: name, "defaultMode": 0o444}


def _mounted(volume: str, source: Mapping[str, Any], files: Sequence[File]) -> Mounted:
    return Mounted(volumes=[{"name": volume, **source}], mounts=_mounts(volume, files))


def _mounts(volume: str, files: Sequence[File]) -> list[dict[str, Any]]:
    """A mount for each file at its own path, which leaves the image's other files visible."""
    return [
        {"name": volume, "mountPath": file.path, "subPath": key(file.path), "readOnly": True}
        for file in files
    ]
