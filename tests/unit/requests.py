"""What the program's requests to the engine say, in plain values and short names."""

from collections.abc import Collection
from typing import Any

from pulumi.runtime import rpc


def plain(value: Any, place: tuple[str, ...], secrets: set[tuple[str, ...]]) -> Any:
    """A value as the program passed it. The locations of its secrets are added to `secrets`."""
    if rpc.is_rpc_secret(value):
        secrets.add(place)
        return plain(rpc.unwrap_rpc_secret(value), place, secrets)
    if isinstance(value, dict):
        return {key: plain(item, (*place, key), secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, (*place, str(number)), secrets) for number, item in enumerate(value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def short_name(urn: str) -> str:
    outer, _, name = urn.rpartition("::")
    kind = outer.rpartition("::")[2].rpartition("$")[2]
    return f"{kind.rpartition(':')[2]} {name}" if kind.startswith("kubernetes:") else name


def short_names(urns: Collection[str]) -> frozenset[str]:
    return frozenset(short_name(urn) for urn in urns)
