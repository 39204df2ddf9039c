"""The whole program run against Pulumi's mocks, and every resource that it registers."""

import asyncio
import json
import os
import runpy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc, stack
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import (
    SETTINGS,
    _get_rpc_manager,
    get_root_resource,
    set_root_resource,
)

from components.tier import Description
from components.workload import Part, Workload
from tests.unit.describing import ROOT, config, full
from tests.unit.requests import plain, short_name, short_names

PASSWORD = "generated-"
# The cluster that answers a Kubernetes stack's `up`, unless its settings name another.
UID = "uid-of-the-cluster"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that the program registered.

    References to other resources are their names; for objects of a cluster, of which several may
    have the same name, with their kind. `secrets` are the locations of secret values in `inputs`,
    which contains them in plain text. `follows` are the resources whose change replaces this one,
    by the input that refers to them.
    """

    type: str
    name: str
    inputs: dict[str, Any]
    secrets: frozenset[tuple[str, ...]]
    protect: bool
    parent: str
    provider: str
    depends_on: frozenset[str]
    follows: Mapping[str, frozenset[str]]
    replace_on_changes: tuple[str, ...]
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    timeouts: Mapping[str, str]


@dataclass
class Rendered:
    """Every resource of a run, by type and name, and the stack's outputs.

    `parts` are the descriptions from which they were rendered.
    """

    parts: list[Description] = field(default_factory=list)
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    components: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The outputs of each tier's component by its name."""

    def of_type(self, kind: str) -> dict[str, Resource]:
        """The resources of a type, such as `Volume`, by name."""
        return {
            name: item
            for (type_, name), item in self.resources.items()
            if type_.rpartition(":")[2] == kind
        }

    def containers(self) -> dict[str, dict[str, Any]]:
        """The inputs of every container, by its name without project and stack."""
        return {name: item.inputs for name, item in self.of_type("Container").items()}

    @property
    def workloads(self) -> list[Workload]:
        return [part for part in self.parts if isinstance(part, Workload)]

    @property
    def own_parts(self) -> list[Part]:
        """The workloads and the jobs, without what operators run."""
        return [part for part in self.parts if isinstance(part, Part)]

    def tiers(self) -> frozenset[str]:
        """The names of the components."""
        return frozenset(name for kind, name in self.resources if kind.startswith("ai-platform:"))


@dataclass(frozen=True)
class _Mocks(pulumi.runtime.Mocks):
    state: Mapping[str, Any]
    exit_codes: Iterator[int]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = dict(args.inputs)
        if args.typ == "random:index/randomPassword:RandomPassword":
            outputs["result"] = rpc.wrap_rpc_secret(PASSWORD + args.name)
        if args.typ == "docker:index/remoteImage:RemoteImage":
            outputs["imageId"] = f"id-of-{args.inputs['name']}"
        if args.inputs.get("attach"):
            outputs["exitCode"] = next(self.exit_codes, 0)
        return f"{args.name}-id", outputs

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The stack's state: empty, unless a test sets it."""
        if args.token == "pulumi:pulumi:readStackResourceOutputs":
            return {"outputs": dict(self.state)}, []
        raise AssertionError(f"the program calls {args.token}")


