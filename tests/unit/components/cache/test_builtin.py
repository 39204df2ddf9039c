"""Redis, run by the platform."""

import hashlib
import shlex
import subprocess
from typing import Any

import pytest

from components.cache import builtin
from components.container import Command
from components.workload import Workload
from tests.unit.describing import catalogue, settings

PASSWORDS = {"redis-app-password": "app", "redis-monitor-password": "monitor"}


def redis(**cache: Any) -> Workload:
    return builtin.redis(settings({"cache": cache}), catalogue())


def contents(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.fill(PASSWORDS) for file in workload.files}


def configuration(workload: Workload) -> dict[str, str]:
    lines = contents(workload)["/etc/redis/redis.conf"].splitlines()
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def users() -> dict[str, list[str]]:
    lines = contents(redis())[builtin.ACL].splitlines()
    return {line.split()[1]: line.split()[2:] for line in lines}


def shell(question: object) -> str:
    assert isinstance(question, Command)
    return question.argv[2]


def test_at_most_about_a_second_of_writes_is_lost() -> None:
    options = configuration(redis())
    assert (options["appendonly"], options["appendfsync"]) == ("yes", "everysec")
    assert options["dir"] == redis().volumes[0].path
    assert redis().volumes[0].keep


def test_the_settings_limit_the_memory_for_data_and_redis_evicts_old_keys() -> None:
    server = redis(memory="2Gi", maxmemory="512Mi")
    options = configuration(server)
    assert (options["maxmemory"], options["maxmemory-policy"]) == ("512mb", "allkeys-lru")
    assert configuration(redis(memory="2Gi"))["maxmemory"] == "910mb"
    assert server.resources.memory == 2048


def test_redis_repeats_transactions_of_its_append_only_file_with_all_rights() -> None:
    assert users()["default"][1:] == ["~*", "&*", "+@all"]


def test_nobody_logs_in_without_a_password() -> None:
    assert configuration(redis())["aclfile"] == builtin.ACL
    assert users()["default"][0] == "off"


def test_the_acl_file_contains_hashes_of_passwords_only() -> None:
    digest = hashlib.sha256(b"app").hexdigest()
    assert f"#{digest}" in users()["platform"]
    assert ">app" not in contents(redis())[builtin.ACL]


def test_the_application_cannot_administer_the_server() -> None:
    rights = users()["platform"]
    assert rights.index("-@admin") > rights.index("+@all")
    assert rights.index("-@dangerous") > rights.index("+@all")


def test_the_monitor_reads_statistics_and_no_keys() -> None:
    rights = users()["monitor"]
    assert "resetkeys" in rights
    assert "-@all" in rights
    assert not [right for right in rights if right.startswith("~")]
    assert not {"+get", "+@read", "+config", "+client"} & set(rights)


def test_health_checks_compare_the_answer_of_an_authenticated_ping() -> None:
    """redis-cli also exits with 0 on NOAUTH and LOADING."""
    server = redis()
    assert server.ready is not None
    assert server.alive is not None
    login = 'REDISCLI_AUTH="$(cat /run/secrets/redis-monitor-password)" redis-cli --user monitor'
    assert shell(server.ready.ask) == f"{login} ping | grep -qx PONG"
    assert contents(server)["/run/secrets/redis-monitor-password"] == "monitor"


@pytest.mark.parametrize(
    ("output", "alive"),
    [
        ("PONG", True),
        ("LOADING Redis is loading the dataset in memory", True),
        ("MISCONF Errors writing to the AOF file: No space left on device", True),
        ("BUSY Redis is busy running a script.", True),
        ("MASTERDOWN Link with MASTER is down", True),
        ("NOAUTH Authentication required.", True),
        ("AUTH failed: WRONGPASS invalid username-password pair or user is disabled.", True),
        ("AUTH failed: ERR max number of clients reached", True),
        ("Could not connect to Redis at 127.0.0.1:6379: Connection refused", False),
        ("Error: Server closed the connection", False),
        ("Error: Connection reset by peer", False),
        ("AUTH failed: Server closed the connection", False),
        ("", False),
    ],
)
def test_every_answer_of_the_server_means_that_it_is_alive(output: str, alive: bool) -> None:
    """Here `echo` prints what redis-cli prints. tests/e2e/contracts/test_redis.py asks a server."""
    server = redis()
    assert server.alive is not None
    command = shell(server.alive.ask).replace(
        builtin.PING, f"(echo {shlex.quote(output)} >&2)" if output else "true"
    )
    assert (subprocess.run(["sh", "-c", command], check=False).returncode == 0) is alive


def test_the_server_itself_serves_no_metrics() -> None:
    assert list(redis().scrape_targets()) == []
