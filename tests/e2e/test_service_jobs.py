"""The release step of a service and its jobs on a schedule, on the engine, in a small stack."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx2
import pytest

from components.images import ENTRIES
from operations import docker_stack
from tests.e2e.stack import Stack, eventually, free_ports, output_of, temporary_stack

# The API tier alone, without the reference services.
PROGRAM = """
import json

import pulumi

from components.api import ApiTier
from components.cache.tier import CacheTier
from components.catalogue import Catalogue
from components.secrets import Secrets
from components.settings import Settings
from components.targets import select

config = {
    key.partition(":")[2]: json.loads(value) if value.startswith("{") else value
    for key, value in pulumi.runtime.get_config_env().items()
}
settings = Settings.model_validate(config)
catalogue = Catalogue(settings)
tier = ApiTier(settings, catalogue, {}, CacheTier(settings, catalogue).connection)
target = select(settings, catalogue, Secrets(settings))
pulumi.export("endpoints", target.run([tier]).endpoints)
"""
# Answers every request with the version.
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["VERSION"].encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer(("", 8000), Handler).serve_forever()
"""
# A quotation mark, a line break and a variable, which no shell may interpret.
TICK = "import os\nprint(\"it's\", '$VERSION', os.environ['VERSION'], os.environ.get('SHELL'))"
HANG = "import time; print('hangs', flush=True); time.sleep(100)"
GOOD = 'echo "released $VERSION"'


class Service:
    """The stack with the service `reports`."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        (stack.tree / "__main__.py").write_text(PROGRAM)
        port = free_ports(("reports",))
        self.stack.settings["docker"] = {"ports": port}
        self.url = f"http://127.0.0.1:{port['reports']}"

    def settings(self, release: str, *, version: str, **changes: Any) -> dict[str, Any]:
        debian = self.stack.settings["images"].get("catalogue") == "debian"
        python = ENTRIES["python"]
        jobs = {
            "tick": {"schedule": "* * * * *", "command": ["python3", "-c", TICK]},
            "hang": {"schedule": "* * * * *", "command": ["python3", "-c", HANG], "timeout": 2},
        }
        reports = {
            "image": python.debian if debian else python.official,
            "command": ["python3", "-c", SERVER],
            "health": "/",
            "metrics": None,
            "env": {"VERSION": version},
            "release": {"command": ["sh", "-c", release]},
            "jobs": jobs,
        }
        return {"services": {"backend": None, "decision": None, "reports": reports | changes}}

    def up(self, release: str, *, version: str = "1", **changes: Any) -> tuple[int, str]:
        """The exit code and the output of an `up` with this release step and version."""
        result = self.stack.up(api=self.settings(release, version=version, **changes))
        return result.returncode, output_of(result)

    def answer(self) -> str:
        return httpx2.get(self.url, timeout=5).text

    def id(self, container: str) -> str:
        return str(self.stack.inspect(container)["Id"])

    def state(self, container: str) -> dict[str, Any]:
        return dict(self.stack.inspect(container)["State"])


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with temporary_stack("e2e-service-jobs") as stack:
        yield Service(stack)


def moment(text: str) -> datetime:
    """A time in the engine's notation, which has nanoseconds."""
    return datetime.fromisoformat(f"{text[:26].rstrip('Z')}+00:00")


def test_a_release_step_runs_before_each_version_and_a_failed_one_keeps_the_old_version(
    service: Service,
) -> None:
    code, output = service.up(GOOD)
    assert code == 0, output
    assert "released 1" in output_of(service.stack.logs("reports-release"))
    finished = moment(service.state("reports-release")["FinishedAt"])
    assert finished < moment(service.state("reports")["StartedAt"])
    assert service.answer() == "1"

    # Limits and replicas are no part of a release.
    release, first = service.id("reports-release"), service.id("reports")
    code, output = service.up(GOOD, stop_grace=7, memory="128Mi", replicas=2)
    assert code == 0, output
    assert service.id("reports-release") == release
    old = service.id("reports")
    assert old != first, "a changed grace period replaces the container"

    failing = "echo the marked line; exit 3"
    failed = set()
    for _ in range(2):
        code, output = service.up(failing, version="2")
        assert code != 0
        assert "the job reports-release failed in all its 2 tries" in output, output
        assert "the marked line" in output
        assert (service.id("reports"), service.answer()) == (old, "1")
        failed.add(service.id("reports-release"))
    assert len(failed) == 2, "the second `up` did not run the step again"

    code, output = service.up(GOOD, version="2")
    assert code == 0, output
    assert "released 2" in output_of(service.stack.logs("reports-release"))
    assert service.answer() == "2"
    settings = service.settings(GOOD, version="2")
    preview = service.stack.pulumi("preview", "--expect-no-changes", api=settings)
    assert preview.returncode == 0, output_of(preview)


def test_scheduled_jobs_run_every_minute_with_the_services_values_and_end_in_time(
    service: Service,
) -> None:
    """The test before has started the schedulers, so at most one minute remains."""
    code, output = service.up(GOOD, version="2")
    assert code == 0, output
    log = eventually(lambda: finished_run(service, "reports-tick"), within=75, interval=2)
    assert "it's $VERSION 2 None" in log
    assert 'msg="job succeeded"' in log
    hanging = eventually(lambda: finished_run(service, "reports-hang"), within=15)
    assert "reports-hang took longer than 2 s and was ended" in hanging
    assert 'msg="error running command: exit status 143"' in hanging

    # The container of a job whose last run failed is not healthy.
    eventually(lambda: health(service, "reports-hang") == "unhealthy", within=30)
    assert health(service, "reports-tick") == "healthy"
    check = service.state("reports-hang")["Health"]["Log"][-1]["Output"]
    assert check.strip() == "the last run ended with exit status 143"
    states = {item.workload: item.healthy for item in docker_stack.containers(service.stack.name)}
    assert (states["reports-hang"], states["reports-tick"]) == (False, True)


def finished_run(service: Service, job: str) -> str | None:
    """The log of a job that has run to its end; None before."""
    log = output_of(service.stack.logs(job))
    return log if 'msg="job succeeded"' in log or "error running command" in log else None


def health(service: Service, job: str) -> str:
    return str(service.state(job)["Health"]["Status"])
