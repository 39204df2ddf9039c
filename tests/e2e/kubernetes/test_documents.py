"""The commands of the documents work as they stand."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.commands import Command, commands
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack

# These only show something.
SHOWS = ("get", "describe", "logs", "auth", "config", "exec")
# What helps when something is wrong needs the Role of a stack's user, and no more.
WITH_ROLE = ("docs/runbooks/", "docs/backups.md")
# A name that the reader replaces.
PLACEHOLDER = re.compile(r"\b(NAME|POD|UID|CONTAINER|STACK)\b")
# What the cluster answers about the examples' own services, about what a user creates before the
# first `up`, and about the resources of cert-manager and CloudNativePG, which this cluster lacks. A
# shell says "command not found" about a program.
ABSENT = re.compile(
    r'\(NotFound\): \S+ "[^"]+" not found|resource type "(backups|certificate|clusters)"$',
    re.MULTILINE,
)


def run(stack: ClusterStack, text: str, page: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as an administrator of the cluster; one that helps when something is wrong with
    the Role only."""
    variables = dict(stack.workspace.variables)
    if not page.startswith(WITH_ROLE):
        variables["KUBECONFIG"] = str(stack.cluster.local_cluster.kubeconfig)
    return subprocess.run(
        ["bash", "-c", text],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def explained(command: Command) -> str:
    """The command with the option that checks all others and does nothing."""
    words = shlex.split(command.line)
    if words[0] == "docker":  # what follows a container's name belongs to the container
        return shlex.join([*words[:2], "--help", *words[2:]])
    before, dashes, inside = command.line.partition(" -- ")
    return f"{before} --help{dashes}{inside}"


def options(command: Command) -> tuple[str, ...]:
    """What a program checks: its verb and the options, without names and values."""
    words = shlex.split(command.line)
    return (*words[:3], *(word.partition("=")[0] for word in words[3:] if word.startswith("-")))


def as_it_stands(command: Command) -> str | None:
    """The command on the tests' namespace, if it changes nothing."""
    line = re.sub(
        r"(-n |--namespace |namespace: )ai-platform\b(?!-)", rf"\1{NAMESPACE}", command.line
    )
    if "<<" in command.text:
        text = re.sub(r"(namespace: )ai-platform\b(?!-)", rf"\1{NAMESPACE}", command.text)
        # The reader writes the number that runs; this stack has two.
        text = text.replace("replicas: 3", "replicas: 2")
        return text.replace("kubectl apply ", "kubectl apply --dry-run=server ", 1)
    shows = any(word in SHOWS for word in shlex.split(line)[1:4])
    is_complete = len(shlex.split(line)) > 2 and not PLACEHOLDER.search(line)
    return line if shows and is_complete else None


def failures(stack: ClusterStack) -> Iterator[str]:
    """What a program answers to a command that it does not understand."""
    typed = [
        command for program in ("kubectl", "pulumi", "docker") for command in commands(program)
    ]
    different = {options(command): command for command in typed}.values()
    checks = [(command, explained(command)) for command in different]
    runs = [(command, text) for command in commands("kubectl") if (text := as_it_stands(command))]
    assert len(typed) > 80
    assert len(runs) > 30
    with ThreadPoolExecutor(4) as threads:
        results = threads.map(lambda check: run(stack, check[1]), checks)
        for (command, _), result in zip(checks, results, strict=True):
            if result.returncode:
                yield f"{command}\n{result.stderr}"
        results = threads.map(lambda check: run(stack, check[1], check[0].page), runs)
        for (command, _), result in zip(runs, results, strict=True):
            if result.returncode and not ABSENT.search(result.stderr):
                yield f"{command}\n{result.stderr}"


def test_every_command_of_the_documents_works_as_it_stands(stack: ClusterStack) -> None:
    """Those that change something are checked by their program, and not run."""
    assert list(failures(stack)) == []
