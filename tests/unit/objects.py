"""The objects that a Kubernetes stack renders, as a cluster would have them."""

import base64
from collections.abc import Iterator
from typing import Any

from tests.unit.rendering import Rendered

Object = dict[str, Any]


def objects(rendered: Rendered, *kinds: str) -> dict[str, Object]:
    """Every object by kind and name, or those of these kinds."""
    manifests: dict[str, Object] = {}
    for resource in rendered.resources.values():
        manifest = resource.inputs
        if resource.type.startswith("kubernetes:") and (not kinds or manifest["kind"] in kinds):
            name = f"{manifest['kind']} {manifest['metadata']['name']}"
            assert name not in manifests, f"two objects are {name}"
            manifests[name] = manifest
    return manifests


def named(rendered: Rendered, kind: str, name: str) -> Object:
    return objects(rendered, kind)[f"{kind} {name}"]


def templates(rendered: Rendered) -> dict[str, Object]:
    """The pod template of every object that creates pods, by its kind and name."""
    pods: dict[str, Object] = {}
    for name, manifest in objects(rendered).items():
        if manifest["kind"] == "Pooler":
            continue  # its operator completes the template and makes the pods
        spec = manifest.get("spec") or {}
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "containers" in spec.get("template", {}).get("spec", {}):
            pods[name] = spec["template"]
    return pods


def containers(template: Object) -> Iterator[Object]:
    """Every container of a pod, of any kind."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from template["spec"].get(kind) or []


def files(rendered: Rendered, workload: str) -> dict[str, str]:
    """What a workload's main container reads at each path from ConfigMaps and Secrets."""
    (template,) = (
        template for name, template in templates(rendered).items() if name.endswith(f" {workload}")
    )
    sources = {
        volume["name"]: volume.get("configMap", {}).get("name")
        or volume.get("secret", {}).get("secretName")
        for volume in template["spec"]["volumes"]
    }
    data = {
        configuration["metadata"]["name"]: contents(configuration)
        for configuration in objects(rendered, "ConfigMap", "Secret").values()
    }
    return {
        mount["mountPath"]: data[sources[mount["name"]]][mount["subPath"]]
        for mount in template["spec"]["containers"][0]["volumeMounts"]
        if sources[mount["name"]]
    }


def contents(configuration: Object) -> dict[str, str]:
    """The texts of a ConfigMap or of a Secret."""
    data: dict[str, str] = configuration["data"]
    if configuration["kind"] == "ConfigMap":
        return data
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def referenced(template: Object) -> set[tuple[str, str, str]]:
    """The kind, name and key of everything that a pod reads; without a key if it reads the whole
    object."""
    spec = template["spec"]
    references = {("ServiceAccount", spec["serviceAccountName"], "")}
    references |= {("Secret", secret["name"], "") for secret in spec.get("imagePullSecrets", [])}
    whole: dict[str, tuple[str, str]] = {}
    for volume in spec["volumes"]:
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            references.add(("PersistentVolumeClaim", claim, ""))
        for source in volume.get("projected", {}).get("sources", [volume]):
            for kind, name, items in _configurations(source):
                references |= {(kind, name, item["key"]) for item in items}
                if not items:
                    whole[volume["name"]] = (kind, name)
    for container in containers(template):
        references |= {
            (*whole[mount["name"]], mount.get("subPath", ""))
            for mount in container.get("volumeMounts", [])
            if mount["name"] in whole
        }
        for env in container.get("env", []):
            if "valueFrom" in env:
                reference = env["valueFrom"]["secretKeyRef"]
                references.add(("Secret", reference["name"], reference["key"]))
    return references


def _configurations(source: Object) -> Iterator[tuple[str, str, list[Object]]]:
    """The kind, name and selected keys of the ConfigMap or Secret behind a volume."""
    if "configMap" in source:
        config_map = source["configMap"]
        yield "ConfigMap", config_map["name"], config_map.get("items", [])
    if "secret" in source:
        secret = source["secret"]
        yield "Secret", secret.get("secretName") or secret["name"], secret.get("items", [])
