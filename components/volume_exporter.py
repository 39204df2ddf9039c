"""The sidecar that measures how full the kept volumes of a workload are."""

from dataclasses import replace

from components import derived_names
from components.catalogue import Catalogue
from components.container import Container, Health, Http, Port, Resources
from components.settings import VOLUMES_PORT
from components.workload import Workload

# The rules read the name of a volume from its path below this directory.
DIRECTORY = "/volumes"
# Everything but the volumes: `/` itself, and what does not begin as their directory does.
OTHERS = f"^/($|[^{DIRECTORY[1]}])"


def beside(part: Workload, catalogue: Catalogue) -> Workload:
    """The workload, with the sidecar if it owns a kept volume.

    The node exporter's collector of file systems asks the kernel about each mount. It opens no
    file, so it needs no rights to the data.
    """
    if not any(volume.keep for volume in part.volumes):
        return part
    name = derived_names.volume_exporter(part.name)
    exporter = Container(
        name=name,
        image=catalogue.image("node-exporter"),
        command=(
            "--collector.disable-defaults",
            "--collector.filesystem",
            f"--collector.filesystem.mount-points-exclude={OTHERS}",
            # By default the exporter leaves out types that an engine may keep volumes on.
            "--collector.filesystem.fs-types-exclude=^$",
            "--web.disable-exporter-metrics",
            f"--web.listen-address=:{VOLUMES_PORT}",
        ),
        volumes_below=DIRECTORY,
        ports=(
            Port(
                name="volumes",
                number=VOLUMES_PORT,
                metrics="/metrics",
                metrics_of=name,
                scrape_interval="30s",
            ),
        ),
        # The workload serves without these metrics, so only the exporter itself is restarted.
        alive=Health(ask=Http(path="/", port=VOLUMES_PORT)),
        resources=Resources(memory=32, cpu=0.1, memory_request=12, cpu_request=0.005),
    )
    return replace(part, sidecars=(*part.sidecars, exporter))
