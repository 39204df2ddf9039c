"""The health checks of Redis, on running servers in the states that they must tell apart."""

from pathlib import Path

import pytest

from components.cache import builtin
from components.cache.connection import APPLICATION, APPLICATION_USER
from components.container import Command, Health
from tests.e2e.contracts import engine
from tests.e2e.contracts.engine import HARDENED, Container
from tests.unit.describing import catalogue, settings

PASSWORD = "secret"
SERVER = builtin.redis(settings({"cache": {"memory": "64Mi"}}), catalogue())


def mounts(folder: Path) -> list[str]:
    """The files of the program's server, with passwords."""
    folder.chmod(0o755)
    options = []
    for number, file in enumerate(SERVER.files):
        source = folder / str(number)
        source.write_text(
            file.content.fill({builtin.MONITOR.name: PASSWORD, APPLICATION.name: PASSWORD})
        )
        options.append(f"--volume={source}:{file.path}:ro")
    return options


def healthy(server: Container, health: Health | None) -> bool:
    """The answer of a health check, after the time that it may take."""
    assert health
    assert isinstance(health.ask, Command)
    return server.run("timeout", str(health.timeout), *health.ask.argv).returncode == 0


def answer(server: Container, *command: str) -> str:
    result = server.run(
        "redis-cli", "--user", APPLICATION_USER, *command, env=[f"REDISCLI_AUTH={PASSWORD}"]
    )
    return result.stdout.strip()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The program's server with two clients at most and a volume of four MiB."""
    server = engine.start(
        "redis",
        *SERVER.command,
        *("--maxclients", "2"),
        options=(
            "--user=999:999",
            *HARDENED,
            *mounts(tmp_path_factory.mktemp("redis")),
            "--tmpfs=/data:uid=999,gid=999,size=4m",
        ),
    )
    server.until(lambda: answer(server, "PING") == "PONG")
    return server


def test_a_running_server_is_ready_and_alive(server: Container) -> None:
    assert healthy(server, SERVER.ready)
    assert healthy(server, SERVER.alive)


def test_a_server_without_a_free_connection_is_alive(server: Container) -> None:
    waiting = f"REDISCLI_AUTH={PASSWORD} redis-cli --user {APPLICATION_USER} BLPOP none 3"
    for _ in range(2):
        engine.docker("exec", "--detach", server.id, "sh", "-c", waiting)
    server.until(lambda: not healthy(server, SERVER.ready))
    assert healthy(server, SERVER.alive)


def test_a_server_with_a_full_disk_is_alive_and_not_ready(server: Container) -> None:
    server.until(lambda: healthy(server, SERVER.ready))
    fill = (
        "for key in 1 2 3 4 5 6; do head -c 1000000 /dev/zero | tr '\\0' x | "
        f"REDISCLI_AUTH={PASSWORD} redis-cli --user {APPLICATION_USER} -x SET $key; done"
    )
    server.run("sh", "-c", fill)
    server.until(lambda: answer(server, "SET", "one", "more").startswith("MISCONF"))
    assert not healthy(server, SERVER.ready)
    assert healthy(server, SERVER.alive)


def test_a_server_that_does_not_answer_is_not_alive(server: Container) -> None:
    engine.docker("kill", "--signal=STOP", server.id)
    assert not healthy(server, SERVER.alive)
