"""Images on the engine: pulled, or built from source."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_docker as docker

from components.container import Build, Container
from components.settings import Settings


def provider(settings: Settings) -> docker.Provider:
    """The provider for the engine, with the login to the mirror if the stack has one."""
    registry = settings.registry
    auth = (
        [
            docker.ProviderRegistryAuthArgs(
                address=registry.url.partition("/")[0],
                username=registry.user,
                password=pulumi.Output.secret(registry.password.get_secret_value()),
            )
        ]
        if registry and registry.password
        else None
    )
    return docker.Provider(
        "docker",
        host=settings.docker.host,
        registry_auth=auth,
        opts=pulumi.ResourceOptions(version=settings.plugins.docker),
    )


class EngineImages:
    """The images of a stack, each registered once however many containers run it."""

    def __init__(self, opts: pulumi.ResourceOptions) -> None:
        self._opts = opts
        self._registered: dict[str, docker.RemoteImage] = {}
        self._running: dict[str, pulumi.Input[str]] = {}

    def id(self, container: Container) -> pulumi.Output[str]:
        """The id of the image on the engine. If it changes, the containers that use it are
        replaced."""
        image = container.image
        if image.build:
            reference, resource = _built_as(image.build), self._built(image.build)
        else:
            reference, resource = image.reference, self._pulled(image.reference)
        self._running[container.name] = reference
        return resource.image_id

    @property
    def running(self) -> Mapping[str, pulumi.Input[str]]:
        """The image of each container that was registered."""
        return dict(self._running)

    def _pulled(self, reference: str) -> docker.RemoteImage:
        return self._register(reference, name=reference)

    def _built(self, build: Build) -> docker.RemoteImage:
        """Register an image that the engine builds.

        The provider builds it only at creation, so a changed trigger replaces the image and its
        containers. The context stays relative: plugins run in the program's directory, and a
        preview in another clone of the repository shows no change. The Dockerfile is relative to
        the context.
        """
        return self._register(
            build.name,
            name=_built_as(build),
            build=docker.RemoteImageBuildArgs(
                context=build.context,
                dockerfile=build.dockerfile,
                build_args={"BASE": build.base},
            ),
            triggers={"source": build.source, "base": self._pulled(build.base).image_id},
        )

    def _register(self, reference: str, **args: Any) -> docker.RemoteImage:
        if reference not in self._registered:
            self._registered[reference] = docker.RemoteImage(
                f"image-{reference}",
                **args,
                # A removed stack leaves its images for the next one. The provider removes a
                # replaced image by its name, and would remove the new image.
                keep_locally=True,
                opts=self._opts,
            )
        return self._registered[reference]


def _built_as(build: Build) -> str:
    """The engine's name for an image that this stack builds."""
    return f"{build.name}:{pulumi.get_stack()}"
