"""Stand-ins for Pulumi's provider plugins, where those cannot be downloaded.

Each speaks the official protocol (`pulumirpc.ResourceProvider`) and answers as the official plugin
of the pinned version does, for the resource types that this program uses. What a stand-in does not
do, it refuses by name; it never drops a property.
"""

from airgap.plugins.install import ensure, install

__all__ = ["ensure", "install"]
