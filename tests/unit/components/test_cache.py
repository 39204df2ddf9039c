"""The cache tier's description: Redis, its exporter, and how a service reaches it."""

import hashlib
import json
from typing import Any

import pytest

from components import cache
from components.workload import Command, Outside, Workload
from tests.unit.describing import catalogue, settings
from tests.unit.rendering import Rendered, render

EXTERNAL: dict[str, dict[str, Any]] = {
    "cache": {
        "mode": "external",
        "external": {"host": "cache.example.com", "user": "me", "password": "p/w"},
    }
}
VALUES = {"redis-app-password": "app", "redis-monitor-password": "monitor"}


def redis(**given: Any) -> Workload:
    return cache.redis(settings({"cache": given}), catalogue())


def filled(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.fill(VALUES) for file in workload.files}


def configuration(workload: Workload) -> dict[str, str]:
    lines = filled(workload)["/etc/redis/redis.conf"].splitlines()
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def users() -> dict[str, list[str]]:
    lines = filled(redis())[cache.ACL].splitlines()
    return {line.split()[1]: line.split()[2:] for line in lines}


def ask(question: object) -> str:
    assert isinstance(question, Command)
    return question.argv[2]


@pytest.fixture(scope="module")
def external() -> Rendered:
    return render(EXTERNAL, secret=("cache",))


def test_a_connection_to_an_external_server_speaks_tls_where_the_settings_say_so() -> None:
    server = EXTERNAL["cache"]["external"] | {"tls": True}
    given = {"cache": {"mode": "external", "external": server}}
    connection = cache.connection(settings(given, secret=("cache",)))
    assert connection.url.fill({"cache-password": "pw"}) == (
        "rediss://me:pw@cache.example.com:6379/0"
    )


def test_services_connect_with_a_user_and_a_password() -> None:
    connection = cache.connection(settings())
    assert connection.url.fill(VALUES) == "redis://platform:app@ai-platform-redis:6379/0"
    assert connection.reach == cache.REDIS
    assert connection.starts_after == ("redis",)


def test_a_connection_to_an_external_server_is_what_the_settings_say() -> None:
    connection = cache.connection(settings(EXTERNAL, secret=("cache",)))
    assert connection.url.fill({"cache-password": "p/w"}) == (
        "redis://me:p%2Fw@cache.example.com:6379/0"
    )
    assert connection.reach == Outside(name="cache", ports=(6379,))
    assert connection.starts_after == ()


def test_an_external_server_leaves_nothing_to_run(external: Rendered) -> None:
    assert not {"redis", "redis-exporter"} & set(external.containers())
    assert not [name for name in external.of_type("RandomPassword") if "redis" in name]


def test_writes_are_kept_to_about_a_second() -> None:
    found = configuration(redis())
    assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")
    assert found["dir"] == redis().volumes[0].path
    assert redis().volumes[0].keep


def test_memory_for_data_is_the_settings_own_and_the_oldest_keys_give_way() -> None:
    found = configuration(redis(memory="2Gi", maxmemory="1Gi"))
    assert (found["maxmemory"], found["maxmemory-policy"]) == ("1024mb", "allkeys-lru")
    assert redis(memory="2Gi", maxmemory="1Gi").resources.memory == 2048


def test_nobody_enters_without_a_password() -> None:
    assert configuration(redis())["aclfile"] == cache.ACL
    assert users().pop("default") == ["off"]


def test_the_acl_file_has_digests_of_the_passwords_and_no_password() -> None:
    digest = hashlib.sha256(b"app").hexdigest()
    assert f"#{digest}" in users()["platform"]
    assert ">app" not in filled(redis())[cache.ACL]


def test_the_application_may_not_administer_the_server() -> None:
    rights = users()["platform"]
    assert rights.index("-@admin") > rights.index("+@all")
    assert rights.index("-@dangerous") > rights.index("+@all")


def test_the_monitor_reads_figures_and_no_key() -> None:
    rights = users()["monitor"]
    assert "resetkeys" in rights
    assert "-@all" in rights
    assert not [right for right in rights if right.startswith("~")]
    assert not {"+get", "+@read", "+config", "+client"} & set(rights)


def test_ready_and_alive_are_an_authenticated_ping_whose_answer_is_read() -> None:
    """redis-cli exits 0 on NOAUTH and on LOADING."""
    workload = redis()
    assert workload.ready is not None
    assert workload.alive is not None
    login = 'REDISCLI_AUTH="$(cat /run/secrets/redis-monitor-password)" redis-cli --user monitor'
    assert ask(workload.ready.ask) == f"{login} ping | grep -qx PONG"
    assert ask(workload.alive.ask) == f"{login} ping | grep -qE '^(PONG|LOADING)'"


def test_the_exporter_finds_its_password_by_the_servers_address() -> None:
    exporter = cache.exporter(catalogue())
    passwords = json.loads(filled(exporter)[exporter.env["REDIS_PASSWORD_FILE"]])
    assert passwords == {exporter.env["REDIS_ADDR"]: "monitor"}
    assert exporter.env["REDIS_ADDR"] == "redis://ai-platform-redis:6379"
    assert exporter.metrics_of == "redis"
    assert exporter.reaches == (cache.REDIS,)
