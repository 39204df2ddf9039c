"""The whole program run against Pulumi's mocks, and every resource that it registers."""

import asyncio
import json
import os
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from pulumi.runtime import mocks, rpc, stack
from pulumi.runtime.settings import get_root_resource, set_root_resource

ROOT = Path(__file__).parents[2]
PASSWORD = "generated-"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the program asked the engine for: names of other resources where it refers to them."""

    type: str
    name: str
    inputs: dict[str, Any]
    protect: bool
    parent: str
    depends_on: frozenset[str]
    replace_on_changes: tuple[str, ...]
    secret_inputs: frozenset[str]


@dataclass
class Rendered:
    """Every resource of a run, by type and name, and the stack's outputs."""

    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def of_type(self, kind: str) -> dict[str, Resource]:
        return {name: each for (type_, name), each in self.resources.items() if type_ == kind}

    def containers(self) -> dict[str, dict[str, Any]]:
        return {
            name: each.inputs
            for name, each in self.of_type("docker:index/container:Container").items()
        }


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = dict(args.inputs)
        if args.typ == "random:index/randomPassword:RandomPassword":
            outputs["result"] = PASSWORD + args.name
        if args.typ == "docker:index/remoteImage:RemoteImage":
            outputs["imageId"] = f"id-of-{args.inputs['name']}"
        if args.typ == "docker:index/image:Image":
            outputs["repoDigest"] = f"digest-of-{args.inputs['imageName']}"
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"the program calls {args.token}")


class _Recorder(mocks.MockMonitor):
    """The mock monitor, which keeps what the mocks are not told: the options of a resource."""

    def __init__(self, rendered: Rendered) -> None:
        super().__init__(_Mocks())
        self.rendered = rendered

    def RegisterResource(self, request: Any) -> Any:
        name = (request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return super().RegisterResource(request)
        assert name not in self.rendered.resources, f"{name} is registered twice"
        plain = rpc.deserialize_properties(request.object)
        self.rendered.resources[name] = Resource(
            type=request.type,
            name=request.name,
            inputs={key: _clear(value) for key, value in plain.items()},
            protect=request.protect,
            parent=request.parent.rpartition("::")[2],
            depends_on=frozenset(urn.rpartition("::")[2] for urn in request.dependencies),
            replace_on_changes=tuple(request.replaceOnChanges),
            secret_inputs=frozenset(key for key, value in plain.items() if _has_secret(value)),
        )
        return super().RegisterResource(request)


def render(config: Mapping[str, Any] | None = None, stack_name: str = "dev") -> Rendered:
    """Run the program with this configuration, given as in a stack file without the prefix."""
    rendered = Rendered()
    settings = {"target": "docker", **(config or {})}
    text = {
        f"ai-platform:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    environment = {"PULUMI_CONFIG": json.dumps(text), "PULUMI_CONFIG_SECRET_KEYS": "[]"}
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def say(message: str, *_: Any) -> None:
        rendered.log.append(message)

    try:
        with (
            patch.dict(os.environ, environment),
            patch("components.targets.docker.explain", lambda _: None),
            patch("components.settings.overlay_path", lambda root, name: root / "no-overlay"),
            patch("pulumi.log.info", say),
        ):
            set_root_resource(None)
            mocks.set_mocks(
                _Mocks(),
                project="ai-platform",
                stack=stack_name,
                preview=False,
                monitor=_Recorder(rendered),
            )
            loop.run_until_complete(_run(rendered))
    finally:
        loop.close()
    return rendered


async def _run(rendered: Rendered) -> None:
    await stack.run_pulumi_func(lambda: runpy.run_path(str(ROOT / "__main__.py")))
    root = get_root_resource()
    assert root is not None
    for name, value in root.outputs.items():
        output = pulumi.Output.from_input(value)
        rendered.outputs[name] = await output.future()
        if await output.is_secret():
            rendered.secret_outputs.add(name)


def _clear(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _clear(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _clear(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_clear(each) for each in value]
    return value


def _has_secret(value: Any) -> bool:
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, dict):
        return any(_has_secret(each) for each in value.values())
    return isinstance(value, list) and any(_has_secret(each) for each in value)
