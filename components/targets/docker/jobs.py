"""A job on an engine: containers that run to their end, and whose exit codes decide.

The provider records a container that has ended as created, whatever its exit code was, so the
program looks at the exit code itself. Each try is a container of its own, whose log stays to be
read. The tries of one update are a run, and runs are numbered: where the last run failed, the next
update asks for the next number, which makes the containers again. The number is a label, which the
stack's state remembers.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_docker as docker

from components.targets.docker import failure, naming
from components.workload import Job, try_name

RUN = "run"
"""The label that holds the number of the run, without our prefix."""

# What the container of a try has besides a container's usual arguments: `attach` waits for its end.
ONCE: Mapping[str, Any] = {"restart": "no", "must_run": False, "attach": True}
# A job runs again whatever changes of it. The last one stands for a try that was interrupted.
REPLACED = ["*", "#initerror"]

# Seconds before the second try; before each further one it is twice as long, as on Kubernetes.
PAUSE = 10
# Seconds after which the provider gives up a try that nobody could end in time.
SLACK = 60

Explain = pulumi.ResourceHookBinding | None


def name(job: Job, number: int) -> str:
    """The name of the container of a try."""
    return try_name(job.name, number)


def run(last_update: Mapping[str, Mapping[str, Any]], job: Job) -> int:
    """The number of the run that there should be, from the outputs of the last update.

    A container without an exit code was interrupted.
    """
    codes: dict[int, set[Any]] = {}
    for outputs in last_update.values():
        labels = {
            label["label"]: label["value"]
            for label in outputs.get("labels") or []
            if isinstance(label, Mapping) and "label" in label
        }
        if labels.get(naming.key("workload")) == job.name and naming.key(RUN) in labels:
            codes.setdefault(int(labels[naming.key(RUN)]), set()).add(outputs.get("exitCode"))
    if not codes:
        return 1
    latest = max(codes)
    return latest if 0 in codes[latest] else latest + 1


def done(
    job: Job, container: Callable[[int], docker.Container], report: Callable[[], str]
) -> pulumi.Output[pulumi.Resource]:
    """The container of the try that succeeded: what starts after the job depends on it.

    RunError fails the update where no try did. A preview knows no exit code of a container that
    does not exist yet.
    """

    def judged(number: int) -> pulumi.Output[pulumi.Resource]:
        resource = container(number)

        def judge(code: int) -> pulumi.Input[pulumi.Resource]:
            if code == 0:
                return resource
            if number <= job.retries:
                return judged(number + 1)
            tries = "its only try" if number == 1 else f"all its {number} tries"
            raise pulumi.RunError(
                f"the job {job.name} failed in {tries}; the next update runs it again.\n{report()}"
            )

        return resource.exit_code.apply(judge)

    return judged(1)


def options(
    job: Job, number: int, engine: Sequence[str], explain: Explain
) -> pulumi.ResourceOptions:
    """How the container of a try is made: after a pause, for no longer than the job's limit."""
    return pulumi.ResourceOptions(
        replace_on_changes=REPLACED,
        # The name is its own: two cannot be there at once.
        delete_before_replace=True,
        custom_timeouts=pulumi.CustomTimeouts(create=f"{job.limit + _pause(number) + SLACK}s"),
        hooks=_hooks(job, number, engine, explain),
    )


def _hooks(
    job: Job, number: int, engine: Sequence[str], explain: Explain
) -> pulumi.ResourceHookBinding | None:
    """Before a try the pause; from its start on a timer that ends it. None in a preview."""
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
