"""Bring files into the volume of a service."""

import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import click

from components import image_lock
from components.addresses import PROJECT
from components.catalogue import Catalogue
from components.settings import DataVolume, Settings
from operations import docker_stack, kubernetes_stack, stack_file, steps
from operations.inside import Inside
from operations.workspace import Workspace

# Extracts as the service's own user, so that everything belongs to it. Both GNU's tar and busybox's
# know these options.
_EXTRACT = ("tar", "-x", "-o", "-f", "-", "-C")


def import_files(stack: str, source: Path, service: str, *, replace: str | None) -> None:
    """Bring a directory's content, or a tar file's, into the volume of a service.

    A volume that has files already is refused unless `replace` is the service's name; files of the
    same name are then overwritten, and others stay.
    """
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    volume = _volume(settings, service)
    target = _inside(workspace, settings, service, volume)
    if replace != service and _run(target, ["ls", "-A", volume.path]).split() not in (
        [],
        ["lost+found"],
    ):
        raise click.ClickException(
            f"the volume of {service} has files. Nothing was changed. REPLACE={service} overwrites "
            "files of the same name, and keeps others."
        )
    with (
        steps.step(f"Import {source} into the volume of {service}") as report,
        tempfile.TemporaryDirectory() as folder,
    ):
        archive = Path(folder) / "files.tar"
        report(pack(source, archive))
        _run(target, [*_EXTRACT, volume.path], archive)


def pack(source: Path, archive: Path) -> str:
    """Write the files of a directory or of a tar file to an archive; return their number and size.

    Raises ClickException for what is no file, directory or link, and for a path that leads out.
    """
    count = size = 0
    with tarfile.open(archive, "w") as output:
        if source.is_dir():
            for path in sorted(source.rglob("*")):
                output.add(path, str(path.relative_to(source)), recursive=False, filter=_checked)
        else:
            try:
                with tarfile.open(source) as packed:
                    for member in packed:
                        if PurePosixPath(member.name) != PurePosixPath("."):
                            _checked(member)
                            output.addfile(
                                member, packed.extractfile(member) if member.isreg() else None
                            )
            except (tarfile.TarError, EOFError):
                raise click.ClickException(
                    f"{source} is neither a directory nor a complete tar file."
                ) from None
        members = [member for member in output.getmembers() if member.isreg()]
        count, size = len(members), sum(member.size for member in members)
    return f"{count} files, {size} bytes"


def _checked(member: tarfile.TarInfo) -> tarfile.TarInfo:
    path = PurePosixPath(member.name)
    kind = member.isreg() or member.isdir() or member.issym() or member.islnk()
    if path.is_absolute() or ".." in path.parts or not kind:
        raise click.ClickException(
            f"{member.name} is no file, directory or link below the imported directory."
        )
    return member


def _volume(settings: Settings, service: str) -> DataVolume:
    services = settings.api.services
    volume = services[service].data_volume if service in services else None
    if volume is None:
        own = sorted(name for name, other in services.items() if other.data_volume)
        raise click.UsageError(
            f"SERVICE={service} has no data_volume. These services have one: "
            + (", ".join(own) or "none")
        )
    return volume


def _inside(workspace: Workspace, settings: Settings, service: str, volume: DataVolume) -> Inside:
    """Where tar runs: beside the service on an engine, because its image may have no tar, and in
    the service's pod on a cluster, where only its node may have the volume."""
    if settings.target == "kubernetes":
        return kubernetes_stack.inside(settings.kubernetes, workspace, service)
    digests = image_lock.digests(settings, image_lock.PATH)
    return docker_stack.beside(
        workspace,
        image=Catalogue(settings, digests).image("postgres").reference,
        user=settings.api.services[service].user,
        volume=f"{PROJECT}-{workspace.name}-{service}-data",
        path=volume.path,
    )


def _run(target: Inside, command: list[str], stdin: Path | None = None) -> str:
    try:
        return target.run(command, stdin=stdin)
    except subprocess.CalledProcessError as error:
        raise click.ClickException(
            f"{command[0]} failed beside the volume: {error.stderr.strip() or error.returncode}"
        ) from None
