"""Ends what a killed update left on this machine, before a verb changes the same stack."""

from pathlib import Path

from operations import processes, steps, update_lock


def end(backend: str, project: str, stack: str, program: Path) -> None:
    """Remove the lock of a killed update, and end the plugins that still wait for it.

    Raises ClickException where another update of the stack runs.
    """
    locks = update_lock.locks(backend, project, stack)
    update_lock.release(locks, stack, _report)
    if abandoned := processes.abandoned_plugins(processes.running(), program):
        processes.end(abandoned)
        names = (f"{process.plugin} ({process.pid})" for process in abandoned)
        _report(f"ended what a killed update left running: {', '.join(names)}")


def _report(line: str) -> None:
    steps.console.print(f"  {line}", markup=False, soft_wrap=True)
