"""Jobs on the engine, in a small stack of their own: a job, and a service that starts after it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from operations import docker_stack
from tests.e2e.stack import Stack, output_of, temporary_stack

PROGRAM = """
import json
from dataclasses import replace
from pathlib import Path

import pulumi

from components.credentials import Credentials
from components.images import Catalogue
from components.settings import Settings
from components.targets import select
from components.text import Secret
from components.tier import Tier
from components.workload import File, Identity, Job, Resources, Volume, Workload

config = {
    key.partition(":")[2]: json.loads(value) if value.startswith("{") else value
    for key, value in pulumi.runtime.get_config_env().items()
}
settings = Settings.model_validate(config)
wanted = json.loads((Path(__file__).parent / "job.json").read_text())
image = Catalogue(settings).image("python")
# A volume belongs to root until an image says otherwise.
root = replace(image, identity=Identity(uid=0, gid=0))
small = Resources(memory=64, cpu=0.5)
key = Secret(name="key")
job = Job(
    name="migrate",
    tier="data",
    asked_by="the test",
    image=root,
    resources=small,
    entrypoint=("sh", "-c", wanted["script"]),
    files=(File(path=key.path, content=key.text),),
    volumes=(Volume(name="notes", path="/var/notes", size="1Gi", keep=False),),
    limit=wanted["limit"],
    retries=wanted["retries"],
)
service = Workload(
    name="app",
    tier="data",
    image=image,
    resources=small,
    entrypoint=("sleep", "infinity"),
    starts_after=("migrate",),
)
credentials = Credentials()
target = select(settings, credentials)
target.run([Tier("data", [job, service])])
pulumi.export("key", credentials.value(key))
"""
GOOD = "test -s /run/secrets/key && echo the work is done"


class Jobs:
    """The stack; what its job is changes from test to test."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        (stack.tree / "__main__.py").write_text(PROGRAM)

    def up(self, script: str, *options: str, limit: int = 60, retries: int = 0) -> tuple[int, str]:
        """The exit code and the output of an `up` with this job."""
        wanted = {"script": script, "limit": limit, "retries": retries}
        (self.stack.tree / "job.json").write_text(json.dumps(wanted))
        result = self.stack.pulumi("up", "--yes", "--skip-preview", *options)
        return result.returncode, output_of(result)

    def state(self, container: str = "migrate") -> dict[str, Any]:
        found: dict[str, Any] = self.stack.inspect(container)
        return found

    def ids(self) -> dict[str, str]:
        """The id of each container of the stack, by its name without project and stack."""
        own = f"--filter=label=ai-platform.stack={self.stack.name}"
        listed = docker_stack.docker(
            "ps", "--all", "--no-trunc", "--format={{.Names}} {{.ID}}", own
        )
        named = dict(line.split() for line in listed.splitlines())
        return {name.removeprefix(self.stack.container("")): id for name, id in named.items()}


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with temporary_stack("e2e-jobs") as stack:
        yield Jobs(stack)


def test_a_job_that_fails_fails_up_and_runs_again_until_it_is_done(jobs: Jobs) -> None:
    """The same job each time: it fails where the volume is empty."""
    script = "[ -e /var/notes/seen ] && exit 0; touch /var/notes/seen; echo the marked line; exit 3"
    code, printed = jobs.up(script)
    assert code != 0
    assert "the job migrate failed in its only try; the next update runs it again" in printed
    assert "ai-platform-e2e-jobs-migrate is exited; last exit code 3" in printed, printed
    assert "the marked line" in printed
    failed = jobs.ids()
    assert failed.keys() == {"migrate"}

    code, printed = jobs.up(script)
    assert code == 0, printed
    done = jobs.ids()
    assert done.keys() == {"migrate", "app"}
    assert done["migrate"] != failed["migrate"]

    code, printed = jobs.up(script, "--refresh")
    assert code == 0, printed
    assert jobs.ids() == done
    assert jobs.stack.pulumi("preview", "--expect-no-changes").returncode == 0
    assert [each.name for each in docker_stack.containers("e2e-jobs")] == [
        "ai-platform-e2e-jobs-app"
    ]


def test_a_try_that_takes_too_long_is_ended_and_followed_by_another(jobs: Jobs) -> None:
    """The first try hangs; the second one finds what it left in the volume."""
    script = "[ -e /var/notes/left ] && exit 0; touch /var/notes/left; exec sleep 600"
    code, printed = jobs.up(script, limit=10, retries=1)
    assert code == 0, printed
    assert jobs.state()["State"]["ExitCode"] == 137
    assert jobs.state("migrate-try-2")["State"]["ExitCode"] == 0
    assert [each.name for each in docker_stack.containers("e2e-jobs")] == [
        "ai-platform-e2e-jobs-app"
    ]
    assert jobs.stack.pulumi("preview", "--expect-no-changes").returncode == 0
    service = jobs.ids()["app"]

    code, printed = jobs.up(GOOD)
    assert code == 0, printed
    assert "the work is done" in output_of(jobs.stack.logs("migrate"))
    assert jobs.ids().keys() == {"migrate", "app"}
    assert jobs.ids()["app"] == service


def test_a_secret_of_a_job_is_in_neither_its_state_nor_its_container(jobs: Jobs) -> None:
    code, printed = jobs.up(GOOD)
    assert code == 0, printed
    key = jobs.stack.workspace.outputs(secrets=True)["key"]
    assert len(key) == 32
    assert key not in output_of(jobs.stack.pulumi("stack", "export"))
    assert key not in json.dumps(jobs.state())
