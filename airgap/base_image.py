"""The Debian base image of all the others: essential packages, apt, CA certificates."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import apt, engine_images
from airgap.command import run, succeeds
from airgap.engine_images import SOURCE_LABEL, EngineImage
from components.source_digest import digest

NAME = "ai-platform/debian:bookworm"
SOURCE = Path(__file__).parent / "images" / "debian"
STALE_DAYS = 30
"""Debian 12 publishes security updates about weekly: renew a base image that is older."""

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


def source() -> str:
    """The digest of the base image's source, without the versions of its packages."""
    return digest(SOURCE, *OPTIONS)


def age_in_days(image: EngineImage) -> int:
    return (datetime.now(UTC) - image.created).days


def build() -> EngineImage:
    """Build the base image from today's packages, in about 40 s."""
    if not succeeds("mmdebstrap", "--version"):
        apt.install("mmdebstrap")
    with TemporaryDirectory() as scratch:
        archive = Path(scratch) / "base.tar"
        helper = SOURCE / "install-packages"
        hook = f"--customize-hook=copy-in {helper} /usr/local/bin"
        run("mmdebstrap", *OPTIONS, hook, "bookworm", archive)
        label = f"LABEL {SOURCE_LABEL}={source()}"
        run("docker", "import", "--change", "CMD bash", "--change", label, archive, NAME)
    return engine_images.expect(NAME)
