"""A job on a schedule as a container that runs a scheduler."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from components.addresses import Address
from components.container import Command, File, Health, Identity, Image, Port, Resources
from components.targets.docker import schedules
from components.text import Secret, Text
from components.volumes import Volume
from components.workload import SCHEDULER, Job, Workload

KEY = Secret(name="key")
JOB = Job(
    name="reports-cleanup",
    tier="api",
    asked_by="api.services.reports.jobs.cleanup",
    named_by="api.services.reports.jobs.cleanup",
    image=Image(reference="acme/reports:1", identity=Identity(uid=7, gid=8)),
    resources=Resources(memory=64, cpu=0.1),
    entrypoint=("python", "-m", "app.cleanup"),
    command=("--older-than=30 days",),
    env={"A": "b"},
    secret_env={"KEY": KEY.text},
    files=(File(path="/etc/key", content=KEY.text),),
    ports=(SCHEDULER,),
    scratch=("/tmp",),
    volumes=(Volume(name="notes", path="/notes", size="1Gi"),),
    reaches=(Address(workload="postgres", port=5432),),
    starts_after=("postgres",),
    stop_grace=20,
    schedule="0 3 * * *",
    limit=300,
    retries=0,
)
CRONTAB = """\
SHELL=/run/ai-platform/sh
CRON_TZ=UTC
0 3 * * * exec /run/ai-platform/sh /etc/ai-platform/reports-cleanup
"""
SCRIPT = """\
unset SHELL CRON_TZ
start=$(/run/ai-platform/busybox date +%s)
/run/ai-platform/busybox timeout -k 20 300 python -m app.cleanup '--older-than=30 days'
code=$?
if [ $(($(/run/ai-platform/busybox date +%s) - start)) -ge 300 ]; then
  echo "reports-cleanup took longer than 300 s and was ended" >&2
fi
echo $code > /etc/ai-platform/state/last
trap '' TERM
kill 0
exit $code
"""
CHECK = (
    "/run/ai-platform/busybox wget -q -Y off -O /dev/null http://127.0.0.1:9746/health || exit 1; "
    "[ -e /etc/ai-platform/state/last ] || exit 0; read code < /etc/ai-platform/state/last; "
    '[ $code -eq 0 ] || { echo "the last run ended with exit status $code"; exit 1; }'
)


def test_the_container_has_the_jobs_values_and_runs_the_scheduler() -> None:
    assert schedules.container(JOB, "tool") == Workload(
        name="reports-cleanup",
        tier="api",
        named_by=JOB.named_by,
        image=JOB.image,
        resources=JOB.resources,
        entrypoint=(
            "/run/ai-platform/supercronic",
            "-passthrough-logs",
            "-prometheus-listen-address",
        ),
        command=("0.0.0.0:9746", "/etc/ai-platform/crontab"),
        env=JOB.env,
        secret_env=JOB.secret_env,
        files=(
            *JOB.files,
            File(path="/etc/ai-platform/crontab", content=Text(template=CRONTAB)),
            File(path="/etc/ai-platform/reports-cleanup", content=Text(template=SCRIPT)),
        ),
        scratch=("/tmp", "/etc/ai-platform/state"),
        volumes=JOB.volumes,
        ports=(SCHEDULER,),
        ready=Health(ask=Command(argv=("/run/ai-platform/sh", "-c", CHECK))),
        reaches=JOB.reaches,
        starts_after=("postgres", "tool"),
        stop_grace=20,
    )


def test_the_scheduler_is_asked_even_if_nobody_scrapes_it() -> None:
    ports = schedules.container(replace(JOB, ports=()), "tool").ports
    assert ports == (Port(name="schedule", number=9746),)


def run(tmp_path: Path, *command: str, limit: int = 30) -> tuple[int, str, str]:
    """The exit status of a run, its output, and the status that it leaves for the check.

    The machine's own programs stand in for those of the volume.
    """
    script = schedules.script(replace(JOB, entrypoint=command, command=(), limit=limit))
    script = script.replace(f"{schedules.BUSYBOX} ", "").replace(schedules.STATE, str(tmp_path))
    result = subprocess.run(
        ["sh", "-c", script],
        env={"PATH": "/usr/bin:/bin", "SHELL": "/x", "CRON_TZ": "UTC"},
        # As the scheduler does.
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout, (tmp_path / "last").read_text().strip()


@pytest.mark.parametrize("code", [0, 3])
def test_a_run_ends_with_the_exit_status_of_its_command(tmp_path: Path, code: int) -> None:
    assert run(tmp_path, "sh", "-c", f"exit {code}") == (code, "", str(code))


@pytest.mark.parametrize(
    "word", ["a b", "it's", 'say "x"', "$HOME `id` $(id)", "a\nb", "*", "", "%", "#"]
)
def test_no_shell_interprets_the_words_of_a_command(tmp_path: Path, word: str) -> None:
    assert run(tmp_path, "printf", "%s|", word, "end") == (0, f"{word}|end|", "0")


def test_the_command_gets_no_variable_of_the_scheduler(tmp_path: Path) -> None:
    _, output, _ = run(tmp_path, "env")
    assert not {"SHELL", "CRON_TZ"} & {line.partition("=")[0] for line in output.splitlines()}


def test_a_run_that_takes_too_long_is_ended_and_says_so(tmp_path: Path) -> None:
    code, output, left = run(tmp_path, "sleep", "60", limit=1)
    assert code != 0
    assert str(code) == left
    assert "reports-cleanup took longer than 1 s and was ended" in output
