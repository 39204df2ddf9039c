"""What a Kubernetes stack renders, as the objects that a cluster would have."""

import base64
from collections.abc import Iterator
from typing import Any

from tests.unit.rendering import Rendered

Object = dict[str, Any]


def objects(rendered: Rendered, *kinds: str) -> dict[str, Object]:
    """Every object by kind and name, or those of these kinds."""
    found: dict[str, Object] = {}
    for each in rendered.resources.values():
        if each.type.startswith("kubernetes:") and (not kinds or each.inputs["kind"] in kinds):
            name = f"{each.inputs['kind']} {each.inputs['metadata']['name']}"
            assert name not in found, f"two objects are {name}"
            found[name] = each.inputs
    return found


def named(rendered: Rendered, kind: str, name: str) -> Object:
    return objects(rendered, kind)[f"{kind} {name}"]


def templates(rendered: Rendered) -> dict[str, Object]:
    """The pod template of every object that makes pods, by its kind and name."""
    found: dict[str, Object] = {}
    for name, each in objects(rendered).items():
        if each["kind"] == "Pooler":
            continue  # its operator completes the template and makes the pods
        spec = each.get("spec") or {}
        if each["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "containers" in spec.get("template", {}).get("spec", {}):
            found[name] = spec["template"]
    return found


def containers(template: Object) -> Iterator[Object]:
    """Every container of a pod, of whatever kind."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from template["spec"].get(kind) or []


def files(rendered: Rendered, workload: str) -> dict[str, str]:
    """What a workload's own container reads at each path, out of ConfigMaps and Secrets."""
    (template,) = (
        each for name, each in templates(rendered).items() if name.endswith(f" {workload}")
    )
    sources = {
        each["name"]: each.get("configMap", {}).get("name")
        or each.get("secret", {}).get("secretName")
        for each in template["spec"]["volumes"]
    }
    data = {
        each["metadata"]["name"]: contents(each)
        for each in objects(rendered, "ConfigMap", "Secret").values()
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
    """Kind, name and key of everything that a pod reads; no key where it takes the whole."""
    spec = template["spec"]
    found = {("ServiceAccount", spec["serviceAccountName"], "")}
    found |= {("Secret", each["name"], "") for each in spec.get("imagePullSecrets", [])}
    whole: dict[str, tuple[str, str]] = {}
    for volume in spec["volumes"]:
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            found.add(("PersistentVolumeClaim", claim, ""))
        for source in volume.get("projected", {}).get("sources", [volume]):
            for kind, name, items in _held(source):
                found |= {(kind, name, item["key"]) for item in items}
                if not items:
                    whole[volume["name"]] = (kind, name)
    for each in containers(template):
        found |= {
            (*whole[mount["name"]], mount.get("subPath", ""))
            for mount in each.get("volumeMounts", [])
            if mount["name"] in whole
        }
        for env in each.get("env", []):
            if "valueFrom" in env:
                reference = env["valueFrom"]["secretKeyRef"]
                found.add(("Secret", reference["name"], reference["key"]))
    return found


def _held(source: Object) -> Iterator[tuple[str, str, list[Object]]]:
    """Kind, name and chosen keys of the ConfigMap or Secret behind a volume."""
    if "configMap" in source:
        held = source["configMap"]
        yield "ConfigMap", held["name"], held.get("items", [])
    if "secret" in source:
        held = source["secret"]
        yield "Secret", held.get("secretName") or held["name"], held.get("items", [])
