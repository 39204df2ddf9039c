"""The sidecar that measures how full the kept volumes of a workload are."""

from dataclasses import replace

from components import volume_exporter
from components.addresses import Address
from components.container import Http, Identity, Image, Port, Resources
from components.volumes import Mount, Volume
from components.workload import Workload
from tests.unit.describing import catalogue
from tests.unit.rendering import Rendered

DATA = Volume(name="reports-data", path="/srv/data", size="1Gi")
WORKLOAD = Workload(
    name="reports",
    tier="api",
    image=Image(reference="acme/reports:1", identity=Identity(uid=1, gid=1)),
    resources=Resources(memory=64, cpu=0.1),
    volumes=(DATA,),
)


def test_a_workload_without_a_kept_volume_gets_no_sidecar() -> None:
    for volumes in ((), (replace(DATA, keep=False),)):
        plain = replace(WORKLOAD, volumes=volumes)
        assert volume_exporter.beside(plain, catalogue()) is plain


def test_the_sidecar_sees_the_volume_read_only_and_does_not_run_as_root() -> None:
    watched = volume_exporter.beside(WORKLOAD, catalogue())
    (sidecar,) = watched.sidecars
    assert list(watched.mounts(sidecar)) == [
        Mount(volume="reports-data", path="/volumes/reports-data", read_only=True)
    ]
    assert sidecar.image.identity.uid == 65534
    assert sidecar.ports == (
        Port(
            name="volumes",
            number=9100,
            metrics="/metrics",
            metrics_of="reports-volumes",
            scrape_interval="30s",
        ),
    )
    assert sidecar.ready is None
    assert sidecar.alive
    assert sidecar.alive.ask == Http(path="/", port=9100)


def test_every_kept_volume_of_every_stack_is_watched(dev: Rendered, prod: Rendered) -> None:
    """A tier that forgets the sidecar fails here."""
    for rendered in (dev, prod):
        owners = {
            part.name: {volume.name for volume in part.volumes if volume.keep}
            for part in rendered.workloads
            if any(volume.keep for volume in part.volumes)
        }
        assert owners.keys() >= {"postgres", "redis", "prometheus", "alertmanager", "grafana"}
        for part in rendered.workloads:
            seen = {
                mount.volume
                for sidecar in part.sidecars
                for mount in part.mounts(sidecar)
                if mount.read_only and mount.path == f"/volumes/{mount.volume}"
            }
            assert seen == owners.get(part.name, set()), part.name


def test_only_prometheus_reaches_the_sidecars(dev: Rendered) -> None:
    reached = {
        part.name
        for part in dev.workloads
        for reach in part.reaches
        if isinstance(reach, Address) and reach.port == 9100
    }
    assert reached == {"prometheus"}
