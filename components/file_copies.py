"""The sidecar that copies a service's volumes to a bucket, and the step that brings them back."""

import json
from collections.abc import Mapping
from dataclasses import replace

from components import derived_names, offsite
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import Container, File, Health, Http, Image, Port, Resources, Step
from components.settings import FILES_PORT, Backup, Offsite, Settings
from components.text import Text
from components.workload import Workload

DIRECTORY = "/volumes"
CONFIGURATION = "/etc/backup/files.json"
SCRATCH = ("/tmp",)
# restic keeps the names of all files of a volume in memory while it compares them.
RESOURCES = Resources(memory=256, cpu=0.5, memory_request=64, cpu_request=0.01)


def beside(part: Workload, settings: Settings, catalogue: Catalogue, requests: Address) -> Workload:
    """The workload, with the sidecar and the step if it owns volumes and the stack has a bucket.

    Both run as the service's own user, because nobody else may be able to read its files. The step
    gives each volume the id that its copies have, and asks for a request at this address.
    """
    backup = settings.data.backup
    if not (part.volumes and settings.data.copies_files and backup and backup.offsite):
        return part
    bucket = backup.offsite
    image = replace(catalogue.backup(), identity=part.image.identity)
    below = {volume.name: f"{DIRECTORY}/{volume.name}" for volume in part.volumes}
    copier = _copier(part, image, _files(part, backup, bucket, below), bucket)
    paths = {volume.name: volume.path for volume in part.volumes}
    # An operator's server has no backup part, which would pass requests on.
    asked = requests if settings.data.built_in_backup else None
    restorer = _restorer(part, image, _files(part, backup, bucket, paths, asked), bucket, asked)
    return replace(part, sidecars=(*part.sidecars, copier), init=(restorer, *part.init))


def _copier(part: Workload, image: Image, files: tuple[File, ...], bucket: Offsite) -> Container:
    name = derived_names.file_copies(part.name)
    return Container(
        name=name,
        image=image,
        command=("backup", "files", "serve"),
        files=files,
        scratch=SCRATCH,
        volumes_below=DIRECTORY,
        kept_only=False,
        reaches=(offsite.reach(bucket),),
        ports=(
            Port(
                name="files",
                number=FILES_PORT,
                metrics="/metrics",
                metrics_of=name,
                scrape_interval="30s",
            ),
        ),
        # The service serves without its copy, so only the sidecar itself is restarted.
        alive=Health(ask=Http(path="/healthz", port=FILES_PORT)),
        resources=RESOURCES,
        # A copy that runs ends without leaving a lock in the bucket.
        stop_grace=20,
    )


def _restorer(
    part: Workload, image: Image, files: tuple[File, ...], bucket: Offsite, requests: Address | None
) -> Step:
    return Step(
        name=derived_names.file_restorer(part.name),
        image=image,
        command=("backup", "files", "restore"),
        files=files,
        scratch=SCRATCH,
        reaches=(offsite.reach(bucket), *((requests,) if requests else ())),
        resources=RESOURCES,
        asked_by="data.backup.offsite.files",
        writes_volumes=True,
        # The files may be many; without a request it takes a moment.
        limit=3600,
        retries=1,
    )


def _files(
    part: Workload,
    backup: Backup,
    bucket: Offsite,
    volumes: Mapping[str, str],
    requests: Address | None = None,
) -> tuple[File, ...]:
    configuration = {
        "service": part.name,
        "volumes": dict(volumes),
        "days": backup.retention.days,
        "requests": f"{requests.url()}/requests/{part.name}" if requests else None,
        "offsite": offsite.configuration(bucket, f"files/{part.name}"),
    }
    text = Text(template=json.dumps(configuration, indent=2) + "\n")
    return (File(path=CONFIGURATION, content=text), *offsite.files(bucket))
