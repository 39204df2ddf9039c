"""The web image as a process: its user, its stop, its shared directory."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2

from tests.e2e.web.engine import IMAGE, LABEL, docker, run_web, url, wait_for


def test_it_runs_as_user_101_without_privileges_on_a_read_only_root(web: str) -> None:
    status = docker("exec", web, "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["101"] * 4
    assert fields["Gid"].split() == ["101"] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert docker("exec", web, "touch", "/srv/web/x", check=False).returncode != 0
    assert "[warn]" not in docker("logs", web).stderr


def test_it_answers_within_5_s_of_a_restart_after_a_kill() -> None:
    web = run_web("killed")
    wait_for(f"{url(web)}/health", 200, 10)
    docker("kill", "--signal", "KILL", web)
    docker("start", web)
    wait_for(f"{url(web)}/health", 200, 5)
    wait_for(f"{url(web)}/api/x", 200, 5)


def test_a_stop_lets_a_running_request_finish() -> None:
    web = run_web("stop")
    address = url(web)
    wait_for(f"{address}/api/x", 200, 10)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx2.get, f"{address}/api/slow", timeout=10)
        time.sleep(0.7)
        start = time.monotonic()
        docker("stop", "--time", "25", web)
        assert answer.result().status_code == 200
    assert time.monotonic() - start < 10
    assert docker("inspect", "--format", "{{.State.ExitCode}}", web).stdout.strip() == "0"


def test_the_exporters_user_reads_the_status_in_the_shared_directory(web: str) -> None:
    answer = docker(
        *("run", "--rm", "--label", LABEL, "--user", "1001:1001", "--network", "none"),
        *("--cap-drop", "ALL", "--volumes-from", f"{web}:ro", "--entrypoint", "curl"),
        *(IMAGE, "--silent", "--unix-socket", "/var/run/web/status.sock", "http://web/stub_status"),
    )
    assert answer.stdout.startswith("Active connections:")
