"""What an API service runs besides itself: a step for each release, and jobs on a schedule."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from components.addresses import host_name
from components.settings.base import Model
from components.settings.kubernetes_names import DNS_LABEL
from components.settings.problems import Problem
from components.settings.schedules import Schedule
from components.settings.shapes import Plain

if TYPE_CHECKING:
    from components.settings.api import Service

RELEASE = "release"
JOB_NAME = re.compile(DNS_LABEL)
# A Kubernetes Job's name, which labels its pods, has at most 63 characters. It ends with a dash and
# ten digits. A CronJob adds a dash and up to ten digits to its own name for each run.
LONGEST_JOB = 63 - len(host_name("")) - 11


def _program(value: list[str]) -> list[str]:
    if not value or not value[0].strip():
        raise ValueError("a list that starts with a program, such as `[alembic, upgrade, head]`")
    return value


Command = Annotated[list[Plain], AfterValidator(_program)]
# A migration or a nightly job may take hours, but never more than a day.
Timeout = Annotated[int, Field(ge=1, le=86400)]


class Release(Model):
    """A step of a service that runs once for each release, before the new version starts. It runs
    in the service's image with the service's values, again when the image, the command or a value
    changes, and again after a failure (docs/jobs.md). It does not mount `data_volume`, which has
    one writer."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                release:
                  command: [alembic, upgrade, head]
                  timeout: 900
    """

    command: Command = Field(
        description="The program and its arguments. The image's own entry point is not used. The "
        "step must be safe to run more than once. It has two tries, because the first connections "
        "of a new pod may fail.",
    )
    timeout: Timeout = Field(300, description="The longest time of one try, in seconds.")


class ScheduledJob(Model):
    """A job of a service that runs on a schedule, in the service's image with its values
    (docs/jobs.md). Runs never overlap: one that would start while the last one still runs is
    skipped. The job does not mount `data_volume`, which has one writer."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                jobs:
                  cleanup:                  # runs as reports-cleanup
                    schedule: "0 3 * * *"   # at 03:00 UTC every day
                    command: [python, -m, app.cleanup]
                    timeout: 600
    """

    schedule: Schedule = Field(
        description="Five cron fields in UTC: minute, hour, day of the month, month and day of the "
        "week, where 0 is Sunday. Quote it, because YAML gives `*` a meaning of its own.",
    )
    command: Command = Field(
        description="The program and its arguments. The image's own entry point is not used."
    )
    timeout: Timeout = Field(
        300, description="The longest time of a run, in seconds. A longer run is ended and failed."
    )


def job_name(service: str, job: str) -> str:
    """The name of a service's job, after which its containers and objects are named."""
    return f"{service}-{job}"


def rules(path: str, name: str, service: "Service") -> Iterator[Problem]:
    """`path` is the dotted path of the service's settings, and `name` its name."""
    longest = LONGEST_JOB - len(job_name(name, ""))
    if service.release and len(RELEASE) > longest:
        yield Problem(
            path=f"{path}.{RELEASE}",
            found=f"a service whose name has {len(name)} characters",
            allowed=f"a name of at most {LONGEST_JOB - len(job_name('', RELEASE))} characters for "
            f"a service with `{RELEASE}`",
        )
    for job in service.jobs:
        if not JOB_NAME.fullmatch(job) or len(job) > longest:
            yield Problem(
                path=f"{path}.jobs.{job}",
                found=repr(job),
                allowed=f"a name of at most {max(longest, 0)} lower-case letters, digits and "
                f"dashes: `{job_name(name, '')}` and the name together have at most {LONGEST_JOB}",
            )
        elif job == RELEASE:
            yield Problem(
                path=f"{path}.jobs.{job}",
                found=repr(job),
                allowed=f"another name: the service's own step `{RELEASE}` has this one",
            )
