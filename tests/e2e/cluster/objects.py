"""Kubernetes objects for the tests."""

from typing import Any

from cluster.images import BUSYBOX
from tests.e2e.cluster.temporary import Cluster

Object = dict[str, Any]

WWW = "/dev/shm/www"
SERVE = f"mkdir {WWW} && hostname > {WWW}/index.html && exec httpd -f -p 8080 -h {WWW}"
"""A web server that answers with the name of its pod. The image has no other writable directory."""


def shell(cluster: Cluster, script: str, **spec: Any) -> Object:
    """The spec of a pod that runs a script and satisfies the level `restricted`."""
    container = {
        "name": "shell",
        "image": f"{cluster.local_cluster.registry}/{BUSYBOX.reference}",
        "command": ["sh", "-ec", script],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": volume["name"], "mountPath": f"/{volume['name']}"}
            for volume in spec.get("volumes", [])
        ],
    }
    return {"containers": [container], "terminationGracePeriodSeconds": 1, **spec}


def pod(namespace: str, name: str, spec: Object) -> Object:
    """A pod that runs once."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**spec, "restartPolicy": "Never"},
    }


def deployment(namespace: str, name: str, spec: Object, replicas: int | None = None) -> Object:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def service(namespace: str, name: str) -> Object:
    """A Service for port 8080 of a deployment's pods."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def claim(namespace: str, name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def ingress(namespace: str, name: str, host: str) -> Object:
    """An Ingress for the Service of this name; the Secret of this name has the certificate."""
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "tls": [{"hosts": [host], "secretName": name}],
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }
