"""The node's files agree with each other, with the images and with the program."""

import re
from typing import Any

import pytest
import yaml

from cluster import addons, images, node, node_container, workers
from cluster.programs import COREDNS, KUBERNETES

NODE = images.NODE.folder
TEXT = "".join(path.read_text() for path in sorted(NODE.rglob("*")) if path.is_file())


def test_every_image_in_the_manifests_is_pushed() -> None:
    references = set(re.findall(r"localhost:5000/([a-z0-9./-]+:[a-z0-9.]+)", TEXT))
    coredns = f"ai-platform/coredns:v{COREDNS.version}"
    assert references | {coredns} == {image.reference for image in images.PULLED}


def test_kubeadm_uses_the_versions_that_are_built() -> None:
    documents = list(yaml.safe_load_all((NODE / "etc" / "kubeadm.yaml").read_text()))
    cluster = documents[1]
    assert cluster["kubernetesVersion"] == f"v{KUBERNETES.version}"
    assert cluster["dns"]["imageTag"] == f"v{COREDNS.version}"
    assert f"v{KUBERNETES.version}" in KUBERNETES.link


def test_every_file_has_the_same_networks() -> None:
    documents = list(yaml.safe_load_all((NODE / "etc" / "kubeadm.yaml").read_text()))
    networking = documents[1]["networking"]
    assert f"--service-cluster-ip-range {networking['serviceSubnet']}" in TEXT
    assert f"--destination {networking['serviceSubnet']} --jump REJECT" in TEXT
    manager = (NODE / "services" / "kube-controller-manager" / "run").read_text()
    assert f"--cluster-cidr {networking['podSubnet']}" in manager
    entrypoint = (NODE / "entrypoint").read_text()
    pods = networking["podSubnet"]
    assert f"--source {pods} ! --destination {pods}" in entrypoint
    proxy = yaml.safe_load((NODE / "etc" / "kube-proxy.yaml").read_text())
    assert proxy["clusterCIDR"] == networking["podSubnet"]
    kubelet = yaml.safe_load((NODE / "etc" / "kubelet.yaml").read_text())
    assert kubelet["clusterDNS"] == [networking["serviceSubnet"].replace("0.0/16", "0.10")]


def test_the_program_and_the_node_have_the_same_paths() -> None:
    dockerfile = (NODE / "Dockerfile").read_text()
    assert f"VOLUME {node_container.STATE}" in dockerfile
    assert f"KUBECONFIG={node.ADMIN}" in dockerfile
    assert addons.APPLY.removesuffix("addons") in dockerfile
    assert workers.CREDENTIALS.removesuffix("credentials") in dockerfile
    for script in ("addons", "credentials", "entrypoint", "log"):
        assert (NODE / script).stat().st_mode & 0o100
    assert node.LOGS in (NODE / "log").read_text()


@pytest.mark.parametrize(
    "service", sorted((NODE / "services").iterdir()), ids=lambda path: path.name
)
def test_every_service_script_ends_in_exec(service: object) -> None:
    run = NODE / "services" / str(service) / "run"
    lines = run.read_text().splitlines()
    assert lines[:2] == ["#!/bin/sh", "exec 2>&1"]
    assert any(line.startswith("exec ") for line in lines[2:])
    assert run.stat().st_mode & 0o100


def test_volumes_of_the_default_storage_class_honour_fs_group() -> None:
    documents = yaml.safe_load_all((NODE / "manifests" / "storage.yaml").read_text())
    (storage,) = (document for document in documents if document["kind"] == "StorageClass")
    assert storage["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "true",
        "defaultVolumeType": "local",
    }
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"


def test_every_deployment_is_waited_for() -> None:
    names = {deployment["metadata"]["name"] for deployment in manifests("Deployment")}
    assert names | {"coredns"} == set(addons.DEPLOYMENTS)


def test_add_ons_and_volumes_stay_on_the_first_node() -> None:
    first = "node-role.kubernetes.io/control-plane"
    for deployment in manifests("Deployment"):
        assert deployment["spec"]["template"]["spec"]["nodeSelector"] == {first: ""}
    (storage,) = manifests("StorageClass")
    (term,) = storage["allowedTopologies"]
    assert term["matchLabelExpressions"] == [{"key": first, "values": [""]}]


def test_kube_router_may_only_read() -> None:
    (role,) = (
        role for role in manifests("ClusterRole") if role["metadata"]["name"] == "kube-router"
    )
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}


def manifests(kind: str) -> list[dict[str, Any]]:
    return [
        document
        for path in sorted((NODE / "manifests").iterdir())
        for document in yaml.safe_load_all(path.read_text())
        if document["kind"] == kind
    ]
