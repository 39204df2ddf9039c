"""`docker.Image`: built by the engine from a directory, and pushed unless `skipPush` is set."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Any

from airgap.plugins.checks import Failure, check, without_defaults
from airgap.plugins.differences import Change
from airgap.plugins.docker import build_context
from airgap.plugins.docker.engine import EngineResource, explained
from airgap.plugins.docker.pull import qualified, registry_of, split_name
from airgap.plugins.resource import Failed, Live, Log
from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.values import Properties, Secret, has_unknown, reveal

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
STEP = re.compile(r"Step \d+/\d+ : ")
FOUND_DONE = "---> Using cache"
LAYER = re.compile(r"---> |Removing intermediate container ")
LINES_IN_ERROR = 30
"""How much of a failed build's output its error repeats."""

BUILD = (
    Field(name="context", default="."),
    Field(name="dockerfile"),
    Field(name="args", kind=Kind.MAP),
    Field(name="target"),
    Field(name="platform"),
    Field(name="network"),
    Field(name="builderVersion", pattern="BuilderV1"),
    Field(name="addHosts", kind=Kind.LIST, implemented=False),
    Field(name="cacheFrom", kind=Kind.OBJECT, implemented=False),
)
REGISTRY = (Field(name="server"), Field(name="username"), Field(name="password"))


class Image(EngineResource):
    table = Table(
        token="docker:index/image:Image",
        delete_first=False,
        fields=(
            Field(name="imageName", required=True),
            Field(name="build", kind=Kind.OBJECT, required=True, fields=BUILD),
            Field(name="buildOnPreview", kind=Kind.FLAG, default=False),
            Field(name="registry", kind=Kind.OBJECT, fields=REGISTRY),
            Field(name="skipPush", kind=Kind.FLAG),
        ),
        outputs={},
    )

    def check(self, news: Properties) -> tuple[Properties, list[Failure]]:
        """By the table's rules, with the defaults of a build and the digest of its context."""
        checked, failures = check(self.table, news)
        inputs: Properties = without_defaults(checked)
        if reveal(inputs["buildOnPreview"]) is True:
            failures.append(Failure("buildOnPreview", "this stand-in does not build in a preview"))
        build = inputs.get("build")
        if isinstance(build, Secret):
            build = build.value
        if isinstance(build, dict) and not failures:
            failures += _complete(build)
        return inputs, failures

    def diff(self, olds: Properties, news: Properties) -> list[Change]:
        """Every change builds again, in place; who pushes is no change."""
        before, after = _without_login(olds.get("__inputs", {})), _without_login(news)
        return [
            Change(
                name,
                "ADD" if name not in before else "DELETE" if name not in after else "UPDATE",
                False,
            )
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name) or has_unknown(after.get(name))
        ]

    def preview_create(self, inputs: Properties) -> Properties:
        return inputs  # what it does not hold is unknown

    def preview_update(self, olds: Properties, news: Properties) -> Properties:
        return news

    def create(self, inputs: Properties, log: Log) -> Live:
        outputs = self.engine.until_cancelled(lambda: self._build(inputs, log))
        return Live(inputs["imageName"], outputs)

    def read(self, live: Live) -> Live:
        return live  # the official plugin does not look either

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        return self.create(news, log).outputs

    def delete(self, live: Live) -> None:
        return  # the image stays, as the official plugin leaves it

    def _build(self, inputs: Properties, log: Log) -> Properties:
        name, build = inputs["imageName"], inputs["build"]
        context, dockerfile = Path(build["context"]), Path(build["dockerfile"])
        client = self.engine.client
        fileobj, dockerfile_inside = build_context.archive(context, dockerfile)
        with explained(f"Unable to build image {name}"):
            _follow(
                client.build(
                    fileobj=fileobj,
                    custom_context=True,
                    dockerfile=dockerfile_inside,
                    tag=name,
                    buildargs=build.get("args"),
                    target=build.get("target", ""),
                    platform=build["platform"],
                    network_mode=build.get("network"),
                    rm=True,
                    forcerm=True,
                    decode=True,
                ),
                f"Unable to build image {name}",
                log,
            )
            digest = client.inspect_image(name)["Id"]
        if not inputs.get("skipPush"):
            digest = self._push(name, inputs.get("registry", {}), log)
        return {
            "__inputs": Secret(inputs),
            "baseImageName": name,
            "context": build["context"],
            "dockerfile": build_context.relative_dockerfile(context, dockerfile),
            "imageName": name,
            "platform": build["platform"],
            "registryServer": inputs.get("registry", {}).get("server", ""),
            "repoDigest": digest,
        }

    def _push(self, name: str, registry: Properties, log: Log) -> str:
        repository, tag = split_name(name)
        login = self.engine.credentials(registry_of(name))
        if registry.get("username"):
            login = {"username": registry["username"], "password": registry.get("password", "")}
        with explained(f"Unable to push image {name}"):
            steps = self.engine.client.push(
                repository, tag, stream=True, decode=True, auth_config=login
            )
            results = _follow(steps, f"Unable to push image {name}", log)
        digests = [result["Digest"] for result in results if "Digest" in result]
        if not digests:
            raise Failed(f"Unable to push image {name}: the registry answered no digest")
        return f"{qualified(repository)}@{digests[-1]}"


def _complete(build: Properties) -> list[Failure]:
    """Fill in what the official plugin fills in, as far as a preview knows what it depends on."""
    build.setdefault(
        "platform", f"linux/{ARCHITECTURES.get(platform.machine(), platform.machine())}"
    )
    context = reveal(build["context"])
    if has_unknown(context):
        return []
    build.setdefault("dockerfile", str(Path(context) / "Dockerfile"))
    dockerfile = reveal(build["dockerfile"])
    if has_unknown(dockerfile):
        return []
    if not Path(context).is_dir():
        return [Failure("build.context", f"there is no directory {context}")]
    if not Path(dockerfile).is_file():
        return [
            Failure(
                "build.dockerfile", f'could not open dockerfile at relative path "{dockerfile}"'
            )
        ]
    build["contextDigest"] = build_context.digest(Path(context), Path(dockerfile))
    return []


def _without_login(inputs: Properties) -> Properties:
    if "registry" not in inputs:
        return inputs
    return inputs | {"registry": {"server": inputs["registry"].get("server")}}


class _Told:
    """Shows the steps that a build takes: not those that it finds done, nor the layers' ids."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._step = ""

    def line(self, line: str) -> None:
        if line == FOUND_DONE:
            self._step = ""
        elif STEP.match(line):
            self._step = line
        else:
            if self._step:
                self._log(self._step)
                self._step = ""
            if not LAYER.match(line):
                self._log(line)


def _follow(steps: Any, failure: str, log: Log) -> list[dict[str, Any]]:
    """Show what the engine does and answer its results; a failure repeats the last lines."""
    lines: list[str] = []
    told = _Told(log)
    results = []
    for step in steps:
        if "error" in step:
            said = "\n".join([*lines[-LINES_IN_ERROR:], str(step["error"]).strip()])
            raise Failed(f"{failure}:\n{said}")
        if "aux" in step:
            results.append(step["aux"])
        line = str(step.get("stream") or step.get("status") or "").strip()
        if line:
            lines.append(line)
            told.line(line)
    return results
