"""`docker.RemoteImage`: an image that the engine has, or pulls."""

from __future__ import annotations

from airgap.plugins.docker.container_fields import TIMEOUTS
from airgap.plugins.docker.engine import EngineResource, explained, unless_missing
from airgap.plugins.docker.pull import find_or_pull, repository_digest
from airgap.plugins.resource import Failed, Live, Log
from airgap.plugins.schema import Field, Kind, Table, plan
from airgap.plugins.values import Properties


class RemoteImage(EngineResource):
    table = Table(
        token="docker:index/remoteImage:RemoteImage",
        delete_first=False,
        meta=f"{{{TIMEOUTS}}}",
        fields=(
            Field(name="name", required=True, replaces=True),
            Field(name="build", kind=Kind.OBJECT, implemented=False),
            Field(name="forceRemove", kind=Kind.FLAG),
            Field(name="keepLocally", kind=Kind.FLAG),
            Field(name="platform", replaces=True),
            Field(name="pullTriggers", kind=Kind.SET, replaces=True),
            Field(name="triggers", kind=Kind.MAP, replaces=True),
        ),
        outputs={"id": "", "imageId": "", "repoDigest": ""},
    )

    def create(self, inputs: Properties, log: Log) -> Live:
        return self._found(plan(self.table, inputs))

    def read(self, live: Live) -> Live | None:
        name = live.outputs["name"]
        info = unless_missing(lambda: self.engine.client.inspect_image(name))
        if info is None:
            return None
        identifier = info["Id"] + name  # the official plugin's own form
        outputs = {
            "id": identifier,
            "imageId": info["Id"],
            "repoDigest": repository_digest(name, info),
        }
        return Live(identifier, live.outputs | outputs)

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        return self._found(plan(self.table, news, live.outputs)).outputs

    def delete(self, live: Live) -> None:
        if live.outputs.get("keepLocally"):
            return
        client, name = self.engine.client, live.outputs["name"]
        if unless_missing(lambda: client.inspect_image(name)) is None:
            return
        with explained("Unable to remove Docker image"):
            client.remove_image(name, force=bool(live.outputs.get("forceRemove")))

    def _found(self, outputs: Properties) -> Live:
        name = outputs["name"]
        try:
            find_or_pull(self.engine, name, outputs.get("platform"))
        except Failed as error:
            raise Failed(f"Unable to read Docker image into resource: {error}") from error
        live = self.read(Live("", outputs))
        if live is None:
            raise Failed(f"Unable to read Docker image into resource: image {name} is gone again")
        return live
