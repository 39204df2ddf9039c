"""What it costs to compile Pulumi and its plugins: .venv/bin/python -m tests.measure_builds.

Everything is built from an empty Go build cache, one program after the other as `make up` does,
into a directory that is removed at the end: first the CLI alone, then what stacks on Docker need
besides, then the Kubernetes plugin. The modules are fetched before. It takes all cores for
10 to 30 minutes.
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


def measure(first: Sequence[Program], *more: Sequence[Program]) -> None:
    """Print what each program costs, and what each further group makes of the first one's cost."""
    for program in (*first, *(each for group in more for each in group)):
        _fetch(program)
    with TemporaryDirectory() as directory:
        os.environ["GOCACHE"] = str(Path(directory) / "build-cache")
        alone = total = _build(first, Path(directory))
        for group in more:
            added = _build(group, Path(directory))
            total += added
            names = ", ".join(each.name for each in group)
            print(
                f"{names}: {added.clock:.1f} s and {added.cpu:.1f} s of CPU more; in all "
                f"{total.clock / alone.clock:.2f} times the first alone, "
                f"{total.cpu / alone.cpu:.2f} times in CPU"
            )


def _build(programs: Iterable[Program], folder: Path) -> Cost:
    total = Cost(clock=0, cpu=0)
    for program in programs:
        used = cost(partial(program.build, folder))
        print(f"{program.name}: {used.clock:.1f} s, {used.cpu:.1f} s of CPU", flush=True)
        total += used
    return total


def _fetch(program: Program) -> None:
    """Have the sources of a program's modules on this machine.

    `-e`, because a file that it embeds from another module is missing until it is built.
    """
    tags = f"-tags={','.join(go.TAGS)}"
    command = ("list", "-e", "-deps", tags, program.package)
    run(go.find(program.module), *command, cwd=program.module, env={"CGO_ENABLED": "0"})


if __name__ == "__main__":
    main()