class _Recorder(mocks.MockMonitor):
    """The mock monitor, which records what the mocks do not receive: the options of a resource."""

    def __init__(self, rendered: Rendered, mocks: _Mocks) -> None:
        super().__init__(mocks)
        self.rendered = rendered

    def RegisterResource(self, request: Any) -> Any:
        if request.type == "pulumi:pulumi:Stack":
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]
        name = (request.type, request.name)
        assert name not in self.rendered.resources, f"{name} is registered twice"
        secrets: set[tuple[str, ...]] = set()
        self.rendered.resources[name] = Resource(
            type=request.type,
            name=request.name,
            inputs=plain(MessageToDict(request.object), (), secrets),
            secrets=frozenset(secrets),
            protect=request.protect,
            parent=short_name(request.parent),
            provider=short_name(request.provider.rpartition("::")[0]),
            depends_on=short_names(request.dependencies),
            follows={
                key: short_names(item.urns)
                for key, item in request.propertyDependencies.items()
                if item.urns
            },
            replace_on_changes=tuple(request.replaceOnChanges),
            ignore_changes=tuple(request.ignoreChanges),
            delete_before_replace=request.deleteBeforeReplace,
            timeouts={
                item.name: value for item, value in request.customTimeouts.ListFields() if value
            },
        )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:
        name = request.urn.rpartition(":")[2]
        if name in self.rendered.tiers():
            self.rendered.components[name] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def render(
    settings: Mapping[str, Any] | None = None,
    *,
    stack_name: str = "dev",
    secret: Collection[str] = (),
    state: Mapping[str, Any] | None = None,
    preview: bool = False,
    lock: Path = ROOT / "no-lock",
) -> Rendered:
    """Run the program with these settings of a Docker stack, unless they set another target.

    `secret` are keys that are set with --secret. `state` has the outputs of the last update's
    resources, by URN. `lock` is the lock file; the tree's own is not part of the tests.
    """
    names: dict[str, Any] = {}
    environment = {
        "PULUMI_CONFIG": json.dumps(config(settings or {})),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(full(secret))),
    }
    with (
        patch.dict(os.environ, environment),
        # One machine's own choices are not part of the tests.
        patch("components.settings.overlay_path", lambda root, name: root / "no-overlay"),
        patch("components.settings.machine_file", lambda: None),
        patch("components.image_lock.PATH", lock),
    ):
        if settings and settings.get("target") == "kubernetes":
            # Imported here, because a Docker stack never imports the Kubernetes SDK.
            uid = settings.get("kubernetes", {}).get("cluster", UID)
            patched = patch("components.targets.kubernetes.guard.find", lambda *_: _cluster(uid))
        else:
            # A hook is a server that the engine calls; there is no engine in these tests.
            patched = patch("components.targets.docker.failure.explain", lambda *_, **__: None)
        with patched:
            rendered = run(
                lambda: names.update(runpy.run_path(str(ROOT / "__main__.py"))),
                stack_name=stack_name,
                state=state,
                preview=preview,
            )
    rendered.parts = [part for tier in names["tiers"] for part in tier.parts]
    return rendered


def run(
    program: Callable[[], object],
    *,
    stack_name: str = "dev",
    state: Mapping[str, Any] | None = None,
    preview: bool = False,
    exit_codes: Iterable[int] = (),
) -> Rendered:
    """Run any program that registers resources and exports outputs.

    `exit_codes` are those of the containers that are awaited, in order; further ones are 0.
    """
    rendered = Rendered()

    def log(message: str, *_: Any) -> None:
        rendered.log.append(message)

    mocked = _Mocks(state or {}, iter(exit_codes))
    with (
        _event_loop() as loop,
        patch("pulumi.log.info", log),
        # Only the engine shows which line registered a resource, and it takes a fifth of a run's
        # time.
        patch("pulumi.runtime.resource._get_stack_trace", source_pb2.StackTrace),
    ):
        set_root_resource(None)  # type: ignore[arg-type]  # forgets the run before
        mocks.set_mocks(
            mocked,
            project="ai-platform",
            stack=stack_name,
            preview=preview,
            monitor=_Recorder(rendered, mocked),
        )
        try:
            loop.run_until_complete(_run(program, rendered))
        finally:
            # Unfinished work of a failed program would fail the next one.
            SETTINGS.outputs.clear()
            _get_rpc_manager().clear()
    return rendered


def _cluster(uid: str) -> Any:
    from components.targets.kubernetes.cluster import ReachableCluster

    return ReachableCluster(uid=uid, server="https://192.0.2.1:6443", client=None)


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop whose only worker thread has its own loop, as the mock monitor needs it."""
    main, worker = asyncio.new_event_loop(), asyncio.new_event_loop()
    asyncio.set_event_loop(main)
    main.set_default_executor(
        ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(worker,))
    )
    try:
        yield main
    finally:
        main.run_until_complete(main.shutdown_default_executor())
        asyncio.set_event_loop(None)
        worker.close()
        main.close()


async def _run(program: Callable[[], object], rendered: Rendered) -> None:
    def register() -> None:
        program()

    await stack.run_pulumi_func(register)
    root = get_root_resource()
    assert isinstance(root, stack.Stack)
    for name, value in root.outputs.items():
        output = pulumi.Output.from_input(value)
        rendered.outputs[name] = await output.future()
        if await output.is_secret():
            rendered.secret_outputs.add(name)
