"""From a service's settings to a workload: how an image of the user's own, or ours, is run."""

from collections.abc import Mapping

from components.images import Catalogue
from components.settings import mebibytes, models
from components.settings.models import ImageName
from components.text import SECRETS, Text
from components.workload import (
    Build,
    File,
    Health,
    Http,
    Identity,
    Image,
    Outside,
    Port,
    Replicas,
    Resources,
)


def image(
    name: str, settings: models.Workload, catalogue: Catalogue, base: ImageName, stop_signal: str
) -> Image:
    """The image that the settings name, or the one that they say how to build."""
    uid, gid = settings.user.split(":")
    build: Build | None = catalogue.build(settings.build, base) if settings.build else None
    return Image(
        reference=catalogue.built(name, build)
        if build
        else catalogue.mirrored(settings.image or ""),
        identity=Identity(uid=int(uid), gid=int(gid)),
        client=None if settings.client == "none" else settings.client,
        stop_signal=stop_signal,
        build=build,
    )


def health(path: str, settings: models.Workload) -> Health | None:
    """A question for one of the service's paths; None where its image can ask nothing."""
    if settings.client == "none":
        return None
    return Health(ask=Http(path=path, port=settings.port), start_budget=settings.start_budget)


def port(settings: models.Workload, metrics: str | None) -> Port:
    return Port(name="http", number=settings.port, metrics=metrics)


def resources(settings: models.Workload) -> Resources:
    asked = settings.memory_request
    return Resources(
        memory=mebibytes(settings.memory),
        cpu=settings.cpu,
        memory_request=mebibytes(asked) if asked else None,
        cpu_request=settings.cpu_request,
    )


def replicas(settings: models.Workload) -> Replicas:
    wanted = settings.replicas
    return Replicas(min=wanted.min, max=wanted.max, cpu_target=wanted.cpu_target)


def outside(settings: models.Workload) -> tuple[Outside, ...]:
    return tuple(
        Outside(name=server.name, ports=tuple(server.ports), cidrs=tuple(server.cidrs))
        for server in settings.outside
    )


def credentials(
    settings: models.Service, have: Mapping[models.Credential, Text]
) -> tuple[dict[str, str], dict[str, Text], tuple[File, ...]]:
    """Plain variables, secret variables and files that hand over what the service asked for."""
    env: dict[str, str] = {}
    secret_env: dict[str, Text] = {}
    files: dict[str, Text] = {}
    for place, credential in settings.credentials.items():
        text = have[credential]
        if place.startswith("/"):
            files[place] = text
        elif settings.secrets_as == "env":
            secret_env[place] = text
        else:
            env[place] = f"{SECRETS}/{credential}"
            files[env[place]] = text
    return env, secret_env, tuple(File(path=path, content=text) for path, text in files.items())
