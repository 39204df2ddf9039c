"""The Debian base image below all the others: essential packages, apt, CA certificates."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import built, debian
from airgap.built import SOURCE_LABEL, Built
from airgap.command import run, succeeds

NAME = "ai-platform/debian:bookworm"
SOURCE = Path(__file__).parent / "images" / "debian"
STALE_DAYS = 30
"""Debian 12 publishes security updates about weekly: an older base is worth renewing."""

OPTIONS = (
    "--variant=apt",
    # Debian's usual way to a merged /usr installs Perl; this one does not.
    "--include=ca-certificates,usr-is-merged",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    # These also act on all that is installed later, in the images on this base.
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/info/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-include=/usr/share/locale/locale.alias",
)


def source() -> str:
    """The digest of what the base is made from, the packages' versions aside."""
    return built.digest(SOURCE, *OPTIONS)


def age_in_days(base: Built) -> int:
    return (datetime.now(UTC) - base.created).days


def make() -> Built:
    """Make the base from today's packages, in about 40 s."""
    if not succeeds("mmdebstrap", "--version"):
        debian.install("mmdebstrap")
    with TemporaryDirectory() as scratch:
        archive = Path(scratch) / "base.tar"
        helper = SOURCE / "install-packages"
        hook = f"--customize-hook=copy-in {helper} /usr/local/bin"
        run("mmdebstrap", *OPTIONS, hook, "bookworm", archive)
        label = f"LABEL {SOURCE_LABEL}={source()}"
        run("docker", "import", "--change", "CMD bash", "--change", label, archive, NAME)
    return built.expect(NAME)
