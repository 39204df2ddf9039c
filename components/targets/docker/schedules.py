"""Jobs on a schedule: a container of the job's image that runs an existing scheduler, supercronic.

The scheduler and a static shell come from the volume of tools.py, because the image may have
neither. The scheduler logs the start and the end of each run, with its exit status. It never starts
a run while the last one still runs. The container is unhealthy while the last run has failed.
"""

import shlex

from components.container import SCHEDULES, TOOLS, Command, Container, File, Health, Port
from components.text import Text
from components.workload import SCHEDULER, Job, Workload

BUSYBOX = f"{TOOLS}/busybox"
SHELL = f"{TOOLS}/sh"
PROGRAM = f"{TOOLS}/supercronic"
CRONTAB = f"{SCHEDULES}/crontab"
# A directory for the exit status of the last run. It is empty when the container starts.
STATE = f"{SCHEDULES}/state"
LAST = f"{STATE}/last"


def container(job: Job, tool: str) -> Workload:
    """The workload that runs a job on its schedule. It starts after the job `tool`, which provides
    the scheduler."""
    port = next(iter(job.ports), Port(name=SCHEDULER.name, number=SCHEDULER.number))
    return Workload(
        name=job.name,
        tier=job.tier,
        named_by=job.named_by,
        image=job.image,
        entrypoint=(PROGRAM, "-passthrough-logs", "-prometheus-listen-address"),
        command=(f"0.0.0.0:{port.number}", CRONTAB),
        env=job.env,
        secret_env=job.secret_env,
        files=(
            *job.files,
            File(path=CRONTAB, content=Text(template=crontab(job))),
            File(path=script_path(job), content=Text(template=script(job))),
        ),
        scratch=(*job.scratch, STATE),
        volumes=job.volumes,
        ports=(port,),
        ready=Health(ask=Command(argv=(SHELL, "-c", check(port)))),
        reaches=job.reaches,
        starts_after=(*job.starts_after, tool),
        resources=job.resources,
        stop_grace=job.stop_grace,
    )


def healths(container: Container) -> tuple[str, ...]:
    """With which health a container has started well: a scheduler also while its last run has
    failed."""
    scheduler = container.entrypoint[:1] == (PROGRAM,)
    return ("healthy", "unhealthy") if scheduler else ("healthy",)


def check(port: Port) -> str:
    """The command that asks whether the scheduler answers, and how the last run ended."""
    return (
        f"{BUSYBOX} wget -q -Y off -O /dev/null http://127.0.0.1:{port.number}/health || exit 1; "
        f"[ -e {LAST} ] || exit 0; read code < {LAST}; [ $code -eq 0 ] || "
        '{ echo "the last run ended with exit status $code"; exit 1; }'
    )


def script_path(job: Job) -> str:
    """The path is in the scheduler's log lines, so it ends with the job's name."""
    return f"{SCHEDULES}/{job.name}"


def crontab(job: Job) -> str:
    """The scheduler's table. The command is in a file of its own, because a line of the table could
    not hold every command."""
    return f"SHELL={SHELL}\nCRON_TZ=UTC\n{job.schedule} exec {SHELL} {script_path(job)}\n"


def script(job: Job) -> str:
    """What a run does. It ends like a pod: after its limit, and with everything that it started.

    Its shell leads a process group of its own, to which the last signal goes.
    """
    command = shlex.join((*job.entrypoint, *job.command))
    return (
        "unset SHELL CRON_TZ\n"
        f"start=$({BUSYBOX} date +%s)\n"
        f"{BUSYBOX} timeout -k {job.stop_grace} {job.limit} {command}\n"
        "code=$?\n"
        f"if [ $(($({BUSYBOX} date +%s) - start)) -ge {job.limit} ]; then\n"
        f'  echo "{job.name} took longer than {job.limit} s and was ended" >&2\n'
        "fi\n"
        f"echo $code > {LAST}\n"
        "trap '' TERM\n"
        "kill 0\n"
        "exit $code\n"
    )
