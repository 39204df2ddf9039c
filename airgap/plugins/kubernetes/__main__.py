"""Start the plugin: `python -m airgap.plugins.kubernetes ENGINE_ADDRESS`."""

import sys

from airgap.plugins import stubs


def main() -> None:
    stubs.without_sdk()
    from airgap.plugins.kubernetes.provider import Kubernetes
    from airgap.plugins.server import serve

    serve(sys.argv[1], Kubernetes)


if __name__ == "__main__":
    main()
