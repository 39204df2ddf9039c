"""`docker.Volume`. Every change of it replaces it, and its data is lost."""

from __future__ import annotations

from airgap.plugins.docker.engine import EngineResource, explained, unless_missing
from airgap.plugins.docker.label import LABEL_FIELDS, labels_in, labels_out
from airgap.plugins.resource import Live, Log
from airgap.plugins.schema import Field, Kind, Table, plan
from airgap.plugins.values import Properties


class Volume(EngineResource):
    table = Table(
        token="docker:index/volume:Volume",
        delete_first=True,
        meta='{"schema_version":"1"}',
        fields=(
            Field(name="name", required=True, replaces=True),
            Field(name="driver", replaces=True, computed=True),
            Field(name="driverOpts", kind=Kind.MAP, replaces=True),
            Field(name="labels", kind=Kind.OBJECTS, replaces=True, empty=[], fields=LABEL_FIELDS),
        ),
        outputs={"cluster": None, "id": "", "mountpoint": ""},
    )

    def create(self, inputs: Properties, log: Log) -> Live:
        with explained("Unable to create volume"):
            made = self.engine.client.create_volume(
                inputs["name"],
                driver=inputs.get("driver"),
                driver_opts=inputs.get("driverOpts"),
                labels=labels_in(inputs.get("labels")),
            )
        live = Live(made["Name"], plan(self.table, inputs))
        outputs = (self.read(live) or live).outputs
        return Live(live.id, outputs | {"driverOpts": inputs.get("driverOpts")})

    def read(self, live: Live) -> Live | None:
        info = unless_missing(lambda: self.engine.client.inspect_volume(live.id))
        if info is None:
            return None
        outputs = live.outputs | {
            "id": info["Name"],
            "name": info["Name"],
            "driver": info["Driver"],
            "driverOpts": info["Options"] or {},
            "labels": labels_out(info["Labels"]),
            "mountpoint": info["Mountpoint"],
        }
        return Live(info["Name"], outputs)

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        return plan(self.table, news, live.outputs)

    def delete(self, live: Live) -> None:
        client = self.engine.client
        with explained("Unable to remove volume"):
            self.engine.remove_when_free(lambda: client.remove_volume(live.id), "volume is in use")
