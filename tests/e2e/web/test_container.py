"""The gateway as a process: its user, its stop, its shared directory."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from tests.e2e.web.engine import (
    BASE,
    HEALTH,
    LABEL,
    docker,
    remove,
    run_exporter,
    run_gateway,
    url,
    wait_for,
)


def test_it_runs_as_user_101_without_privileges_on_a_read_only_root(gateway: str) -> None:
    status = docker("exec", gateway, "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["101"] * 4
    assert fields["Gid"].split() == ["101"] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert docker("exec", gateway, "touch", "/etc/gateway/x", check=False).returncode != 0
    assert "[warn]" not in docker("logs", gateway).stderr


def test_it_answers_within_5_s_of_a_restart_after_a_kill(page: str) -> None:
    gateway = run_gateway("killed")
    wait_for(f"{url(gateway)}{HEALTH}", 200, 10)
    docker("kill", "--signal", "KILL", gateway)
    docker("start", gateway)
    wait_for(f"{url(gateway)}{HEALTH}", 200, 5)
    wait_for(f"{url(gateway)}/api/x", 200, 5)
    remove(gateway)


def test_it_waits_a_little_for_a_name_server_and_then_ends(tmp_path: Path) -> None:
    """Without one it would serve no route, and it reads the list at its start only."""
    tmp_path.chmod(0o755)
    lists = {name: tmp_path / name for name in ("late", "nameless")}
    gateways = {}
    for name, path in lists.items():
        path.touch(0o644)
        gateways[name] = run_gateway(name, None, "--volume", f"{path}:/etc/resolv.conf:ro")
    lists["late"].write_text("nameserver 127.0.0.11\n")
    wait_for(f"{url(gateways['late'])}/api/x", 200, 10)
    assert docker("wait", gateways["nameless"]).stdout.strip() == "1"
    assert "names no name server" in docker("logs", gateways["nameless"]).stderr
    for gateway in gateways.values():
        remove(gateway)


def test_a_stop_lets_a_running_request_finish() -> None:
    gateway = run_gateway("stop")
    address = url(gateway)
    wait_for(f"{address}/api/x", 200, 10)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx2.get, f"{address}/api/slow", timeout=10)
        time.sleep(0.7)
        start = time.monotonic()
        docker("stop", "--time", "25", gateway)
        assert answer.result().status_code == 200
    assert time.monotonic() - start < 10
    assert docker("inspect", "--format", "{{.State.ExitCode}}", gateway).stdout.strip() == "0"
    remove(gateway)


def test_open_requests_are_cut_10_s_before_the_grace_period_ends() -> None:
    gateway = run_gateway("cut", {"web": {"gateway": {"stop_grace": 15}}})
    arguments = docker("exec", gateway, "cat", "/proc/1/cmdline").stdout
    assert "worker_shutdown_timeout 5s;" in arguments
    remove(gateway)


def test_the_exporters_user_reads_the_status_in_the_shared_directory(gateway: str) -> None:
    socket = "/var/cache/nginx/status.sock"
    answer = docker(
        *("run", "--rm", "--label", LABEL, "--user", "1001:1001", "--network", "none"),
        *("--cap-drop", "ALL", "--volumes-from", f"{gateway}:ro", "--entrypoint", "curl"),
        *(BASE, "--silent", "--unix-socket", socket, "http://gateway/stub_status"),
    )
    assert answer.stdout.startswith("Active connections:")


def test_the_exporter_waits_for_an_nginx_that_starts_later() -> None:
    gateway = run_gateway("later")
    docker("stop", gateway)
    exporter = run_exporter("early", gateway)
    time.sleep(1)
    docker("start", gateway)
    metrics = wait_for(f"{url(exporter, 9113)}/metrics", 200, 10).text
    assert "\nnginx_up 1\n" in metrics
    state = docker("inspect", "--format", "{{.State.Running}} {{.RestartCount}}", exporter)
    assert state.stdout.strip() == "true 0"
    remove(exporter)
    remove(gateway)
