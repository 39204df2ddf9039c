"""Builds the images of applications, from package registries only.

Nobody here wrote Miniflux, Kinto and Centrifugo. `old_platform/` has what users bring from a
Compose file. An image is built when it is missing, or when its source or its base changed.
"""

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import directories, engine_images, wheels
from airgap.command import run
from airgap.engine_images import EngineImage
from airgap.program import Program
from components.catalogue import Catalogue
from components.images import ENTRIES
from components.settings import Settings
from components.source_digest import digest
from tests.e2e.stack import settings

HERE = Path(__file__).parent
SCRATCH = "scratch"


@dataclass(frozen=True, kw_only=True)
class Application:
    """An image that is built from a directory with a Dockerfile.

    `base` is a name of the catalogue, or the reference of another application. `program` is copied
    into the build context, and so are the wheels of `requirements`.
    """

    reference: str
    folder: str
    base: str = SCRATCH
    program: Program | None = None
    requirements: tuple[str, ...] = ()

    @property
    def directory(self) -> Path:
        return HERE / self.folder

    @property
    def requirements_text(self) -> str:
        """The packages of requirements.txt, and those that this image adds."""
        file = self.directory / "requirements.txt"
        return "\n".join([file.read_text(), *self.requirements]) if file.exists() else ""


def _program(name: str, package: str, version: str, variable: str, folder: str) -> Program:
    """A program, whose `variable` is its version. The module's path is absolute, because it is not
    one of the set-up step's."""
    return Program(
        name=name,
        version=version,
        directory=str(HERE / folder),
        package=package,
        link=f"-X {package}/internal/{variable}={version}",
    )


def _miniflux(version: str) -> Application:
    return Application(
        reference=f"example/miniflux:{version}",
        folder="miniflux",
        program=_program(
            "miniflux", "miniflux.app/v2", version, "version.Version", f"miniflux/{version}"
        ),
    )


def _kinto(version: str, multiauth: str) -> Application:
    return Application(
        reference=f"example/kinto:{version}",
        folder="kinto",
        base="python",
        requirements=(f"kinto=={version}", f"pyramid-multiauth=={multiauth}"),
    )


MINIFLUX_OLD, MINIFLUX = _miniflux("2.2.0"), _miniflux("2.3.5")
KINTO_OLD, KINTO = _kinto("24.1.1", "1.0.2"), _kinto("26.5.0", "1.1.0")
CENTRIFUGO = Application(
    reference="example/centrifugo:6.9.1",
    folder="centrifugo",
    program=_program(
        "centrifugo",
        "github.com/centrifugal/centrifugo/v6",
        "6.9.1",
        "build.Version",
        "centrifugo",
    ),
)
BUCKETS = Application(
    reference="example/versitygw:1.8.0",
    folder="versitygw",
    base="busybox",
    program=Program(
        name="versitygw",
        version="1.8.0",
        directory=str(HERE / "versitygw"),
        package="github.com/versity/versitygw/cmd/versitygw",
        link="-X main.Version=1.8.0",
    ),
)
THIRD_PARTY = (MINIFLUX_OLD, MINIFLUX, KINTO_OLD, KINTO, CENTRIFUGO)

_BACKEND = Application(
    reference="example/backend:1.8.0", folder="old_platform/backend", base="python"
)
OLD_PLATFORM = (
    _BACKEND,
    Application(
        reference="example/decision:1.8.0",
        folder="old_platform/decision",
        base=_BACKEND.reference,
    ),
    Application(reference="example/frontend:1.8.0", folder="old_platform/frontend", base="nginx"),
)


def ensure(applications: Iterable[Application]) -> None:
    """Build the images that are missing or out of date; the order matters for their bases."""
    with _one_at_a_time():
        for application in applications:
            _ensure(application)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The tests of both targets need the images, and run in two processes."""
    folder = directories.cache() / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure(application: Application) -> None:
    base = None if application.base == SCRATCH else _base(application.base)
    source = digest(
        application.directory,
        base.id if base else SCRATCH,
        application.requirements_text,
        application.program.source if application.program else "",
    )
    image = engine_images.find(application.reference)
    if image is not None and image.source == source:
        return
    with TemporaryDirectory() as scratch:
        context = Path(scratch) / "context"
        # The modules of the programs are not for the engine.
        shutil.copytree(
            application.directory, context, ignore=shutil.ignore_patterns("go.*", "__pycache__")
        )
        _add_program(application, context)
        _add_wheels(application, context)
        run(
            "docker", "build", "--network", "none",
            "--build-arg", f"BASE={base.id if base else SCRATCH}",
            "--label", f"{engine_images.SOURCE_LABEL}={source}",
            "--tag", application.reference, context,
            env={"DOCKER_BUILDKIT": "0"},
        )  # fmt: skip
    engine_images.remove_replaced(image)


def _base(name: str) -> EngineImage:
    """The image of the catalogue that this machine uses, or of another application."""
    if name in ENTRIES:
        name = Catalogue(Settings.model_validate(settings())).image(name).reference
        if engine_images.find(name) is None:
            run("docker", "pull", "--quiet", name)
    return engine_images.expect(name)


def _add_program(application: Application, context: Path) -> None:
    program = application.program
    if program:
        folder = directories.cache() / "applications" / f"{program.name}-{program.version}"
        shutil.copy2(program.build(folder), context)


def _add_wheels(application: Application, context: Path) -> None:
    if application.requirements_text:
        requirements = context / "requirements.txt"
        requirements.write_text(application.requirements_text + "\n")
        wheels.download(requirements, context / "wheels", lambda line: None)
