"""What a change of a file or a setting changes, and what it leaves alone."""

from pathlib import Path

from tests.e2e.stack import Stack, eventually, said


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line)


def test_a_changed_source_file_changes_the_backends_image_and_container_only(
    running: Stack,
) -> None:
    append(running.tree / "images/api/backend/__init__.py", "# changed\n")
    assert set(running.changes()) == {"image-ai-platform/backend", "backend"}
    before = running.ids()
    result = running.up()
    assert result.returncode == 0, said(result)
    after = running.ids()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {running.container("backend")}
    with running.client("web") as web:
        eventually(lambda: web.get("/api/decisions").status_code == 200)


def test_a_changed_rule_reaches_prometheus_and_nothing_else(running: Stack) -> None:
    append(
        running.tree / "monitoring/prometheus/rules/api.yml",
        "\n  - name: changed\n    rules: [{record: changed:by:test, expr: vector(1)}]\n",
    )
    assert set(running.changes()) == {"prometheus"}
    result = running.up()
    assert result.returncode == 0, said(result)
    with running.client("prometheus") as prometheus:
        groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
    assert "changed" in {group["name"] for group in groups}


def test_a_changed_log_level_reaches_the_services_and_nothing_else(running: Stack) -> None:
    changed = running.changes(api={"log_level": "WARNING"})
    assert set(changed) == {"backend", "decision"}


def test_a_change_by_hand_is_found_by_refresh_and_put_right_by_up(running: Stack) -> None:
    from operations import engine

    name = running.container("redis-exporter")
    engine.docker("stop", name)
    refreshed = running.pulumi("refresh", "--yes")
    assert refreshed.returncode == 0, said(refreshed)
    assert set(running.changes()) == {"redis-exporter"}
    engine.docker("rm", running.container("postgres-exporter"), "--force")
    assert running.pulumi("refresh", "--yes").returncode == 0
    result = running.up()
    assert result.returncode == 0, said(result)
    assert all(each.well for each in engine.containers(running.name))
