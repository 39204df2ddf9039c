"""What a stack needs of a cluster, tried on the one that `make cluster` makes where no tool is."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster import node, node_container
from operations import cluster as verbs
from operations import docker_stack
from tests.e2e.cluster.objects import (
    SERVE,
    claim,
    deployment,
    ingress,
    pod,
    service,
    shell,
)
from tests.e2e.cluster.temporary import Cluster, temporary_cluster
from tests.e2e.stack import eventually

NAME = "ai-platform-e2e-node"
HOST = "shop.example.com"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster(NAME) as cluster:
        yield cluster


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace that takes only pods that pass the `restricted` level."""
    name = request.node.name.replace("_", "-")[:50].strip("-")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    )
    account = ("get", "serviceaccount", "default", f"--namespace={name}")
    eventually(lambda: cluster.kubectl(*account))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


def test_a_services_name_leads_to_each_of_its_pods(cluster: Cluster, namespace: str) -> None:
    web = deployment(namespace, "web", shell(cluster, SERVE), replicas=2)
    cluster.apply(web, service(namespace, "web"))
    cluster.rolled_out(namespace, "web")
    # For some seconds: kube-proxy learns of a ready pod a moment later than the API server.
    url = f"http://web.{namespace}.svc.cluster.local"
    ask = f"for each in $(seq 40); do wget -qO- {url}; sleep 0.1; done"
    cluster.apply(pod(namespace, "client", shell(cluster, ask)))
    answers = cluster.finished(namespace, "client").split()
    pods = cluster.get("pods", f"--namespace={namespace}", "--selector=app=web")["items"]
    assert len(answers) == 40
    assert set(answers) == {each["metadata"]["name"] for each in pods}
    assert len(pods) == 2


def test_an_ingress_serves_its_certificate_and_redirects_to_https(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    trusted = certificate(cluster, namespace, "web", HOST)
    cluster.apply(
        deployment(namespace, "web", shell(cluster, SERVE), replicas=1),
        service(namespace, "web"),
        ingress(namespace, "web", HOST),
    )
    cluster.rolled_out(namespace, "web")
    context = ssl.create_default_context(cadata=trusted)
    ports = cluster.local.ports
    with httpx2.Client(verify=context, headers={"Host": HOST}, timeout=10) as client:
        secure = client.build_request("GET", f"https://127.0.0.1:{ports.https}/")
        secure.extensions["sni_hostname"] = HOST
        eventually(lambda: client.send(secure).text.startswith("web-"))
        plain = client.get(f"http://127.0.0.1:{ports.http}/")
    assert plain.status_code == 308
    assert plain.headers["Location"].startswith(f"https://{HOST}")

    def address() -> Any:
        status = cluster.get("ingress", "web", f"--namespace={namespace}")["status"]
        return status["loadBalancer"].get("ingress")

    assert eventually(address) == [{"hostname": "localhost"}]


def test_a_claim_gets_a_volume_that_honours_fs_group_and_goes_with_it(
    cluster: Cluster, namespace: str
) -> None:
    identity = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 2000}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    rest = {"securityContext": identity, "volumes": volumes}
    write = "echo kept > /data/file && stat -c %u:%g /data/file /data"
    cluster.apply(claim(namespace, "data"), pod(namespace, "writer", shell(cluster, write, **rest)))
    assert cluster.finished(namespace, "writer").split() == ["1000:2000", "0:2000"]
    cluster.apply(pod(namespace, "reader", shell(cluster, "cat /data/file", **rest)))
    assert cluster.finished(namespace, "reader") == "kept\n"
    cluster.kubectl("delete", "pod", "--all", f"--namespace={namespace}")
    cluster.kubectl("delete", "pvc", "data", f"--namespace={namespace}")
    eventually(lambda: not cluster.get("persistentvolumes")["items"])
    assert node.inside(cluster.local, "ls", f"{node_container.STATE}/volumes") == ""


def test_a_restricted_namespace_refuses_what_may_become_more(
    cluster: Cluster, namespace: str
) -> None:
    spec = shell(cluster, "true")
    del spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        cluster.apply(pod(namespace, "free", spec))
    assert 'violates PodSecurity "restricted:latest"' in refused.value.stderr


