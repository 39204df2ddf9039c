"""Where a stack's state lives, and how Pulumi is run on it without changing a tracked file."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from airgap import places
from cluster.local_cluster import LocalCluster
from components.settings import MACHINE_FILE
from operations import old_state, steps

ROOT = Path(__file__).parent.parent
PROJECT = "ai-platform"


def data_directory() -> Path:
    """The user's data directory for this project: state, passphrase and working copies."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / PROJECT


def cluster_directory() -> Path:
    """What this machine keeps about the cluster that `make cluster` starts."""
    return data_directory() / "cluster"


def machine_file() -> Path:
    """This machine's own choices for stacks on clusters."""
    return data_directory() / "machine.yaml"


def cache_directory() -> Path:
    """What can be made again at any time: built programs and images."""
    return places.cache()


def own_backend() -> str:
    """The local state of users without a Pulumi login."""
    return f"file://{data_directory() / 'state'}"


def logged_in(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the user has a Pulumi login of their own, whose backend is then used.

    The local state that `make env` names in a shell is none.
    """
    backend = environment.get("PULUMI_BACKEND_URL", own_backend())
    if backend != own_backend() or environment.get("PULUMI_ACCESS_TOKEN"):
        return True
    credentials = places.users_pulumi_home(environment) / "credentials.json"
    if not credentials.exists():
        return False
    return bool(json.loads(credentials.read_text()).get("current"))


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One stack of this project.

    `config` is its stack file. Pulumi writes an encryption salt into the stack file that it works
    with, so it works in a directory of its own, with a copy; `program` is the tree that it runs,
    with the packages of `virtualenv`. The state of a `throw_away` one is in `data` whatever backend
    the user is logged in to. `environment` adds to the variables.
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
        return cls(stack=stack, config=ROOT / f"Pulumi.{stack}.yaml", data=data_directory())

    @property
    def passphrase_file(self) -> Path:
        return self.data / "passphrase"

    @property
    def directory(self) -> Path:
        return self.data / "work" / self.stack

    @property
    def variables(self) -> dict[str, str]:
        """What a shell needs to run plain `pulumi` on this machine."""
        path = [self.virtualenv / "bin", cache_directory() / "bin"]
        variables = {
            "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", "")]),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        if places.own_pulumi_home().exists():
            variables["PULUMI_HOME"] = str(places.own_pulumi_home())
            variables["PULUMI_CREDENTIALS_PATH"] = str(places.users_pulumi_home())
            variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "1"
        if machine_file().exists():
            variables[MACHINE_FILE] = str(machine_file())
        if self._own_state:
            variables["PULUMI_BACKEND_URL"] = f"file://{self.data / 'state'}"
            variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.passphrase_file)
        cluster = LocalCluster(folder=cluster_directory()).kubeconfig
        if cluster.exists() and "KUBECONFIG" not in os.environ:
            usual = Path.home() / ".kube" / "config"
            files = [usual, cluster] if usual.exists() else [cluster]
            variables["KUBECONFIG"] = os.pathsep.join(map(str, files))
        return {**variables, **self.environment}

    @property
    def _own_state(self) -> bool:
        return self.throw_away or not logged_in()

    def prepare(self) -> None:
        """Make the working copy, and the stack in its backend where it does not exist.

        Every verb that changes the stack begins with this.
        """
        self.lay()
        self.pulumi("stack", "select", "--create", self.stack, quiet=True)
        self._mend_old_state()

    def lay(self) -> None:
        """Make the state, the passphrase and the working copy; nothing that exists is lost."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._own_state:
            (self.data / "state").mkdir(exist_ok=True)
            _write_once(self.passphrase_file, secrets.token_urlsafe(32))
        project = yaml.safe_load((self.program / "Pulumi.yaml").read_text())
        project["main"] = str(self.program)
        project["runtime"]["options"]["virtualenv"] = str(self.virtualenv)
        (self.directory / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        copy = self.directory / f"Pulumi.{self.stack}.yaml"
        copy.write_text(_with_salt_of(copy, self.config.read_text()))

    def pulumi(
        self, *arguments: str, quiet: bool = False, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run Pulumi on this stack; with `quiet`, what it prints is in the result instead.

        On a terminal it shows what it waits for, each resource on a line that changes.
        """
        watched = not quiet and sys.stdout.isatty()
        display = [] if watched else ["--non-interactive"]
        command = ["pulumi", "-C", str(self.directory), *display, *arguments]
        environment = {**os.environ, **self.variables}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if not shutil.which("pulumi", path=environment["PATH"]):
            raise FileNotFoundError("pulumi is not on this machine yet: `make up` puts it there")
        done = _to_its_end(command, environment, quiet)
        if check:
            done.check_returncode()
        return done

    def outputs(self, *, secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; secrets in clear only when asked for."""
        shown: Iterable[str] = ["--show-secrets"] if secrets else []
        result = self.pulumi("stack", "output", "--json", "--stack", self.stack, *shown, quiet=True)
        outputs: dict[str, Any] = json.loads(result.stdout)
        return outputs

    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource in the stack's state by its URN, its secrets still encrypted."""
        return {each["urn"]: each for each in self._resources()}

    def failed(self) -> list[str]:
        """The URNs of the containers that the last update made, and that failed to start."""
        return [
            each["urn"]
            for each in self._resources()
            if each.get("initErrors") and each["type"].endswith(":Container")
        ]

    def identifiers(self) -> frozenset[str]:
        """The ids of all that the stack's state knows, also of what is still to be deleted."""
        return frozenset(each["id"] for each in self._resources() if each.get("id"))

    def _resources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]]
        found = (json.loads(self._exported()).get("deployment") or {}).get("resources") or []
        return found

    def _exported(self) -> str:
        return self.pulumi("stack", "export", "--stack", self.stack, quiet=True).stdout

    def _mend_old_state(self) -> None:
        """Take out of the state what this machine's plugins cannot work with.

        The state before is kept.
        """
        before = self._exported()
        exported = json.loads(before)
        images, home = old_state.images(exported), places.own_pulumi_home()
        absent = old_state.absent_plugins(exported, home / "plugins") if home.exists() else []
        if not images and not absent:
            return
        copy, after = (self.directory / f"state-{when}.json" for when in ("before", "after"))
        for path, text in ((copy, before), (after, json.dumps(old_state.mended(exported)))):
            path.touch(mode=0o600)
            path.write_text(text)
        imported = ("stack", "import", "--stack", self.stack, "--file", str(after))
        self.pulumi(*imported, quiet=True)
        after.unlink()
        said = []
        if images:
            said.append(
                f"The state of {self.stack} no longer holds {', '.join(images)}, of the type "
                f"{old_state.TYPE}, which is gone: the next update registers them as another type."
            )
        if absent:
            said.append(
                f"The state of {self.stack} no longer asks for the plugins {', '.join(absent)}, "
                "which this machine does not have: it uses those that it compiled."
            )
        for line in (*said, f"The state before: {copy}"):
            steps.console.print(f"  {line}", markup=False, soft_wrap=True)


def _to_its_end(
    command: list[str], environment: Mapping[str, str], quiet: bool
) -> subprocess.CompletedProcess[str]:
    """Run Pulumi, and wait for it when the user interrupts: KeyboardInterrupt once it has ended.

    The terminal interrupts Pulumi too, which then saves what it did and unlocks the stack. Killed
    meanwhile, as subprocess.run does after 0.25 s, it leaves a locked stack and containers that
    nothing knows.
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
    """A file that only its owner reads; one that is there stays."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text)


def _with_salt_of(copy: Path, config: str) -> str:
    """The stack file, with the salt that Pulumi wrote into the last copy of it."""
    plain = yaml.safe_load(config) or {}
    previous = (yaml.safe_load(copy.read_text()) or {}) if copy.exists() else {}
    if "encryptionsalt" in previous and "encryptionsalt" not in plain:
        return config.rstrip("\n") + f"\nencryptionsalt: {previous['encryptionsalt']}\n"
    return config
