"""Connections between containers, published ports, and places where a secret could appear."""

import gzip
import io
import json
import re
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from operations import docker_stack
from tests.e2e.stack import Stack, output_of, variables

# Asked of every container, beside the ports that the images of the stack expose.
COMMON_PORTS = {22, 53, 80, 443, 3000, 8080, 8081}


def addresses(stack: Stack) -> dict[str, str]:
    """The workload of every address of every container."""
    return {
        network["IPAddress"]: name
        for name in workloads(stack)
        for network in stack.inspect(name)["NetworkSettings"]["Networks"].values()
    }


def ports(stack: Stack) -> list[int]:
    """Every port on which a container of the stack may listen."""
    exposed = {
        int(port.partition("/")[0])
        for name in workloads(stack)
        for port in stack.inspect(name)["Config"].get("ExposedPorts") or {}
    }
    assert exposed >= {5432, 6379, 8000, 9090}
    return sorted(COMMON_PORTS | exposed)


def workloads(stack: Stack) -> list[str]:
    prefix = stack.container("")
    return [
        container.name.removeprefix(prefix) for container in docker_stack.containers(stack.name)
    ]


# Connects to all ports of all addresses at once: a forbidden connection gets no answer.
CONNECT = """
import asyncio, json, sys
async def answers(address, port):
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 3)
    except OSError:
        return False
    writer.close()
    return True
async def main(pairs):
    results = await asyncio.gather(*(answers(*pair) for pair in pairs))
    print(json.dumps([pair for pair, open in zip(pairs, results) if open]))
asyncio.run(main([(address, port) for address in json.loads(sys.argv[1])
                  for port in json.loads(sys.argv[2])]))
"""


def reachable(stack: Stack, client: str) -> set[tuple[str, int]]:
    """The workloads and ports that a container reaches from its network namespace."""
    workload_of = addresses(stack)
    pid = stack.inspect(client)["State"]["Pid"]
    command = ["nsenter", "-t", str(pid), "-n", sys.executable, "-c", CONNECT]
    result = subprocess.run(
        [*command, json.dumps(list(workload_of)), json.dumps(ports(stack))],
        capture_output=True,
        text=True,
        check=True,
    )
    open_ports = {(workload_of[address], port) for address, port in json.loads(result.stdout)}
    return {(name, port) for name, port in open_ports if name != client}


def test_the_gateway_reaches_what_its_routes_name_and_the_page_reaches_nothing(
    stack: Stack,
) -> None:
    """docs/decisions/0002 lists the addresses that a container can still reach."""
    # The prober is on the gateway's own network, as its client.
    routes = {("backend", 8000), ("frontend", 8080)}
    assert reachable(stack, "gateway") == routes | {("prober", 9115)}
    # Both are on the page's network, and either can connect to the other's ports there.
    assert reachable(stack, "frontend") == {("gateway", 8080)}


def test_only_their_clients_reach_the_database_and_the_cache(stack: Stack) -> None:
    servers = {("postgres", 5432), ("redis", 6379)}
    connections = {
        (client, *server)
        for client in workloads(stack)
        for server in servers & reachable(stack, client)
    }
    exporters = {
        (name, *server)
        for name in workloads(stack)
        for server in servers
        if re.fullmatch(rf"{server[0]}-(.+-)?exporter", name)
    }
    assert len(exporters) >= 2
    services = {("backend", *server) for server in servers}
    assert connections == services | exporters | {("backup", "postgres", 5432)}


def test_published_ports_reject_data_requests_and_administrative_calls_without_a_login(
    stack: Stack,
) -> None:
    requests = [
        ("web", "GET", "/api/decisions"),
        ("web", "POST", "/api/decisions"),
        ("web", "GET", "/metrics"),
        ("web", "GET", "/api/../metrics"),
        ("backend", "GET", "/api/decisions"),
        ("backend", "POST", "/api/decisions"),
        ("decision", "POST", "/decide"),
        ("prometheus", "GET", "/debug/pprof/"),
        ("prometheus", "GET", "/metrics"),
        ("prometheus", "GET", "/federate"),
        ("prometheus", "GET", "/api/v1/status/config"),
        ("prometheus", "POST", "/api/v1/query"),
        ("prometheus", "POST", "/-/quit"),
        ("prometheus", "POST", "/-/reload"),
        ("prometheus", "POST", "/api/v1/admin/tsdb/snapshot"),
        ("alertmanager", "GET", "/api/v1/status"),
        ("alertmanager", "GET", "/api/v2/status"),
        ("alertmanager", "GET", "/debug/pprof/"),
        ("alertmanager", "GET", "/metrics"),
        ("alertmanager", "POST", "/api/v2/silences"),
        ("alertmanager", "POST", "/api/v2/alerts"),
        ("alertmanager", "POST", "/-/reload"),
    ]
    endpoints = stack.endpoints()
    with httpx2.Client() as client:
        for endpoint, method, path in requests:
            answer = client.request(method, f"{endpoints[endpoint]}{path}", json={})
            assert answer.status_code >= 400, (endpoint, method, path, answer.text)


