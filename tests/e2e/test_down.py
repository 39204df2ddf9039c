"""Taking a stack down keeps its data, unless the user purges it.

The stack has an organisation, and its stack file names the engine by another path than the shell.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from operations import docker_stack, kept, processes, replaced_volumes, stack_file
from operations.down import down
from operations.drop_kept import drop
from operations.plan.previews import PreviewError, deployed
from operations.purge import purge
from tests.e2e.stack import Stack, eventually, output_of, temporary_stack
from tests.e2e.test_failures import resume
from tests.e2e.test_life import decide

SOCKET = Path("/var/run/docker.sock")
KEPT = ["alertmanager", "backup", "postgres", "prometheus", "redis"]
# A volume and a secret of a service, which protect themselves.
OWN: dict[str, Any] = {
    "secrets": {"session-key": None},
    "api": {
        "services": {
            "backend": {
                "data_volume": {"path": "/app/data"},
                "env": {"SESSION_KEY": "${secret.session-key}"},
            }
        }
    },
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with temporary_stack("e2e-down", organisation="organization/ai-platform") as stack:
        socket = stack.directory / "engine.sock"
        socket.symlink_to(SOCKET)
        stack.settings["docker"]["host"] = f"unix://{socket}"
        yield stack


def test_down_keeps_data_with_its_secrets_and_a_purge_removes_everything(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = stack.up(**OWN)
    assert result.returncode == 0, output_of(result)
    decision = decide(stack)
    volumes = [f"ai-platform-{stack.name}-{name}" for name in KEPT]
    logins = stack.workspace.outputs(secrets=True)["logins"]
    assert logins.pop("secrets").keys() == {"session-key"}

    docker_stack.docker("rm", "--force", stack.container("redis-exporter"))
    # Like a container of an update that was killed before it saved its state.
    labels = (f"ai-platform.{key}" for key in ("project=ai-platform", f"stack={stack.name}"))
    image = stack.inspect("redis")["Image"]
    docker_stack.docker(
        *("run", "--detach", f"--name=ai-platform-{stack.name}-left", "--entrypoint=sleep"),
        *(f"--label={label}" for label in labels),
        *(f"--network=ai-platform-{stack.name}-redis", image, "600"),
    )
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    _give_up_what_the_service_had(stack, capsys)
    containers = docker_stack.names("container", stack.name)
    resources = stack.workspace.resources()
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        purge(stack.workspace, confirmed=stack.name)
    assert docker_stack.names("container", stack.name) == containers
    assert stack.workspace.resources() == resources
    shown = capsys.readouterr().out
    assert all(volume in shown for volume in volumes)
    assert "Databases: platform (" in shown
    assert "unknown" not in shown
    down(stack.workspace)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == volumes

    _kill_a_purge(stack, image)
    resume(stack)
    # The volumes that are gone are new, and the passwords fit the one that stayed.
    assert {*docker_stack.volumes(stack.name)} >= {*volumes}
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.client("web") as web:
        answer = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert answer.json() == decision

    _replace_a_volume(stack, image)
    replaced = replaced_volumes.read(stack.workspace, stack_file.open_stack(stack.workspace))
    (size,) = replaced.values()
    assert size.endswith(" MB")
    destroy = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert destroy.returncode != 0
    assert "protect" in output_of(destroy)
    assert {*docker_stack.volumes(stack.name)} >= {*volumes}
    purge(stack.workspace, confirmed=stack.workspace.stack)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == []
    networks = docker_stack.docker("network", "ls", "--format", "{{.Name}}").split()
    assert not [name for name in networks if name.startswith(f"ai-platform-{stack.name}-")]


def _replace_a_volume(stack: Stack, image: str) -> None:
    """A volume like that which an upgrade has replaced: only the server's user reads it."""
    volume = f"ai-platform-{stack.name}-postgres-14"
    labels = (
        f"--label=ai-platform.{key}" for key in ("project=ai-platform", f"stack={stack.name}")
    )
    docker_stack.docker("volume", "create", *labels, volume)
    user = stack.inspect("postgres")["Config"]["User"]
    fill = "mkdir -m 700 /held/pgdata; head -c 2097152 /dev/zero > /held/pgdata/file"
    script = f"{fill}; chown -R {user} /held"
    docker_stack.docker(
        *("run", "--rm", "--user=0", f"--volume={volume}:/held", "--entrypoint=sh"),
        *(image, "-c", script),
    )


def _give_up_what_the_service_had(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack file no longer has the service's volume and secret."""
    workspace = stack.workspace
    volume, secret = f"ai-platform-{stack.name}-backend-data", "secret.session-key"
    with pytest.raises(click.ClickException, match="the stack file still has the volume"):
        drop(workspace, "volume", volume, confirmed=True)
    stack.write({})
    workspace.write_files()
    with pytest.raises(PreviewError) as error:
        deployed(workspace)
    assert list(kept.refused(workspace, error.value))[1:] == [
        f"  make drop-volume STACK={workspace.stack} VOLUME={volume}",
        f"  make drop-secret STACK={workspace.stack} SECRET={secret}",
    ]
    drop(workspace, "volume", volume, confirmed=True)
    drop(workspace, "secret", secret, confirmed=True)
    assert volume in capsys.readouterr().out
    assert set(deployed(workspace).steps.values()) >= {"removed"}


def _kill_a_purge(stack: Stack, image: str) -> None:
    """Kill everything of a purge while the engine cannot remove the volume of the databases."""
    postgres, holder = f"ai-platform-{stack.name}-postgres", f"{stack.directory.name}-holder"
    docker_stack.docker(
        *("run", "--detach", "--name", holder, "--entrypoint=sleep"),
        *(f"--volume={postgres}:/held", image, "600"),
    )
    try:
        process = stack.start_purge()
        eventually(lambda: docker_stack.volumes(stack.name) == [postgres], 120, 0.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        protected = {item.name for item in kept.kept(stack.workspace)}
        assert protected >= {postgres, "postgres-password", "postgres-app-password"}
        # A plugin that stays would remove the volume as soon as nothing holds it.
        stack.workspace.prepare()
        directories = [
            process.directory for process in processes.running().values() if process.plugin
        ]
        assert not [path for path in directories if path.startswith(str(stack.directory))]
    finally:
        docker_stack.docker("rm", "--force", "--volumes", holder)
    assert docker_stack.volumes(stack.name) == [postgres]
