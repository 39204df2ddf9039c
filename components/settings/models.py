"""The model files of a service, which it mounts read-only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from components.settings import paths
from components.settings.base import Model
from components.settings.http_service import Values
from components.settings.kubernetes_names import Name
from components.settings.problems import Problem
from components.settings.shapes import Path, Plain, Reference, Size, User, Variable

if TYPE_CHECKING:
    from components.settings.api import Service
    from components.settings.stack import Settings


class Fill(Model):
    """The step that fills a service's model volume before the service starts."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              vision:
                image: registry.example.com/acme/vision:1.4.2
                outside:
                  - name: models
                    ports: [443]
                models:
                  size: 20Gi
                  fill:
                    image: registry.example.com/acme/downloader:2.0.0
                    command: [download, --to, /models, acme/vision-large]
                    env:
                      HOME: /models   # the image's own files cannot be written
                    timeout: 3600
    """

    image: Reference = Field(
        description="The image that fills the volume, with a fixed tag or digest. It needs "
        "`/bin/sh`."
    )
    command: list[Plain] = Field(
        min_length=1,
        description="The program and its arguments, instead of the image's own. It writes to the "
        "path of the models. It runs again after it failed, and must then continue or start over.",
    )
    env: Values[Variable] = Field(
        default_factory=dict,
        description="Environment variables of the command. A value may refer to values of the "
        "platform (docs/values.md), such as `${secret.hub-token}`.",
    )
    user: User | None = Field(
        None,
        description="The UID and GID that the command runs as. The default is the service's user, "
        "who must be able to read the files.",
    )
    timeout: int = Field(
        600,
        ge=1,
        le=86400,
        description="The longest time that filling the volume may take, in seconds. On Docker a "
        "try that takes longer is stopped; on Kubernetes `up` gives up.",
    )


class Models(Model):
    """Model files that a service reads: a volume that a step fills, or an existing claim."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:api:
            services:
              vision:
                image: registry.example.com/acme/vision:1.4.2
                gpu: 1
                node_selector: {pool: gpu}
                tolerations:
                  - key: pool
                    value: gpu
                runtime_class: nvidia
                replicas: 2
                models:
                  path: /models
                  claim: vision-models   # the cluster has this claim already
    """

    path: Path = Field(
        "/models", description="The directory in the container, which the service only reads."
    )
    size: Size | None = Field(
        None, description="The size of the volume that `fill` fills. Advisory on Docker."
    )
    fill: Fill | None = Field(
        None,
        description="The step that fills a volume of the service's own. It has the service's "
        "limits and its way out (`outside`). The service then has one replica.",
    )
    claim: Name | None = Field(
        None,
        description="Kubernetes only: an existing PersistentVolumeClaim in the stack's namespace, "
        "for any number of replicas. Set either `fill` or `claim`.",
    )


def rules(path: str, service: "Service", settings: "Settings") -> Iterator[Problem]:
    """`path` is the dotted path of the service's settings."""
    models = service.models
    if models is None:
        return
    yield from _only_models(path, service, models)
    if (models.fill is None) == (models.claim is None):
        found = "neither" if models.fill is None else "both"
        yield Problem(path=f"{path}.models", found=found, allowed="either `fill` or `claim`")
        return
    if models.fill:
        yield from _own_volume(path, service, models)
        return
    if models.size:
        yield Problem(
            path=f"{path}.models.size",
            found=repr(models.size),
            allowed="no size, because the existing claim has one",
        )
    if settings.target == "docker":
        yield Problem(
            path=f"{path}.models.claim",
            found=repr(models.claim),
            allowed="no value with target: docker, because Docker has no claims; `fill` fills a "
            "volume",
        )


def _only_models(path: str, service: "Service", models: Models) -> Iterator[Problem]:
    """Nothing can be mounted in a directory that is mounted read-only."""
    volume = service.data_volume
    others = [*service.writable, *([volume.path] if volume else [])]
    for other in others:
        if paths.within(other, models.path):
            yield Problem(
                path=f"{path}.models.path",
                found=repr(models.path),
                allowed=f"a directory for the models alone, without {other}, which the service "
                "writes to",
            )


def _own_volume(path: str, service: "Service", models: Models) -> Iterator[Problem]:
    if models.size is None:
        yield Problem(
            path=f"{path}.models.size",
            found="null",
            allowed="the size of the volume that `fill` fills, such as `20Gi`",
        )
    if service.replicas.max > 1:
        yield Problem(
            path=f"{path}.replicas",
            found=str(service.replicas.max),
            allowed="1, because the volume that `models.fill` fills belongs to one replica; any "
            "number of replicas can read an existing claim (`models.claim`)",
        )
