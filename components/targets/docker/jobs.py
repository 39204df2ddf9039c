"""A job on an engine: containers that run until they end, and whose exit codes decide.

The provider records a container that has ended as created, whatever its exit code, so the program
checks the exit code itself. Each try is a separate container, whose log stays available. The tries
of one update are a run, and runs are numbered. If the last run failed, the next update uses the
next number, which recreates the containers. The number is a label, so the stack's state remembers
it. So is a digest of the work: while it is the same and the last run succeeded, changes that are no
part of the work, such as a memory limit, do not run the job again.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

from components.derived_names import try_name
from components.targets.docker import failure, naming
from components.workload import Job

RUN, WORK = "run", "work"
"""The labels that hold the number of the run and the digest of the work, without our prefix."""

# The arguments of a try's container besides those of every container. `attach` waits for its end.
ONCE: Mapping[str, Any] = {"restart": "no", "must_run": False, "attach": True}
# Any change runs a job again. `#initerror` stands for a try that was interrupted.
REPLACED = ["*", "#initerror"]
# What is no part of a job's work. The image, the command, the values and the volumes are.
INCIDENTAL = [
    "capabilities",
    "cpu_shares",
    "cpus",
    "destroy_grace_seconds",
    "hostname",
    "labels",
    "log_driver",
    "log_opts",
    "memory",
    "memory_swap",
    "networks_advanced",
    "security_opts",
    "shm_size",
    "stop_signal",
    "stop_timeout",
]

DIGITS = 12
# Seconds before the second try; before each further one it is twice as long, as on Kubernetes.
PAUSE = 10
# Additional seconds, after which the provider gives up on a try that could not be killed in time.
SLACK = 60

Explain = pulumi.ResourceHookBinding | None


def name(job: Job, number: int) -> str:
    """The name of the container of a try."""
    return try_name(job.name, number)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of a job by its number. `done`: it succeeded in an earlier update, and the work is
    the same."""

    number: int
    done: bool = False


def work(job: Job) -> str:
    """A digest of what the job does. The values of secrets are not in it: if they change, Pulumi
    replaces the container that has them."""
    parts = (
        job.image,
        job.entrypoint,
        job.command,
        sorted(job.env.items()),
        sorted(job.secret_env.items()),
        sorted(job.files, key=lambda file: file.path),
        job.scratch,
        job.volumes,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:DIGITS]


def labels(job: Job, run: Run) -> dict[str, str]:
    """The labels of the containers of a run, without our prefix."""
    return {RUN: str(run.number), WORK: work(job)}


def run(last_update: Mapping[str, Mapping[str, Any]], job: Job) -> Run:
    """This update's run, from the outputs of the last update.

    A try without an exit code was interrupted.
    """
    codes: dict[int, set[Any]] = {}
    works: dict[int, str | None] = {}
    for outputs in last_update.values():
        labels = {
            label["label"]: label["value"]
            for label in outputs.get("labels") or []
            if isinstance(label, Mapping) and "label" in label
        }
        if labels.get(naming.key("workload")) == job.name and naming.key(RUN) in labels:
            number = int(labels[naming.key(RUN)])
            codes.setdefault(number, set()).add(outputs.get("exitCode"))
            works[number] = labels.get(naming.key(WORK))
    if not codes:
        return Run(number=1)
    latest = max(codes)
    if 0 not in codes[latest]:
        return Run(number=latest + 1)
    return Run(number=latest, done=works[latest] == work(job))


def done(
    job: Job, container: Callable[[int], docker.Container], report: Callable[[], str]
) -> pulumi.Output[pulumi.Resource]:
    """The container of the try that succeeded. Parts that start after the job depend on it.

    Raises RunError if no try succeeded. In a preview the exit code of a new container is unknown.
    """

    def outcome(number: int) -> pulumi.Output[pulumi.Resource]:
        resource = container(number)

        def check(code: int) -> pulumi.Input[pulumi.Resource]:
            if code == 0:
                return resource
            if number <= job.retries:
                return outcome(number + 1)
            tries = "its only try" if number == 1 else f"all its {number} tries"
            raise pulumi.RunError(
                f"the job {job.name} failed in {tries}; the next update runs it again.\n{report()}"
            )

        return resource.exit_code.apply(check)

    return outcome(1)


def options(
    job: Job, number: int, run: Run, engine: Sequence[str], explain: Explain
) -> pulumi.ResourceOptions:
    """The options of a try's container, which starts after a pause and runs for at most the job's
    limit."""
    return pulumi.ResourceOptions(
        replace_on_changes=REPLACED,
        ignore_changes=INCIDENTAL if run.done else None,
        # Two containers of the same name cannot exist at once.
        delete_before_replace=True,
        custom_timeouts=pulumi.CustomTimeouts(create=f"{job.limit + _pause(number) + SLACK}s"),
        hooks=_hooks(job, number, engine, explain),
    )


def _hooks(
    job: Job, number: int, engine: Sequence[str], explain: Explain
) -> pulumi.ResourceHookBinding | None:
    """A hook that waits before a try, and starts the timer that ends it. None in a preview."""
    if explain is None:
        return None

    async def before(args: pulumi.ResourceHookArgs) -> None:
        await asyncio.sleep(_pause(number))
        container = str((args.new_inputs or {})["name"])
        timer = threading.Timer(job.limit, failure.kill, (engine, container))
        timer.daemon = True
        timer.start()

    hook = pulumi.ResourceHook(f"limit-{name(job, number)}", before)
    return pulumi.ResourceHookBinding(before_create=[hook], on_error=explain.on_error)


def _pause(number: int) -> int:
    return 0 if number == 1 else PAUSE * 2 ** (number - 2)