def test_a_limit_of_memory_is_kept(cluster: Cluster, namespace: str) -> None:
    spec = shell(cluster, "head -c 100000000 /dev/zero | tail")
    spec["containers"][0]["resources"] = {"limits": {"memory": "32Mi"}}
    cluster.apply(pod(namespace, "greedy", spec))

    def reason() -> str:
        found = cluster.get("pod", "greedy", f"--namespace={namespace}")
        (status,) = found["status"]["containerStatuses"]
        return str(status["state"].get("terminated", {}).get("reason", ""))

    assert eventually(lambda: reason() == "OOMKilled")


def test_nothing_listens_but_on_loopback(cluster: Cluster) -> None:
    published = inspected()["NetworkSettings"]["Ports"]
    ports = cluster.local.ports
    assert published == {
        f"{inside}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(outside)}]
        for inside, outside in {
            6443: ports.api,
            5000: ports.registry,
            80: ports.http,
            443: ports.https,
        }.items()
    }


def test_a_further_node_joins_holds_no_volume_and_leaves(cluster: Cluster, namespace: str) -> None:
    further = f"{NAME}-2"
    verbs.own(cluster.local, nodes=2)

    def on(where: str, script: str, **spec: Any) -> dict[str, Any]:
        return shell(cluster, script, nodeSelector={"kubernetes.io/hostname": where}, **spec)

    cluster.apply(
        deployment(namespace, "web", on(further, SERVE), replicas=1), service(namespace, "web")
    )
    cluster.rolled_out(namespace, "web")
    ask = f"wget -qO- http://web.{namespace}.svc.cluster.local"
    for client, where in (("near", further), ("far", NAME)):
        cluster.apply(pod(namespace, client, on(where, ask)))
        assert cluster.finished(namespace, client).startswith("web-")

    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.apply(
        claim(namespace, "data"),
        pod(namespace, "anywhere", shell(cluster, "true", volumes=volumes)),
        pod(namespace, "there", on(further, "true", volumes=volumes)),
    )
    cluster.finished(namespace, "anywhere")
    assert cluster.get("pod", "anywhere", f"--namespace={namespace}")["spec"]["nodeName"] == NAME
    there = cluster.get("pod", "there", f"--namespace={namespace}")
    assert there["status"]["phase"] == "Pending"

    verbs.own(cluster.local, nodes=1)
    assert [each["metadata"]["name"] for each in cluster.get("nodes")["items"]] == [NAME]
    assert further not in docker_stack.docker("ps", "--all", "--format={{.Names}}").split()
    assert further not in docker_stack.docker("volume", "ls", "--format={{.Name}}").split()


def test_a_node_that_was_killed_comes_back_with_what_it_had(cluster: Cluster) -> None:
    cluster.kubectl("create", "configmap", "kept", "--from-literal=key=value")
    docker_stack.docker("kill", NAME)
    verbs.own(cluster.local)
    assert cluster.get("configmap", "kept")["data"] == {"key": "value"}
    ask = shell(cluster, "nslookup kubernetes.default.svc.cluster.local")
    cluster.apply(pod("default", "asks", ask))
    assert "10.96.0.1" in cluster.finished("default", "asks")


def test_down_leaves_nothing(cluster: Cluster) -> None:
    """The last test: there is no cluster after it."""
    id = inspected()["Id"]
    assert list(Path("/sys/fs/cgroup").rglob(f"*{id}*"))
    verbs.down(cluster.local)
    assert NAME not in docker_stack.docker("ps", "--all", "--format={{.Names}}").split()
    assert NAME not in docker_stack.docker("volume", "ls", "--format={{.Name}}").split()
    assert not cluster.local.folder.exists()
    assert not list(Path("/sys/fs/cgroup").rglob(f"*{id}*"))
    assert id not in Path("/proc/mounts").read_text()


def inspected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_stack.docker("container", "inspect", NAME))[0]
    return found


def certificate(cluster: Cluster, namespace: str, name: str, host: str) -> str:
    """Put a certificate that signs itself into a Secret; the certificate."""
    temporary_cluster = node.inside(
        cluster.local, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
        "-keyout", "/dev/stdout", "-out", "/dev/stdout",
    )  # fmt: skip
    key, begin, rest = temporary_cluster.partition("-----BEGIN CERTIFICATE-----")
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": name, "namespace": namespace},
            "stringData": {"tls.key": key[key.index("-----BEGIN") :], "tls.crt": begin + rest},
        }
    )
    return begin + rest
