"""Everything that a stack needs from a cluster, on our own cluster of `make cluster`."""

import json
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from airgap import engine_images
from airgap import images as debian_images
from airgap.command import run
from cluster import node, node_container
from cluster.images import BUSYBOX
from components.catalogue import Catalogue
from components.images import ENTRIES
from operations import cluster as verbs
from operations import docker_stack, lock
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
from tests.unit.describing import settings

NAME = "ai-platform-e2e-node"
HOST = "shop.example.com"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster(NAME) as cluster:
        yield cluster


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace that admits only pods of the level `restricted`."""
    name = request.node.name.replace("_", "-")[:50].strip("-")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    )
    account = ("get", "serviceaccount", "default", f"--namespace={name}")
    eventually(lambda: cluster.kubectl(*account))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


def test_the_name_of_a_service_reaches_each_of_its_pods(cluster: Cluster, namespace: str) -> None:
    web = deployment(namespace, "web", shell(cluster, SERVE), replicas=2)
    cluster.apply(web, service(namespace, "web"))
    cluster.wait_for_deployment(namespace, "web")
    # For some seconds, because kube-proxy notices a ready pod a moment after the API server.
    url = f"http://web.{namespace}.svc.cluster.local"
    script = f"for attempt in $(seq 40); do wget -qO- {url}; sleep 0.1; done"
    cluster.apply(pod(namespace, "client", shell(cluster, script)))
    answers = cluster.pod_output(namespace, "client").split()
    pods = cluster.get("pods", f"--namespace={namespace}", "--selector=app=web")["items"]
    assert len(answers) == 40
    assert set(answers) == {item["metadata"]["name"] for item in pods}
    assert len(pods) == 2


def test_an_ingress_serves_its_certificate_and_redirects_to_https(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    certificate = put_certificate(cluster, namespace, "web", HOST)
    cluster.apply(
        deployment(namespace, "web", shell(cluster, SERVE), replicas=1),
        service(namespace, "web"),
        ingress(namespace, "web", HOST),
    )
    cluster.wait_for_deployment(namespace, "web")
    context = ssl.create_default_context(cadata=certificate)
    ports = cluster.local_cluster.ports
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


def test_a_claims_volume_honours_fs_group_and_is_removed_with_the_claim(
    cluster: Cluster, namespace: str
) -> None:
    identity = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 2000}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    spec = {"securityContext": identity, "volumes": volumes}
    write = "echo kept > /data/file && stat -c %u:%g /data/file /data"
    cluster.apply(claim(namespace, "data"), pod(namespace, "writer", shell(cluster, write, **spec)))
    assert cluster.pod_output(namespace, "writer").split() == ["1000:2000", "0:2000"]
    cluster.apply(pod(namespace, "reader", shell(cluster, "cat /data/file", **spec)))
    assert cluster.pod_output(namespace, "reader") == "kept\n"
    cluster.kubectl("delete", "pod", "--all", f"--namespace={namespace}")
    cluster.kubectl("delete", "pvc", "data", f"--namespace={namespace}")
    eventually(lambda: not cluster.get("persistentvolumes")["items"])
    assert node.inside(cluster.local_cluster, "ls", f"{node_container.STATE}/volumes") == ""


def test_a_pod_with_a_locked_image_keeps_it_when_the_tag_moves(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    stack = settings({"registry": {"url": f"{cluster.local_cluster.registry}/lock"}})
    redis = ENTRIES["redis"].official or ""
    tag = Catalogue(stack).image("redis").reference
    digests: Mapping[str, str] = {}
    for release in ("first", "second"):
        (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX.reference}\nENV RELEASE={release}\n")
        debian_images.build(tmp_path, tag, "test")
        engine_images.push(tag)
        run("docker", "image", "rm", tag)
        digests = digests or lock.resolve(stack, [redis], lock.engine_registry(stack, None))
    locked = Catalogue(stack, digests).image("redis").reference
    for name, reference in (("locked", locked), ("tag", tag)):
        spec = shell(cluster, "echo $RELEASE")
        spec["containers"][0]["image"] = reference
        cluster.apply(pod(namespace, name, spec))
    assert cluster.pod_output(namespace, "locked") == "first\n"
    assert cluster.pod_output(namespace, "tag") == "second\n"


def test_a_restricted_namespace_rejects_a_pod_that_may_escalate_privileges(
    cluster: Cluster, namespace: str
) -> None:
    spec = shell(cluster, "true")
    del spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"]
    text = json.dumps(pod(namespace, "privileged", spec))
    with pytest.raises(subprocess.CalledProcessError) as error:
        cluster.kubectl("apply", "--filename=-", stdin=text)
    assert 'violates PodSecurity "restricted:latest"' in error.value.stderr


def test_a_memory_limit_is_enforced(cluster: Cluster, namespace: str) -> None:
    spec = shell(cluster, "head -c 100000000 /dev/zero | tail")
    spec["containers"][0]["resources"] = {"limits": {"memory": "32Mi"}}
    cluster.apply(pod(namespace, "greedy", spec))

    def reason() -> str:
        greedy = cluster.get("pod", "greedy", f"--namespace={namespace}")
        (status,) = greedy["status"]["containerStatuses"]
        return str(status["state"].get("terminated", {}).get("reason", ""))

    assert eventually(lambda: reason() == "OOMKilled")


def test_every_port_is_published_on_loopback_only(cluster: Cluster) -> None:
    published = inspect_node()["NetworkSettings"]["Ports"]
    ports = cluster.local_cluster.ports
    assert published == {
        f"{inside}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(outside)}]
        for inside, outside in {
            6443: ports.api,
            5000: ports.registry,
            80: ports.http,
            443: ports.https,
        }.items()
    }


def test_a_worker_joins_holds_no_volume_and_leaves(cluster: Cluster, namespace: str) -> None:
    worker = f"{NAME}-2"
    verbs.own(cluster.local_cluster, nodes=2)

    def on(node: str, script: str, **spec: Any) -> dict[str, Any]:
        return shell(cluster, script, nodeSelector={"kubernetes.io/hostname": node}, **spec)

    cluster.apply(
        deployment(namespace, "web", on(worker, SERVE), replicas=1), service(namespace, "web")
    )
    cluster.wait_for_deployment(namespace, "web")
    script = f"wget -qO- http://web.{namespace}.svc.cluster.local"
    for client, node_name in (("near", worker), ("far", NAME)):
        cluster.apply(pod(namespace, client, on(node_name, script)))
        assert cluster.pod_output(namespace, client).startswith("web-")

    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.apply(
        claim(namespace, "data"),
        pod(namespace, "anywhere", shell(cluster, "true", volumes=volumes)),
        pod(namespace, "on-worker", on(worker, "true", volumes=volumes)),
    )
    cluster.pod_output(namespace, "anywhere")
    assert cluster.get("pod", "anywhere", f"--namespace={namespace}")["spec"]["nodeName"] == NAME
    pending = cluster.get("pod", "on-worker", f"--namespace={namespace}")
    assert pending["status"]["phase"] == "Pending"

    verbs.own(cluster.local_cluster, nodes=1)
    assert [item["metadata"]["name"] for item in cluster.get("nodes")["items"]] == [NAME]
    assert worker not in docker_stack.docker("ps", "--all", "--format={{.Names}}").split()
    assert worker not in docker_stack.docker("volume", "ls", "--format={{.Name}}").split()


def test_a_killed_node_keeps_its_state(cluster: Cluster) -> None:
    cluster.kubectl("create", "configmap", "kept", "--from-literal=key=value")
    docker_stack.docker("kill", NAME)
    verbs.own(cluster.local_cluster)
    assert cluster.get("configmap", "kept")["data"] == {"key": "value"}
    spec = shell(cluster, "nslookup kubernetes.default.svc.cluster.local")
    cluster.apply(pod("default", "resolver", spec))
    assert "10.96.0.1" in cluster.pod_output("default", "resolver")


def test_down_removes_everything(cluster: Cluster) -> None:
    """This is the last test, because the cluster is gone after it."""
    id = inspect_node()["Id"]
    assert list(Path("/sys/fs/cgroup").rglob(f"*{id}*"))
    verbs.down(cluster.local_cluster)
    assert NAME not in docker_stack.docker("ps", "--all", "--format={{.Names}}").split()
    assert NAME not in docker_stack.docker("volume", "ls", "--format={{.Name}}").split()
    assert not cluster.local_cluster.folder.exists()
    assert not list(Path("/sys/fs/cgroup").rglob(f"*{id}*"))
    assert id not in Path("/proc/mounts").read_text()


def inspect_node() -> dict[str, Any]:
    (container,) = json.loads(docker_stack.docker("container", "inspect", NAME))
    return dict(container)


def put_certificate(cluster: Cluster, namespace: str, name: str, host: str) -> str:
    """Create a self-signed certificate in a Secret; return the certificate."""
    pem = node.inside(
        cluster.local_cluster, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
        "-days", "1", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
        "-keyout", "/dev/stdout", "-out", "/dev/stdout",
    )  # fmt: skip
    key, header, body = pem.partition("-----BEGIN CERTIFICATE-----")
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": name, "namespace": namespace},
            "stringData": {"tls.key": key[key.index("-----BEGIN") :], "tls.crt": header + body},
        }
    )
    return header + body
