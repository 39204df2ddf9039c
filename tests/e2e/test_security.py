"""Who may talk to whom, what a published port gives away, and where a secret shows."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from operations import docker_stack
from tests.e2e.stack import Stack, output_of

PORTS = (22, 53, 80, 443, 3000, 5432, 6379, 8000, 8001, 8080, 8081, 9090, 9093, 9113, 9121, 9187)


def addresses(stack: Stack) -> dict[str, str]:
    """Every address of every container, with the workload that has it."""
    return {
        network["IPAddress"]: name
        for name in workloads(stack)
        for network in stack.inspect(name)["NetworkSettings"]["Networks"].values()
    }


def workloads(stack: Stack) -> list[str]:
    prefix = stack.container("")
    return [each.name.removeprefix(prefix) for each in docker_stack.containers(stack.name)]


# Asks all ports of all addresses at once: what is not allowed does not answer at all.
ASK = """
import asyncio, json, sys
async def answers(address, port):
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 3)
    except OSError:
        return False
    writer.close()
    return True
async def main(pairs):
    found = await asyncio.gather(*(answers(*pair) for pair in pairs))
    print(json.dumps([pair for pair, open in zip(pairs, found) if open]))
asyncio.run(main([(address, port) for address in json.loads(sys.argv[1])
                  for port in json.loads(sys.argv[2])]))
"""


def reached(stack: Stack, client: str) -> set[tuple[str, int]]:
    """The workloads and their ports that a container reaches, asked from its network."""
    place = addresses(stack)
    pid = stack.inspect(client)["State"]["Pid"]
    command = ["nsenter", "-t", str(pid), "-n", sys.executable, "-c", ASK]
    asked = subprocess.run(
        [*command, json.dumps(list(place)), json.dumps(PORTS)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {(place[address], port) for address, port in json.loads(asked.stdout)}
    return {(name, port) for name, port in found if name != client}


def test_from_inside_web_nothing_but_the_backend_can_be_reached(stack: Stack) -> None:
    """No server of ours, and nothing beyond this machine: docs/decisions/0002 has what is left."""
    assert reached(stack, "frontend") == {("backend", 8000)}


def test_nothing_but_its_clients_reaches_database_and_cache(stack: Stack) -> None:
    servers = {("postgres", 5432), ("redis", 6379)}
    found = {
        (client, *server)
        for client in workloads(stack)
        for server in servers & reached(stack, client)
    }
    assert found == {
        ("backend", "postgres", 5432),
        ("postgres-exporter", "postgres", 5432),
        ("backend", "redis", 6379),
        ("redis-exporter", "redis", 6379),
    }


def test_no_published_port_gives_data_away_or_takes_an_administrative_call(stack: Stack) -> None:
    refused = [
        ("web", "GET", "/api/decisions"),
        ("web", "POST", "/api/decisions"),
        ("web", "GET", "/metrics"),
        ("backend", "GET", "/api/decisions"),
        ("backend", "POST", "/api/decisions"),
        ("decision", "POST", "/decide"),
        ("prometheus", "POST", "/-/quit"),
        ("prometheus", "POST", "/-/reload"),
        ("prometheus", "POST", "/api/v1/admin/tsdb/snapshot"),
        ("alertmanager", "GET", "/api/v2/status"),
        ("alertmanager", "POST", "/api/v2/silences"),
        ("alertmanager", "POST", "/api/v2/alerts"),
        ("alertmanager", "POST", "/-/reload"),
    ]
    for endpoint, method, path in refused:
        url = stack.endpoints()[endpoint]
        answer = httpx2.request(method, f"{url}{path}", json={})
        assert answer.status_code >= 400, (endpoint, method, path, answer.text)


def test_every_published_port_is_on_loopback(stack: Stack) -> None:
    for name in workloads(stack):
        for bindings in stack.inspect(name)["NetworkSettings"]["Ports"].values():
            assert {binding["HostIp"] for binding in bindings or []} <= {"127.0.0.1"}, name


def test_every_container_is_confined_as_designed(stack: Stack) -> None:
    """No exceptions: every image runs without root."""
    for name in workloads(stack):
        inspected = stack.inspect(name)
        host, config = inspected["HostConfig"], inspected["Config"]
        assert int(config["User"].split(":")[0]) > 0, name
        assert host["CapDrop"] == ["ALL"], name
        assert host["CapAdd"] is None, name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["Memory"] == host["MemorySwap"] > 0, name
        assert host["NanoCpus"] > 0, name
        assert host["RestartPolicy"]["Name"] == "unless-stopped", name
        assert host["LogConfig"] == {
            "Type": "json-file",
            "Config": {"max-file": "3", "max-size": "10m"},
        }, name
        assert not host["Privileged"], name
        pid = inspected["State"]["Pid"]
        status = engine_status(pid)
        assert status["NoNewPrivs"] == "1", name
        assert int(status["CapEff"], 16) == 0, name
        assert status["Uid"].split()[0] == config["User"].split(":")[0], name


def engine_status(pid: int) -> dict[str, str]:
    """What the kernel says of a container's first process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def secrets(stack: Stack) -> list[str]:
    """Every secret that the stack generated, in clear."""
    exported = stack.pulumi("stack", "export", "--show-secrets")
    return [
        json.loads(resource["outputs"]["result"]["plaintext"])
        for resource in json.loads(exported.stdout)["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]


def test_a_secret_shows_nowhere(stack: Stack) -> None:
    marked = secrets(stack)
    assert len(marked) >= 7
    assert all(len(secret) == 32 for secret in marked)
    names = workloads(stack)
    shown = {
        "state": output_of(stack.pulumi("stack", "export")),
        "outputs": output_of(stack.pulumi("stack", "output", "--json")),
        "preview": output_of(stack.pulumi("preview", "--diff", api={"log_level": "DEBUG"})),
        "inspect": docker_stack.docker("inspect", *map(stack.container, names)),
        "processes": subprocess.run(["ps", "axww"], capture_output=True, text=True).stdout,
        "environments": "".join(environments(stack)),
        "logs": "".join(output_of(stack.logs(name)) for name in names),
    }
    for place, text in shown.items():
        assert text, place
        assert not [secret for secret in marked if secret in text], place


@pytest.mark.parametrize("workload", ["backend", "decision", "frontend"])
def test_a_secret_is_in_no_layer_of_an_image_that_up_built(stack: Stack, workload: str) -> None:
    marked = [secret.encode() for secret in secrets(stack)]
    read = 0
    for content in saved(stack.inspect(workload)["Image"]):
        read += len(content)
        assert not [secret for secret in marked if secret in content]
    assert read > 10**6


def saved(image: str) -> Iterator[bytes]:
    """Each layer of an image, and its configuration; newer engines keep layers compressed."""
    whole = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(whole)) as members:
        for member in members:
            content = members.extractfile(member)
            if content:
                read = content.read()
                yield gzip.decompress(read) if read.startswith(b"\x1f\x8b") else read


def environments(stack: Stack) -> Iterator[str]:
    for name in workloads(stack):
        yield Path(f"/proc/{stack.inspect(name)['State']['Pid']}/environ").read_text()


def test_what_the_state_holds_of_secrets_is_encrypted(stack: Stack) -> None:
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    passwords = [
        resource["outputs"]["result"]
        for resource in exported["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]
    assert passwords
    assert all("ciphertext" in password for password in passwords)
