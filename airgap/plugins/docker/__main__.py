"""Start the plugin: `python -m airgap.plugins.docker ENGINE_ADDRESS`."""

import sys

from airgap.plugins import stubs
from airgap.plugins.docker.container import Container
from airgap.plugins.docker.engine import CONFIG, Engine
from airgap.plugins.docker.image import Image
from airgap.plugins.docker.network import Network
from airgap.plugins.docker.remote_image import RemoteImage
from airgap.plugins.docker.volume import Volume
from airgap.plugins.install import VERSIONS


def main() -> None:
    stubs.without_sdk()
    from airgap.plugins.provider import Provider
    from airgap.plugins.server import Plugin, serve

    engine = Engine()
    plugin = Plugin(
        name="docker",
        version=VERSIONS["docker"],
        config=CONFIG,
        configure=engine.configure,
        cancel=engine.cancelled.set,
    )
    resources = tuple(kind(engine) for kind in (Container, Network, Volume, RemoteImage, Image))
    serve(sys.argv[1], lambda log: Provider(plugin, resources, log))


if __name__ == "__main__":
    main()
