"""The Debian base images of all the others: essential packages, apt, CA certificates."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import apt, engine_images
from airgap.command import run, succeeds
from airgap.engine_images import SOURCE_LABEL, EngineImage
from components.source_digest import digest

NAME = "ai-platform/debian:bookworm"
"""The base image with Debian 12, of which all images are but those of another release."""
TRIXIE = "ai-platform/debian:trixie"
"""The base image with Debian 13."""
SOURCE = Path(__file__).parent / "images" / "debian"
STALE_DAYS = 30
"""Debian publishes security updates about weekly: renew a base image that is older."""

OPTIONS = (
    "--variant=apt",
    # Debian's usual way to a merged /usr installs Perl; this one does not.
    "--include=ca-certificates,usr-is-merged",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    # These also apply to packages that are installed later, in the images on this base.
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/info/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-include=/usr/share/locale/locale.alias",
)
MORE_OPTIONS = {TRIXIE: ("--include=passwd",)}
"""Debian 13 no longer counts `passwd` as essential; the images create their users with it."""


def options(name: str) -> tuple[str, ...]:
    """The options with which mmdebstrap makes a base image."""
    return (*OPTIONS, *MORE_OPTIONS.get(name, ()))


def source(name: str = NAME) -> str:
    """The digest of a base image's source, without the versions of its packages."""
    return digest(SOURCE, *options(name))


def age_in_days(image: EngineImage) -> int:
    return (datetime.now(UTC) - image.created).days


def build(name: str = NAME) -> EngineImage:
    """Build a base image from today's packages, in about 40 s."""
    if not succeeds("mmdebstrap", "--version"):
        apt.install("mmdebstrap")
    with TemporaryDirectory() as scratch:
        archive = Path(scratch) / "base.tar"
        helper = SOURCE / "install-packages"
        hook = f"--customize-hook=copy-in {helper} /usr/local/bin"
        run("mmdebstrap", *options(name), hook, name.rpartition(":")[2], archive)
        label = f"LABEL {SOURCE_LABEL}={source(name)}"
        run("docker", "import", "--change", "CMD bash", "--change", label, archive, name)
    return engine_images.expect(name)
