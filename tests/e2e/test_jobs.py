"""Jobs on the engine, in a small stack with a job and a service that starts after it."""

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

from components.catalogue import Catalogue
from components.container import File, Identity, Resources
from components.secrets import Secrets
from components.settings import Settings
from components.targets import select
from components.text import Secret
from components.tier import Tier
from components.volumes import Volume
from components.workload import Job, Workload


class DataTier(Tier):
    name = "data"


config = {
    key.partition(":")[2]: json.loads(value) if value.startswith("{") else value
    for key, value in pulumi.runtime.get_config_env().items()
}
settings = Settings.model_validate(config)
options = json.loads((Path(__file__).parent / "job.json").read_text())
catalogue = Catalogue(settings)
image = catalogue.image("python")
# A new volume belongs to root, unless an image sets another owner.
root = replace(image, identity=Identity(uid=0, gid=0))
small = Resources(memory=64, cpu=0.5)
key = Secret(name="key")
job = Job(
    name="migrate",
    tier=DataTier.name,
    asked_by="the test",
    image=root,
    resources=small,
    entrypoint=("sh", "-c", options["script"]),
    files=(File(path=key.path, content=key.text),),
    volumes=(Volume(name="notes", path="/var/notes", size="1Gi", keep=False),),
    limit=options["limit"],
    retries=options["retries"],
)
service = Workload(
    name="app",
    tier=DataTier.name,
    image=image,
    resources=small,
    entrypoint=("sleep", "infinity"),
    starts_after=("migrate",),
)
secrets = Secrets(settings)
select(settings, catalogue, secrets).run([DataTier([job, service])])
pulumi.export("key", secrets.value(key))
"""
GOOD = "test -s /run/secrets/key && echo the work is done"


class Jobs:
    """The stack; each test sets its job."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        (stack.tree / "__main__.py").write_text(PROGRAM)

    def up(
        self, script: str, *arguments: str, limit: int = 60, retries: int = 0
    ) -> tuple[int, str]:
        """The exit code and the output of an `up` with this job."""
        options = {"script": script, "limit": limit, "retries": retries}
        (self.stack.tree / "job.json").write_text(json.dumps(options))
        result = self.stack.pulumi("up", "--yes", "--skip-preview", *arguments)
        return result.returncode, output_of(result)

    def state(self, container: str = "migrate") -> dict[str, Any]:
        return self.stack.inspect(container)

    def ids(self) -> dict[str, str]:
        """The id of each container by its name, without the prefix of project and stack."""
        label = f"--filter=label=ai-platform.stack={self.stack.name}"
        output = docker_stack.docker(
            "ps", "--all", "--no-trunc", "--format={{.Names}} {{.ID}}", label
        )
        ids = dict(line.split() for line in output.splitlines())
        return {name.removeprefix(self.stack.container("")): id for name, id in ids.items()}


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with temporary_stack("e2e-jobs") as stack:
        yield Jobs(stack)


def test_a_failed_job_fails_up_and_runs_again_until_it_succeeds(jobs: Jobs) -> None:
    """The job is the same each time: it fails while the volume is empty."""
    script = "[ -e /var/notes/x ] && exit 0; touch /var/notes/x; echo the marked line; exit 3"
    code, output = jobs.up(script)
    assert code != 0
    assert "the job migrate failed in its only try; the next update runs it again" in output
    assert "ai-platform-e2e-jobs-migrate is exited; last exit code 3" in output, output
    assert "the marked line" in output
    failed = jobs.ids()
    assert failed.keys() == {"migrate"}

    code, output = jobs.up(script)
    assert code == 0, output
    succeeded = jobs.ids()
    assert succeeded.keys() == {"migrate", "app"}
    assert succeeded["migrate"] != failed["migrate"]

    code, output = jobs.up(script, "--refresh")
    assert code == 0, output
    assert jobs.ids() == succeeded
    assert jobs.stack.pulumi("preview", "--expect-no-changes").returncode == 0
    assert [container.name for container in docker_stack.containers("e2e-jobs")] == [
        "ai-platform-e2e-jobs-app"
    ]


def test_an_attempt_that_takes_too_long_is_stopped_and_repeated(jobs: Jobs) -> None:
    """The first attempt hangs; the second one finds its file in the volume."""
    script = (
        "[ -e /var/notes/first-attempt ] && exit 0; touch /var/notes/first-attempt; exec sleep 600"
    )
    code, output = jobs.up(script, limit=10, retries=1)
    assert code == 0, output
    assert jobs.state()["State"]["ExitCode"] == 137
    assert jobs.state("migrate-try-2")["State"]["ExitCode"] == 0
    assert [container.name for container in docker_stack.containers("e2e-jobs")] == [
        "ai-platform-e2e-jobs-app"
    ]
    assert jobs.stack.pulumi("preview", "--expect-no-changes").returncode == 0
    service = jobs.ids()["app"]

    code, output = jobs.up(GOOD)
    assert code == 0, output
    assert "the work is done" in output_of(jobs.stack.logs("migrate"))
    assert jobs.ids().keys() == {"migrate", "app"}
    assert jobs.ids()["app"] == service


def test_a_jobs_secret_appears_neither_in_the_state_nor_in_its_container(jobs: Jobs) -> None:
    code, output = jobs.up(GOOD)
    assert code == 0, output
    key = jobs.stack.workspace.outputs(secrets=True)["key"]
    assert len(key) == 32
    assert key not in output_of(jobs.stack.pulumi("stack", "export"))
    assert key not in json.dumps(jobs.state())
