"""Images on the engine: pulled, found there, or built from source when the source changes."""

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from components.settings import Settings
from components.workload import Container, Image


def provider(settings: Settings) -> docker.Provider:
    """The engine, and the login at the mirror where there is one."""
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


class Images:
    """The images of a stack, each registered once however many containers run it."""

    def __init__(self, opts: pulumi.ResourceOptions) -> None:
        self._opts = opts
        self._pulled: dict[str, docker.RemoteImage] = {}
        self._built: dict[str, docker.Image] = {}
        self.running: Mapping[str, pulumi.Input[str]] = {}

    def id(self, container: Container) -> pulumi.Output[str]:
        """The id of the image on the engine; a container that takes it follows its changes."""
        image = container.image
        reference = _built_as(image) if image.build else image.reference
        self.running = {**self.running, container.name: reference}
        return self._build(image) if image.build else self._pull(image)

    def _pull(self, image: Image) -> pulumi.Output[str]:
        if image.reference not in self._pulled:
            self._pulled[image.reference] = docker.RemoteImage(
                f"image-{image.reference}",
                name=image.reference,
                # Taking a stack down leaves the images for the next one.
                keep_locally=True,
                opts=self._opts,
            )
        return self._pulled[image.reference].image_id

    def _build(self, image: Image) -> pulumi.Output[str]:
        if image.reference not in self._built:
            assert image.build is not None
            self._built[image.reference] = docker.Image(
                f"image-{image.reference}",
                image_name=_built_as(image),
                build=docker.DockerBuildArgs(
                    context=image.build.context,
                    dockerfile=f"{image.build.context}/Dockerfile",
                    args={"BASE": image.build.base},
                    platform=None,
                ),
                skip_push=True,
                build_on_preview=False,
                opts=self._opts,
            )
        # Its name stays when its content changes; its digest does not.
        return self._built[image.reference].repo_digest


def _built_as(image: Image) -> str:
    """The name on the engine of an image that this stack builds."""
    return f"{image.reference}:{pulumi.get_stack()}"
