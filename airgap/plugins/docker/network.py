"""`docker.Network`. Every change of it replaces it, and with it the containers on it."""

from __future__ import annotations

from airgap.plugins.docker.engine import EngineResource, explained, unless_missing
from airgap.plugins.docker.label import LABEL_FIELDS, labels_in, labels_out
from airgap.plugins.resource import Live, Log
from airgap.plugins.schema import Field, Kind, Table, plan
from airgap.plugins.values import Properties

IPAM_CONFIG = (
    Field(name="subnet", empty=""),
    Field(name="ipRange", empty=""),
    Field(name="gateway", empty=""),
    Field(name="auxAddress", kind=Kind.MAP, empty={}),
)


class Network(EngineResource):
    table = Table(
        token="docker:index/network:Network",
        delete_first=True,
        meta='{"schema_version":"1"}',
        fields=(
            Field(name="name", required=True, replaces=True),
            Field(name="attachable", kind=Kind.FLAG, replaces=True, empty=False),
            Field(name="driver", replaces=True, computed=True),
            Field(name="ingress", kind=Kind.FLAG, replaces=True, empty=False, implemented=False),
            Field(name="internal", kind=Kind.FLAG, replaces=True, computed=True),
            Field(
                name="ipamConfigs",
                kind=Kind.OBJECTS,
                replaces=True,
                computed=True,
                fields=IPAM_CONFIG,
            ),
            Field(name="ipamDriver", replaces=True, default="default"),
            Field(name="ipamOptions", kind=Kind.MAP, replaces=True),
            Field(name="ipv6", kind=Kind.FLAG, replaces=True, empty=False),
            Field(name="labels", kind=Kind.OBJECTS, replaces=True, empty=[], fields=LABEL_FIELDS),
            Field(name="options", kind=Kind.MAP, replaces=True, computed=True),
        ),
        outputs={"id": "", "scope": ""},
    )

    def create(self, inputs: Properties, log: Log) -> Live:
        ipam = {
            "Driver": inputs["ipamDriver"],
            "Options": inputs.get("ipamOptions"),
            "Config": [
                {
                    "Subnet": config.get("subnet"),
                    "IPRange": config.get("ipRange"),
                    "Gateway": config.get("gateway"),
                    "AuxiliaryAddresses": config.get("auxAddress"),
                }
                for config in inputs.get("ipamConfigs", [])
            ],
        }
        with explained("Unable to create network"):
            made = self.engine.client.create_network(
                inputs["name"],
                driver=inputs.get("driver"),
                options=inputs.get("options"),
                ipam=ipam,
                check_duplicate=True,
                internal=inputs.get("internal", False),
                labels=labels_in(inputs.get("labels")),
                enable_ipv6=inputs.get("ipv6", False),
                attachable=inputs.get("attachable", False),
            )
        live = Live(made["Id"], plan(self.table, inputs))
        outputs = (self.read(live) or live).outputs
        return Live(live.id, outputs | {"ipamOptions": inputs.get("ipamOptions")})

    def read(self, live: Live) -> Live | None:
        info = unless_missing(lambda: self.engine.client.inspect_network(live.id))
        if info is None:
            return None
        ipam = info["IPAM"]
        outputs = live.outputs | {
            "id": info["Id"],
            "name": info["Name"],
            "attachable": info["Attachable"],
            "driver": info["Driver"],
            "ingress": info["Ingress"],
            "internal": info["Internal"],
            "ipv6": info["EnableIPv6"],
            "labels": labels_out(info["Labels"]),
            "options": info["Options"] or {},
            "scope": info["Scope"],
            "ipamDriver": ipam["Driver"],
            "ipamOptions": ipam["Options"] or {},
            "ipamConfigs": [
                {
                    "subnet": config.get("Subnet", ""),
                    "ipRange": config.get("IPRange", ""),
                    "gateway": config.get("Gateway", ""),
                    "auxAddress": config.get("AuxiliaryAddresses") or {},
                }
                for config in ipam["Config"] or []
            ],
        }
        return Live(info["Id"], outputs)

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        return plan(self.table, news, live.outputs)

    def delete(self, live: Live) -> None:
        client = self.engine.client
        with explained("Unable to remove network"):
            self.engine.remove_when_free(
                lambda: client.remove_network(live.id), "has active endpoints"
            )
