"""The cluster's own programs, built from their Go modules, once for each state of those."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from airgap import built, go, toolchain

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, from a package of one of the modules in the directories below ../toolchain/."""

    name: str
    version: str
    directory: str
    package: str = "."
    link: str = ""

    @property
    def module(self) -> Path:
        return toolchain.MODULES / self.directory

    @property
    def source(self) -> str:
        """A digest of what decides about the program."""
        return built.digest(self.module, self.package, self.link)


_VERSION = "k8s.io/component-base/version"
KUBERNETES = Program(
    name="kubernetes",
    version="1.34.2",
    directory="kubernetes",
    link=f"-X {_VERSION}.gitVersion=v1.34.2 -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=34",
)
"""All of Kubernetes in one. The newest that still runs where cgroups are of version 1."""

COREDNS = Program(name="coredns", version="1.12.4", directory="coredns")
STORAGE = Program(
    name="local-path-provisioner",
    version="0.0.30",
    directory="kubernetes",
    package="github.com/rancher/local-path-provisioner",
    link="-X main.VERSION=v0.0.30",
)
INGRESS = Program(name="skipper", version="0.27.44", directory="skipper")
METRICS = Program(
    name="metrics-server",
    version="0.8.0",
    directory="kubernetes",
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    link="-X k8s.io/client-go/pkg/version.gitVersion=v0.8.0",
)
PROGRAMS = (KUBERNETES, COREDNS, STORAGE, INGRESS, METRICS)


def ensure(folder: Path, report: Report, programs: Sequence[Program] = PROGRAMS) -> None:
    """Have the programs in `folder`: 10 to 15 min on two cores, then nothing."""
    missing = [program for program in programs if not _current(folder, program)]
    for program in missing:
        report(f"building {program.name} {program.version} from its Go modules: minutes, once")
        (folder / program.name).unlink(missing_ok=True)
        go.build(
            go.find(program.module), program.module, program.package, folder / program.name,
            link=f"{toolchain.STRIPPED} {program.link}",
        )  # fmt: skip
        _stamp(folder, program).write_text(program.source)
    report(f"{len(programs) - len(missing)} of {len(programs)} programs were current")


def link_kubectl(folder: Path) -> None:
    """Have a `kubectl` in the folder, unless the user has one."""
    link = folder / "kubectl"
    if not link.is_symlink() and shutil.which("kubectl") is None:
        link.symlink_to(KUBERNETES.name)


def _current(folder: Path, program: Program) -> bool:
    stamp = _stamp(folder, program)
    there = (folder / program.name).exists() and stamp.exists()
    return there and stamp.read_text() == program.source


def _stamp(folder: Path, program: Program) -> Path:
    return folder / f".{program.name}-source"
