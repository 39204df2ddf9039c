"""The cluster's own programs, built from their Go modules, once for each state of those."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from airgap.program import Program

Report = Callable[[str], None]


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
FIREWALL = Program(
    name="kube-router", version="2.1.0", directory="kubernetes", package="./kube-router"
)
"""A node's network: our own main on kube-router's firewall, without its router and its proxy."""

PROGRAMS = (KUBERNETES, COREDNS, STORAGE, INGRESS, METRICS, FIREWALL)


def ensure(folder: Path, report: Report, programs: Sequence[Program] = PROGRAMS) -> None:
    """Have the programs in `folder`: 10 to 15 min on two cores, then nothing."""
    missing = [program for program in programs if not program.current(folder)]
    for program in missing:
        report(f"building {program.name} {program.version} from its Go modules: minutes, once")
        program.build(folder)
    report(f"{len(programs) - len(missing)} of {len(programs)} programs were current")


def link_kubectl(folder: Path) -> None:
    """Have a `kubectl` in the folder, unless the user has one."""
    link = folder / "kubectl"
    if not link.is_symlink() and shutil.which("kubectl") is None:
        link.symlink_to(KUBERNETES.name)
