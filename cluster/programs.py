"""The cluster's programs, built from their Go modules."""

import shutil
from datetime import date
from pathlib import Path

from airgap.program import Program
from airgap.report import Report

_VERSION = "k8s.io/component-base/version"
KUBERNETES = Program(
    name="kubernetes",
    version="1.34.2",
    directory="kubernetes",
    link=f"-X {_VERSION}.gitVersion=v1.34.2 -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=34",
)
"""All of Kubernetes in one program, in the newest version that still supports cgroups v1."""
KUBERNETES_SUPPORTED_UNTIL = date(2026, 10, 27)  # kubernetes.io/releases/patch-releases

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
"""Our own main function around kube-router's firewall, without its router and its proxy."""

PROGRAMS = (KUBERNETES, COREDNS, STORAGE, INGRESS, METRICS, FIREWALL)


def ensure(folder: Path, report: Report) -> None:
    """Build the programs that `folder` lacks; all of them take 10 to 15 min on two cores."""
    outdated = [program for program in PROGRAMS if not program.current(folder)]
    for program in outdated:
        report(f"building {program.name} {program.version} from its Go modules; it takes minutes")
        program.build(folder)
    report(f"{len(PROGRAMS) - len(outdated)} of {len(PROGRAMS)} programs were up to date")


def link_kubectl(folder: Path) -> None:
    """Link `kubectl` into the folder, unless the user has one on PATH."""
    link = folder / "kubectl"
    if not link.is_symlink() and shutil.which("kubectl") is None:
        link.symlink_to(KUBERNETES.name)