def answer(address: str, path: str) -> bytes:
    """The answer to a request whose path no HTTP client normalises."""
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_no_spelling_of_a_path_passes_a_gateway(stack: Stack) -> None:
    paths = [
        ("web", "/api/../metrics"),
        # nginx reads these as an open path, and the server behind it may not.
        ("prometheus", "/api/v1/status/config/..%2f..%2fquery"),
        ("prometheus", "/debug/pprof/..%2f..%2fgraph"),
        ("prometheus", "/%64ebug/pprof/"),
        ("prometheus", "/static/../debug/pprof/"),
        ("alertmanager", "/api/v2/status/..%2falerts"),
        ("alertmanager", "/%64ebug/pprof/"),
        ("alertmanager", "/lib/../debug/pprof/"),
    ]
    endpoints = stack.endpoints()
    for endpoint, path in paths:
        received = answer(str(endpoints[endpoint]), path)
        assert received.split()[1] == b"404", (endpoint, path, received)
        # The gateway answered itself.
        own = b"not_found" if endpoint == "web" else b"<center>nginx"
        assert own in received, (endpoint, path, received)


def test_the_pages_of_monitoring_open_with_all_that_they_need(stack: Stack) -> None:
    endpoints = stack.endpoints()
    with httpx2.Client(follow_redirects=True) as client:
        for endpoint in ("prometheus", "alertmanager"):
            page = client.get(str(endpoints[endpoint]))
            assert page.status_code == 200
            needed = re.findall(r'(?:src|href)="(?!https?:|#|metrics|-/|//)([^"]+)"', page.text)
            # No page shows the configuration.
            for path in set(needed) - {"/classic/config"}:
                answer = client.get(page.url.join(path))
                assert answer.status_code == 200, (endpoint, path)
        # Where the official version has them, too.
        for path in ("/targets", "/alerts"):
            assert client.get(f"{endpoints['prometheus']}{path}").status_code == 200


def test_every_published_port_is_on_loopback(stack: Stack) -> None:
    for name in workloads(stack):
        for bindings in stack.inspect(name)["NetworkSettings"]["Ports"].values():
            assert {binding["HostIp"] for binding in bindings or []} <= {"127.0.0.1"}, name


def test_every_container_has_limits_and_no_privileges(stack: Stack) -> None:
    """Without exceptions: every image runs without root."""
    for name in workloads(stack):
        container = stack.inspect(name)
        host, config = container["HostConfig"], container["Config"]
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
        pid = container["State"]["Pid"]
        status = process_status(pid)
        assert status["NoNewPrivs"] == "1", name
        assert int(status["CapEff"], 16) == 0, name
        assert status["Uid"].split()[0] == config["User"].split(":")[0], name


def process_status(pid: int) -> dict[str, str]:
    """The kernel's status of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def secrets(stack: Stack) -> list[str]:
    """Every secret that the stack generated, in plain text."""
    exported = stack.pulumi("stack", "export", "--show-secrets")
    return [
        json.loads(resource["outputs"]["result"]["plaintext"])
        for resource in json.loads(exported.stdout)["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]


def test_no_output_contains_a_secret(stack: Stack) -> None:
    passwords = secrets(stack)
    assert len(passwords) >= 7
    assert all(len(secret) == 32 for secret in passwords)
    names = workloads(stack)
    texts = {
        "state": output_of(stack.pulumi("stack", "export")),
        "outputs": output_of(stack.pulumi("stack", "output", "--json")),
        "preview": output_of(stack.pulumi("preview", "--diff", api=variables(LOG_LEVEL="DEBUG"))),
        "inspect": docker_stack.docker("inspect", *map(stack.container, names)),
        "processes": subprocess.run(["ps", "axww"], capture_output=True, text=True).stdout,
        "environments": "".join(environments(stack)),
        "logs": "".join(output_of(stack.logs(name)) for name in names),
    }
    for place, text in texts.items():
        assert text, place
        assert not [secret for secret in passwords if secret in text], place


@pytest.mark.parametrize("workload", ["backend", "decision", "frontend"])
def test_a_secret_is_in_no_layer_of_an_image_that_up_built(stack: Stack, workload: str) -> None:
    passwords = [secret.encode() for secret in secrets(stack)]
    read = 0
    for content in layers(stack.inspect(workload)["Image"]):
        read += len(content)
        assert not [secret for secret in passwords if secret in content]
    assert read > 10**6


def layers(image: str) -> Iterator[bytes]:
    """Each layer of an image, and its configuration; newer engines keep layers compressed."""
    archive = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            content = members.extractfile(member)
            if content:
                read = content.read()
                yield gzip.decompress(read) if read.startswith(b"\x1f\x8b") else read


def environments(stack: Stack) -> Iterator[str]:
    for name in workloads(stack):
        yield Path(f"/proc/{stack.inspect(name)['State']['Pid']}/environ").read_text()


def test_secrets_in_the_state_are_encrypted(stack: Stack) -> None:
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    passwords = [
        resource["outputs"]["result"]
        for resource in exported["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]
    assert passwords
    assert all("ciphertext" in password for password in passwords)
