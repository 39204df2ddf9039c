"""The settings of a stack file, read without Pulumi."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.addresses import PROJECT
from components.settings import Problem, Settings, SettingsError, load, machine_file, overlay_path
from operations.workspace import Workspace

# Stands for a value that only Pulumi can decrypt. It is valid for every secret setting, and no
# reader of these settings needs the value.
UNREADABLE = "https://encrypted.invalid"


def settings(workspace: Workspace) -> Settings:
    """The settings of a stack with its overlay file. Every secret has the value `UNREADABLE`.

    Raises FileNotFoundError if there is no stack file, and SettingsError if it is wrong.
    """
    path = workspace.config
    if not path.exists():
        stacks = sorted(
            file.stem.removeprefix("Pulumi.") for file in path.parent.glob("Pulumi.*.yaml")
        )
        raise FileNotFoundError(
            f"There is no stack file {path.name}. Set STACK to one of: {', '.join(stacks)}."
        )
    config = {
        str(key): value
        for key, value in _config(path).items()
        if str(key).startswith(f"{PROJECT}:")
    }
    encrypted = frozenset(
        path
        for key, value in config.items()
        for path in _encrypted(value, key.removeprefix(f"{PROJECT}:"))
    )
    secret = frozenset(key for key, value in config.items() if any(_encrypted(value, key)))
    text = {
        key: value if isinstance(value, str) else json.dumps(_plain(value), default=str)
        for key, value in config.items()
    }
    try:
        overlay = overlay_path(workspace.program, workspace.name)
        machine = machine_file(workspace.variables)
        return load(text, secret, overlay, machine, stack=workspace.stack)
    except SettingsError as error:
        problems = [_explained(problem, encrypted) for problem in error.problems]
        raise SettingsError(problems) from None


def open_stack(workspace: Workspace) -> Settings:
    """The settings of the stack that a verb is about.

    From then on, every docker command of this process, and every program that it starts, uses one
    engine: that of the settings, or else that of the user's docker command. The plugin prefers
    DOCKER_CONTEXT to DOCKER_HOST and to `docker.host`, and knows no current context. The docker
    command prefers DOCKER_HOST to both contexts. Therefore DOCKER_HOST alone remains.
    """
    loaded = settings(workspace)
    if loaded.target == "docker" and (host := engine(loaded)):
        os.environ["DOCKER_HOST"] = host
        os.environ.pop("DOCKER_CONTEXT", None)
    return loaded


def engine(settings: Settings) -> str | None:
    """The engine of these settings, or else of the docker command; None for this machine's own."""
    own = settings.docker.host if settings.target == "docker" else None
    return own or os.environ.get("DOCKER_HOST") or _host_of_context()


def _host_of_context() -> str | None:
    """The engine of the context that the docker command uses; None for this machine's engine."""
    if not shutil.which("docker"):
        return None
    command = ["docker", "context", "inspect", "--format={{.Name}} {{.Endpoints.docker.Host}}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    name, _, host = answer.stdout.strip().partition(" ")
    return None if name == "default" else host or None


def target(workspace: Workspace) -> str | None:
    """The target that a stack file names; None if the file is missing or wrong."""
    try:
        name = _config(workspace.config).get(f"{PROJECT}:target")
    except (FileNotFoundError, SettingsError):
        return None
    return name if isinstance(name, str) else None


def _config(path: Path) -> Mapping[str, Any]:
    """The mapping `config` of a stack file."""
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:  # its message may quote a secret
        mark = getattr(error, "problem_mark", None)
        line = f"{path.name}, line {mark.line + 1}" if mark else path.name
        raise _wrong(line, "text that is not valid YAML") from None
    config = content.get("config") or {} if isinstance(content, dict) else None
    if not isinstance(config, dict):
        raise _wrong(path.name, "no mapping `config`")
    return config


def _wrong(path: str, found: str) -> SettingsError:
    allowed = f"config: with keys such as {PROJECT}:target below it"
    return SettingsError([Problem(path=path, found=found, allowed=allowed)])


def _encrypted(value: Any, path: str) -> Iterator[str]:
    """The paths of the encrypted values at or below this path."""
    if isinstance(value, dict) and set(value) == {"secure"}:
        yield path
    elif isinstance(value, dict | list):
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _encrypted(entry, f"{path}.{key}")


def _explained(problem: Problem, encrypted: frozenset[str]) -> Problem:
    """The problem itself, unless it is caused by `UNREADABLE` in a setting that is no secret."""
    if problem.path not in encrypted:
        return problem
    allowed = "plain text: the Makefile's verbs read this value, and only pulumi can decrypt it"
    return Problem(path=problem.path, found="an encrypted value", allowed=allowed)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return UNREADABLE
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
