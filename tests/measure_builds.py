"""The cost of compiling Pulumi and its plugins: .venv/bin/python -m tests.measure_builds.

It builds one program after the other, as `make up` does, from an empty Go build cache into a
temporary directory: first the CLI, then the other programs for stacks on Docker, then the
Kubernetes plugin. It downloads the modules before. It uses all cores for 10 to 30 minutes.
"""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import go
from airgap.command import run
from airgap.plugins import PROVIDERS, PYTHON
from airgap.program import Program
from airgap.toolchain import CLI
from tests.timing import Cost, cost

DOCKER = (PYTHON.program, PROVIDERS["docker"].program, PROVIDERS["random"].program)
KUBERNETES = (PROVIDERS["kubernetes"].program,)


def main() -> None:
    measure((CLI,), DOCKER, KUBERNETES)


def measure(first: Sequence[Program], *groups: Sequence[Program]) -> None:
    """Print the cost of each program, and of each group in relation to the first."""
    for program in (*first, *(program for group in groups for program in group)):
        _fetch(program)
    with TemporaryDirectory() as directory:
        os.environ["GOCACHE"] = str(Path(directory) / "build-cache")
        alone = total = _build(first, Path(directory))
        for group in groups:
            addition = _build(group, Path(directory))
            total += addition
            names = ", ".join(program.name for program in group)
            print(
                f"{names}: {addition.clock:.1f} s and {addition.cpu:.1f} s of CPU more; in total "
                f"{total.clock / alone.clock:.2f} times the first group, "
                f"{total.cpu / alone.cpu:.2f} times in CPU"
            )


def _build(programs: Iterable[Program], folder: Path) -> Cost:
    total = Cost(clock=0, cpu=0)
    for program in programs:
        build_cost = cost(partial(program.build, folder))
        print(
            f"{program.name}: {build_cost.clock:.1f} s, {build_cost.cpu:.1f} s of CPU", flush=True
        )
        total += build_cost
    return total


def _fetch(program: Program) -> None:
    """Download the sources of a program's modules.

    `-e`, because files that the program embeds from another module are missing before the build.
    """
    tags = f"-tags={','.join(go.TAGS)}"
    command = ("list", "-e", "-deps", tags, program.package)
    run(go.find(program.module), *command, cwd=program.module, env={"CGO_ENABLED": "0"})


if __name__ == "__main__":
    main()
