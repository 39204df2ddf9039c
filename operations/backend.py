"""Where Pulumi keeps the state of stacks: where the user is logged in, or in a directory of this
project."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
import yaml

from airgap import directories
from operations import stack_name

VARIABLE = "PULUMI_BACKEND_URL"
# Pulumi's name for the one organisation of a state in files or in a bucket.
FILES = "organization"
# The backends that have organisations.
_SERVICES = ("http", "https")


def own() -> str:
    """The URL of the local state of users without a Pulumi login."""
    return f"file://{directories.data() / 'state'}"


def logged_in(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the user has a Pulumi login, whose backend Pulumi then uses.

    The local state that `make env` exports to a shell does not count as a login.
    """
    backend = environment.get(VARIABLE, own())
    if backend != own() or environment.get("PULUMI_ACCESS_TOKEN"):
        return True
    return bool(_login(environment))


def url(environment: Mapping[str, str], program: Path) -> str:
    """The URL of the backend that Pulumi uses for this program; "" for Pulumi Cloud by a token."""
    if variable := environment.get(VARIABLE):
        return variable
    project = yaml.safe_load((program / "Pulumi.yaml").read_text())
    named: str = (project.get("backend") or {}).get("url") or ""
    return named or _login(environment)


def expect_organisation(backend: str, stack: str) -> None:
    """Raise ClickException where an organisation's stack is in a backend without organisations."""
    organisation = stack_name.organisation(stack)
    if organisation in (None, FILES) or urlsplit(backend).scheme in ("", *_SERVICES):
        return
    raise click.ClickException(
        f"{stack} is a stack of the organisation {organisation}, but the state is in {backend}, "
        "which has no organisations. Nothing was changed. Log in to the organisation's backend "
        f"with pulumi login, or use STACK={stack_name.bare(stack)}."
    )


def _login(environment: Mapping[str, str]) -> str:
    """The URL of the backend that the user is logged in to."""
    credentials = directories.users_pulumi_home(environment) / "credentials.json"
    if not credentials.exists():
        return ""
    return json.loads(credentials.read_text()).get("current") or ""
