"""What runs beside a service with a data volume, and before it, without the service itself."""

from dataclasses import dataclass, field
from pathlib import Path

from components import file_copies
from components.container import Container as Described
from components.container import Identity, Image, Resources
from components.data.connection import BACKUP_PART
from components.volumes import Volume
from components.workload import Workload
from tests.e2e.contracts import backups, engine, program
from tests.e2e.contracts.backups import Pair
from tests.e2e.contracts.engine import Container, docker
from tests.unit.describing import catalogue

DATA = "/app/data"


@dataclass(frozen=True, kw_only=True)
class FileService:
    """A service with a data volume, without the service: what runs beside it and before it."""

    pair: Pair
    folder: Path
    name: str = "backend"
    volume: str = field(default_factory=engine.volume)

    def __post_init__(self) -> None:
        """Open the volume to the service's user, as a target does."""
        mount = f"--volume={self.volume}:{DATA}"
        command = (*("--user=0:0", "--entrypoint=chmod"), backups.image(), "777", DATA)
        docker("run", "--rm", "--label", engine.LABEL, mount, *command)

    def shell(self, script: str) -> str:
        """What the service does with its volume."""
        options = (*self._options(), f"--volume={self.volume}:{DATA}", "--entrypoint=sh")
        return docker("run", "--rm", *options, backups.image(), "-ec", script, "sh", DATA).stdout

    def start_copier(self) -> Container:
        (copier,) = (one for one in self._workload.sidecars if one.name == f"{self.name}-files")
        mount = f"--volume={self.volume}:/volumes/{self.name}-data:ro"
        return Container(
            id=docker("run", "--detach", *self._arguments(copier, mount)).stdout.strip()
        )

    def step(self) -> str:
        (step,) = self._workload.init
        mount = f"--volume={self.volume}:{DATA}"
        return docker("run", "--rm", *self._arguments(step, mount)).stderr

    @property
    def _workload(self) -> Workload:
        image = Image(reference="backend", identity=Identity(uid=10001, gid=10001))
        part = Workload(
            name=self.name,
            tier="api",
            image=image,
            resources=Resources(memory=64, cpu=0.1),
            volumes=(Volume(name=f"{self.name}-data", path=DATA, size="1Gi", foreign=True),),
        )
        return file_copies.beside(part, self.pair.settings, catalogue(), BACKUP_PART)

    def _options(self) -> tuple[str, ...]:
        user = ("--user=10001:10001", *engine.HARDENED)
        return ("--label", engine.LABEL, f"--network={self.pair.network}", *user)

    def _arguments(self, container: Described, mount: str) -> list[str]:
        memory = f"{container.resources.memory}m"
        return [
            *self._options(),
            *(f"--tmpfs={path}:uid=10001,gid=10001,mode=1777" for path in container.scratch),
            *program.files(container, self.folder / container.name),
            *(mount, f"--memory={memory}", f"--memory-swap={memory}"),
            *(backups.image(), *container.command),
        ]
