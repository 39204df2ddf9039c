"""A new stack becomes healthy, answers, and keeps its data."""

import re
from typing import Any

from operations import docker_stack
from tests.e2e.stack import Stack, eventually, output_of

OBSERVATION = {"source": "camera-e2e", "pixels": [0.0] * 24 + [16.0] * 16 + [0.0] * 24}


def decide(stack: Stack) -> dict[str, Any]:
    with stack.client("web") as web:
        answer = web.post("/api/decisions", json=OBSERVATION)
        assert answer.status_code == 201, answer.text
        decision: dict[str, Any] = answer.json()
        return decision


def rows(stack: Stack, decision_id: str) -> str:
    """The number of rows in the database, as its superuser sees it inside the container."""
    query = f"SELECT count(*) FROM decisions WHERE id = '{decision_id}'"  # noqa: S608 (a UUID)
    result = stack.inside(
        "postgres",
        "sh",
        "-c",
        'PGPASSWORD="$(cat /run/secrets/postgres-password)" '
        f'psql -qtAX -h 127.0.0.1 -U postgres -d platform -c "{query}"',
    )
    return result.stdout.strip()


def test_up_creates_a_stack_with_healthy_containers(stack: Stack) -> None:
    containers = docker_stack.containers(stack.name)
    assert len(containers) >= 11
    assert [container for container in containers if not container.healthy] == []


def test_every_endpoint_in_the_outputs_answers(stack: Stack) -> None:
    """Where people open an endpoint in a browser, its first page exists, with every catalogue."""
    paths = {
        "web": "/",
        "backend": "/ready",
        "decision": "/ready",
        "prometheus": "/",
        "alertmanager": "/",
        "grafana": "/",
    }
    endpoints = stack.endpoints()
    assert set(endpoints) == set(paths)
    for name, url in endpoints.items():
        if url is not None:
            with stack.client(name) as client:
                answer = client.get(paths[name], follow_redirects=True)
                assert answer.status_code == 200, (name, answer.url)
                if paths[name] == "/":
                    assert answer.headers["Content-Type"].startswith("text/html"), name


def test_a_decision_is_stored_then_cached_and_survives_a_clean_stop_of_every_container(
    stack: Stack,
) -> None:
    decision = decide(stack)
    path = f"/api/decisions/{decision['id']}"
    assert rows(stack, decision["id"]) == "1"
    with stack.client("web") as web:
        first, second = web.get(path), web.get(path)
        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("miss", "hit")
        assert first.json() == second.json() == decision
        stop_and_start(stack)
        answer = eventually(lambda: web.get(path))
        assert answer.json() == decision


def stop_and_start(stack: Stack) -> None:
    """Restart all containers at once. No stop needs a kill, and servers exit cleanly."""
    names = [container.name for container in docker_stack.containers(stack.name)]
    docker_stack.docker("stop", *names)
    output = docker_stack.docker("inspect", "--format", "{{.Name}} {{.State.ExitCode}}", *names)
    codes = dict(line.lstrip("/").split() for line in output.splitlines())
    log = output_of(stack.logs("postgres", "--tail", "20"))
    docker_stack.docker("start", *names)
    assert [name for name, code in codes.items() if code == "137"] == []
    for workload in ("postgres", "redis", "backend", "decision", "frontend", "prometheus"):
        assert codes[stack.container(workload)] in ("0", "130", "143"), (workload, codes)
    assert "database system is shut down" in log, log
    eventually(lambda: all_healthy(stack), 120)


def all_healthy(stack: Stack) -> bool:
    return all(container.healthy for container in docker_stack.containers(stack.name))


def test_a_second_up_a_preview_and_a_refresh_change_nothing(stack: Stack) -> None:
    before = stack.ids()
    for verb in (("up", "--yes", "--skip-preview"), ("preview",), ("refresh", "--yes")):
        result = stack.pulumi(*verb, "--expect-no-changes")
        assert result.returncode == 0, output_of(result)
    assert stack.ids() == before


def test_the_platform_works_without_the_cache(stack: Stack) -> None:
    decision = decide(stack)
    docker_stack.docker("stop", stack.container("redis"))
    try:
        with stack.client("web") as web:
            answer = web.get(f"/api/decisions/{decision['id']}")
            assert (answer.status_code, answer.headers["X-Cache"]) == (200, "miss")
            assert web.get("/api/status").json()
        # The alerts CacheUnreachable and RedisDown ask for this.
        assert reached(stack) == {"database": "1.0", "cache": "0.0"}
    finally:
        docker_stack.docker("start", stack.container("redis"))
        eventually(lambda: all_healthy(stack))


def reached(stack: Stack) -> dict[str, str]:
    """Which servers the backend says that it reaches."""
    url = "http://127.0.0.1:8000/metrics"
    ask = f"from urllib.request import urlopen; print(urlopen('{url}').read().decode())"
    metrics = stack.inside("backend", "python3", "-c", ask).stdout
    return dict(re.findall(r'^dependency_up{dependency="(\w+)"} (.*)$', metrics, re.MULTILINE))
