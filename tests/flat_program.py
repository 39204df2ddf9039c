"""A stack's resources without this project's components: one flat Pulumi program, and its state.

The program is what a user would write by hand: one call of the official SDK's class per resource,
with literal inputs, and with its provider and its dependencies in `ResourceOptions`. It leaves out
the components, the stack's outputs and the hooks. The literals contain the stack's secrets in plain
text, so keep the program in a temporary directory that only its user can read.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Resource = Mapping[str, Any]
"""A resource from `pulumi stack export` or `pulumi preview --json`, with `--show-secrets`."""

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks an object as a secret."""
HIDDEN = "[secret]"
"""Stands for a secret in a preview, even with `--show-secrets`."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is unknown before an update, in previews and in inputs."""

IMPORTS = """\
import os

import pulumi
"""
# Without the variable, the provider does not record the path of the kubeconfig. The plugin has
# its own copy of the variable.
WITHOUT_KUBECONFIG = '\nos.environ.pop("KUBECONFIG", None)\n'


def program(resources: Iterable[Resource]) -> str:
    """The program that registers these resources, in this order."""
    variables: dict[str, str] = {}
    calls = []
    packages = set()
    for resource in resources:
        if resource.get("custom") and not _is_default_provider(resource):
            kind = _class(resource["type"])
            packages.add(kind.partition(".")[0])
            variable = f"resource_{len(variables) + 1}"
            calls.append(f"{variable} = {kind}({', '.join(_arguments(resource, variables))})\n")
            variables[resource["urn"]] = variable
    imports = "".join(f"import {package}\n" for package in sorted(packages))
    return IMPORTS + imports + WITHOUT_KUBECONFIG + "".join(calls)


def state(exported: Mapping[str, Any], project: str, stack: str) -> dict[str, Any]:
    """An exported state in the form of the flat program: every resource is a child of the stack.

    `pulumi stack import` accepts it with the passphrase of the exported stack.
    """
    resources = exported["deployment"]["resources"]
    prefix = f"urn:pulumi:{stack}::{project}::"
    root = f"{prefix}{STACK}::{project}-{stack}"
    urns = {
        resource["urn"]: (
            f"{prefix}{resource['type']}::{_name(resource)}" if resource["custom"] else root
        )
        for resource in resources
    }
    flat = [
        {key: _renamed(value, urns) for key, value in resource.items() if key != "resourceHooks"}
        for resource in resources
        if resource["custom"]
    ]
    assert len({resource["urn"] for resource in flat}) == len(flat), "two resources have one name"
    stack_resource = {"urn": root, "custom": False, "type": STACK}
    return {
        **exported,
        "deployment": {**exported["deployment"], "resources": [stack_resource, *flat]},
    }


def _arguments(resource: Resource, variables: Mapping[str, str]) -> Iterable[str]:
    yield repr(_name(resource))
    inputs = _without_defaults(resource["inputs"])
    options = {}
    if resource["type"].startswith(PROVIDER):
        version = inputs.pop("version", None)
        options = {"version": repr(version)} if version else {}
        inputs = {key: _decoded(value) for key, value in inputs.items()}
    if resource["type"].startswith("kubernetes:"):
        del inputs["apiVersion"], inputs["kind"]  # The class adds them.
    for key, value in inputs.items():
        yield f"{_snake_case(key)}={_literal(value)}"
    provider = resource.get("provider", "").rpartition("::")[0]
    if provider in variables:
        options["provider"] = variables[provider]
    dependencies = [
        variables[urn] for urn in resource.get("dependencies") or [] if urn in variables
    ]
    if dependencies:
        options["depends_on"] = f"[{', '.join(dependencies)}]"
    if resource.get("protect"):
        options["protect"] = "True"
    if options:
        arguments = ", ".join(f"{key}={value}" for key, value in options.items())
        yield f"opts=pulumi.ResourceOptions({arguments})"


def _class(token: str) -> str:
    """The SDK's class of a type: `pulumi_kubernetes.apps.v1.Deployment`."""
    if token.startswith(PROVIDER):
        return f"pulumi_{token.removeprefix(PROVIDER)}.Provider"
    package, module, name = token.split(":")
    if package != "kubernetes":
        return f"pulumi_{package}.{name}"
    group, version = module.split("/")
    return f"pulumi_kubernetes.{group.partition('.')[0]}.{version}.{name}"


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if value == HIDDEN:
        return f"pulumi.Output.secret({UNKNOWN!r})"
    if not isinstance(value, dict):
        return repr(value)
    if SIGNATURE in value:
        return f"pulumi.Output.secret({_literal(json.loads(value['plaintext']))})"
    pairs = (f"{key!r}: {_literal(item)}" for key, item in _without_defaults(value).items())
    return f"{{{', '.join(pairs)}}}"


def _without_defaults(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the program, without the plugin's defaults and internal keys."""
    defaults = inputs.get("__defaults", [])
    return {
        key: value
        for key, value in inputs.items()
        if key not in defaults and not key.startswith("__")
    }


def _decoded(value: Any) -> Any:
    """A provider's input; the SDK encodes every input except text as JSON."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _renamed(value: Any, urns: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, urns) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, urns) for item in value]
    if isinstance(value, str):
        urn, _, identifier = value.rpartition("::")
        return urns.get(value) or (f"{urns[urn]}::{identifier}" if urn in urns else value)
    return value


def _is_default_provider(resource: Resource) -> bool:
    """Whether the engine created it for the resources that name no provider."""
    return resource["type"].startswith(PROVIDER) and _name(resource).startswith("default")


def _name(resource: Resource) -> str:
    name: str = resource["urn"].split("::", 3)[3]
    return name


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
