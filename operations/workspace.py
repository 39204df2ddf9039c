"""Run Pulumi on a stack, in a working copy, so that no tracked file changes."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from airgap import directories
from cluster.local_cluster import LocalCluster, directory
from components.settings import MACHINE_FILE
from operations import backend, interrupted_run, stack_name, state_repair, steps

ROOT = Path(__file__).parent.parent
PROJECT = "ai-platform"


def data_directory() -> Path:
    """The user's data directory for this project: state, passphrase and working copies."""
    return directories.data()


def machine_file() -> Path:
    """The file with this machine's choices for stacks on clusters."""
    return data_directory() / "machine.yaml"


def cache_directory() -> Path:
    """Files that a later run can build or download again, such as programs."""
    return directories.cache()


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One stack of this project.

    `stack` is its name for Pulumi, such as `prod` or `acme/prod`. `config` is its stack file.
    Pulumi writes an encryption salt into its stack file, so it works with a copy in its own
    directory. `program` is the tree that Pulumi runs, with the packages of `virtualenv`. With
    `throw_away`, the state is in `data`, even where the user is logged in to another backend.
    `environment` adds to the variables.
    """

    stack: str
    config: Path
    data: Path
    program: Path = ROOT
    virtualenv: Path = ROOT / ".venv"
    throw_away: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: str) -> "Workspace":
        """The stack of this tree with this name. Organisations share the stack file of a name."""
        config = ROOT / f"Pulumi.{stack_name.bare(stack)}.yaml"
        return cls(stack=stack, config=config, data=data_directory())

    @property
    def name(self) -> str:
        """The name without the organisation, which the program and all labels use."""
        return stack_name.bare(self.stack)

    @property
    def passphrase_file(self) -> Path:
        return self.data / "passphrase"

    @property
    def directory(self) -> Path:
        # No stack has a plus sign in its name.
        return self.data / "work" / self.stack.replace("/", "+")

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that a shell needs to run plain `pulumi` on this machine."""
        path = [self.virtualenv / "bin", cache_directory() / "bin"]
        variables = {
            "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", "")]),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        if directories.own_pulumi_home().exists():
            variables["PULUMI_HOME"] = str(directories.own_pulumi_home())
            variables["PULUMI_CREDENTIALS_PATH"] = str(directories.users_pulumi_home())
            variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "1"
        if machine_file().exists():
            variables[MACHINE_FILE] = str(machine_file())
        if self._own_state:
            variables[backend.VARIABLE] = f"file://{self.data / 'state'}"
            variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.passphrase_file)
        cluster = LocalCluster(folder=directory()).kubeconfig
        if cluster.exists() and "KUBECONFIG" not in os.environ:
            default = Path.home() / ".kube" / "config"
            files = [default, cluster] if default.exists() else [cluster]
            variables["KUBECONFIG"] = os.pathsep.join(map(str, files))
        return {**variables, **self.environment}

    @property
    def _own_state(self) -> bool:
        return self.throw_away or not backend.logged_in()

    def prepare(self) -> bool:
        """Write the working copy, and create the stack in its backend where it does not exist.

        Every verb that changes the stack begins with this call. It ends what a killed update left
        running. Returns whether that update was about to create or remove something. The answer
        stays the same until `resumed`.
        """
        url = backend.url({**os.environ, **self.variables}, self.program)
        backend.expect_organisation(url, self.stack)
        interrupted_run.end(url, PROJECT, self.stack, self.program)
        # Another update of the stack that still runs has read the present files.
        self.write_files()
        self.pulumi("stack", "select", "--create", self.stack, quiet=True)
        self._repair_state()
        return self._adopts.exists()

    def resumed(self) -> None:
        """Note that an update has succeeded since the killed one."""
        self._adopts.unlink(missing_ok=True)
        self.purging.unlink(missing_ok=True)

    @property
    def purging(self) -> Path:
        """A file that exists after a killed purge, with the time of the backup that survives it."""
        return self.directory / "purging"

    @property
    def _adopts(self) -> Path:
        """A file that exists after a killed update, which may have created or removed something."""
        return self.directory / "adopts"

    def write_files(self) -> None:
        """Write the state's directory, the passphrase and the working copy; keep existing ones."""
        self.create_state()
        self.directory.mkdir(parents=True, exist_ok=True)
        project = yaml.safe_load((self.program / "Pulumi.yaml").read_text())
        project["main"] = str(self.program)
        project["runtime"]["options"]["virtualenv"] = str(self.virtualenv)
        (self.directory / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        copy = self.directory / f"Pulumi.{self.name}.yaml"
        copy.write_text(_with_salt_of(copy, self.config.read_text()))

    def create_state(self) -> None:
        """Create the directory for the state on this machine, and the passphrase, if it uses them.
        Existing ones stay."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if self._own_state:
            (self.data / "state").mkdir(exist_ok=True)
            _write_once(self.passphrase_file, secrets.token_urlsafe(32))

    def pulumi(
        self, *arguments: str, quiet: bool = False, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run Pulumi on this stack; with `quiet`, the result holds its output.

        On a terminal Pulumi shows each resource that it waits for on a line that changes.
        """
        interactive = not quiet and sys.stdout.isatty()
        display = [] if interactive else ["--non-interactive"]
        command = ["pulumi", "-C", str(self.directory), *display, *arguments]
        environment = {**os.environ, **self.variables}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if not shutil.which("pulumi", path=environment["PATH"]):
            raise FileNotFoundError("pulumi is not on this machine yet: `make up` installs it")
        result = _run_to_end(command, environment, quiet)
        if check:
            result.check_returncode()
        return result

    def outputs(self, *, secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; with `secrets`, secret outputs are in plain text."""
        options: Iterable[str] = ["--show-secrets"] if secrets else []
        result = self.pulumi(
            "stack", "output", "--json", "--stack", self.stack, *options, quiet=True
        )
        outputs: dict[str, Any] = json.loads(result.stdout)
        return outputs

    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource in the stack's state by its URN, with encrypted secrets."""
        return {resource["urn"]: resource for resource in self._resources()}

    def identifiers(self, *kinds: str) -> frozenset[str]:
        """The ids of the resources in the stack's state, including those still to be deleted: of
        all, or of some kinds, such as `Volume`."""
        return frozenset(
            resource["id"]
            for resource in self._resources()
            if resource.get("id") and (not kinds or resource["type"].rpartition(":")[2] in kinds)
        )

    def _resources(self) -> list[dict[str, Any]]:
        deployment = json.loads(self._export()).get("deployment") or {}
        resources: list[dict[str, Any]] = deployment.get("resources") or []
        return resources

    def _export(self) -> str:
        return self.pulumi("stack", "export", "--stack", self.stack, quiet=True).stdout

    def _repair_state(self) -> None:
        """Remove from the state what this machine's plugins cannot process, and operations that a
        killed update had begun.

        A copy of the previous state is kept.
        """
        before = self._export()
        exported = json.loads(before)
        images, home = state_repair.images(exported), directories.own_pulumi_home()
        absent = state_repair.absent_plugins(exported, home / "plugins") if home.exists() else []
        unfinished = state_repair.unfinished(exported)
        if not images and not absent and not unfinished:
            return
        repaired = state_repair.without_unfinished(exported) if unfinished else exported
        if images or absent:
            repaired = state_repair.repaired(repaired)
        # Only a backend that is a directory of this machine has shown whether another update runs.
        if json.loads(self._export()) != exported:
            raise click.ClickException(
                f"the state of {self.stack} has changed meanwhile: another update of it runs. "
                "Nothing was changed. Wait until it has ended."
            )
        if {"creating", "deleting"} & {*unfinished.values()}:
            self._adopts.touch()
        copy = self.directory / f"state-before-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
        after = self.directory / "state-after.json"
        for path, text in ((copy, before), (after, json.dumps(repaired))):
            path.touch(mode=0o600)
            path.write_text(text)
        imported = ("stack", "import", "--stack", self.stack, "--file", str(after))
        self.pulumi(*imported, quiet=True)
        after.unlink()
        messages = []
        if images:
            messages.append(
                f"The state of {self.stack} no longer contains {', '.join(images)}, of the type "
                f"{state_repair.IMAGE_TYPE}, which this project no longer uses. The next update "
                "registers these images with another type."
            )
        if absent:
            messages.append(
                f"The state of {self.stack} no longer names the plugins {', '.join(absent)}, which "
                "this machine does not have. The stack uses the plugins that it compiled."
            )
        if unfinished:
            begun = (f"{operation} {name}" for name, operation in unfinished.items())
            messages.append(
                f"The last update of {self.stack} was killed while it was {', '.join(begun)}. The "
                "state no longer contains these operations."
            )
        for line in (*messages, f"The previous state: {copy}"):
            steps.console.print(f"  {line}", markup=False, soft_wrap=True)


def _run_to_end(
    command: list[str], environment: Mapping[str, str], quiet: bool
) -> subprocess.CompletedProcess[str]:
    """Run Pulumi to its end, even when the user interrupts; then raise KeyboardInterrupt.

    The terminal interrupts Pulumi as well, which then saves the state and unlocks the stack.
    subprocess.run would kill it after 0.25 s. A killed Pulumi leaves a locked stack, and containers
    that are not in its state.
    """
    interrupted: KeyboardInterrupt | None = None
    pipe = subprocess.PIPE if quiet else None
    process = subprocess.Popen(command, env=environment, text=True, stdout=pipe, stderr=pipe)
    while True:
        try:
            output, errors = process.communicate()
            break
        except KeyboardInterrupt as interrupt:
            interrupted = interrupt
    if interrupted:
        raise interrupted
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner can read, unless it exists."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text)


def _with_salt_of(copy: Path, config: str) -> str:
    """The stack file, with the salt that Pulumi wrote into the previous copy."""
    plain = yaml.safe_load(config) or {}
    previous = (yaml.safe_load(copy.read_text()) or {}) if copy.exists() else {}
    if "encryptionsalt" in previous and "encryptionsalt" not in plain:
        return config.rstrip("\n") + f"\nencryptionsalt: {previous['encryptionsalt']}\n"
    return config
