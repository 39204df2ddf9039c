"""Inputs in the form in which the API server writes them back, so that equal things compare equal.

The official plugin sends its inputs through Kubernetes' own types; this is what those change.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.objects import pruned, without_read_only
from airgap.plugins.kubernetes.quantity import canonical
from airgap.plugins.values import has_unknown

QUANTITY_MAPS: Final = frozenset({"limits", "requests", "capacity", "hard", "overhead", "default"})
QUANTITIES: Final = frozenset({"sizeLimit", "averageValue", "divisor"})
TEXT_MAPS: Final = frozenset(
    {"annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "selector"}
    | {"parameters", "volumeAttributes", "stringData"}
)
"""Names to texts: an empty text in them counts, an empty map of them does not."""
ZERO_IS_NOTHING: Final = frozenset(
    {"clusterIP", "hostIPC", "hostNetwork", "hostPID", "hostPort", "initialDelaySeconds"}
    | {"minReadySeconds", "namespace", "nodePort", "paused", "publishNotReadyAddresses"}
    | {"readOnly", "stdin", "stdinOnce", "subPath", "tty", "value", "host", "path"}
)
"""What the types leave out when it is zero, empty or false; elsewhere such a value counts."""


def normal(thing: Object) -> Object:
    """The same inputs, normal; as they are where a part is not known yet or the kind is custom."""
    kind = Kind.of(thing)
    if kind.own and not has_unknown(thing):
        thing = _without_nothing(_secret(thing) if _is_secret(thing) else thing)
    return without_read_only(thing)


def live_like(live: Object, inputs: Object) -> Object:
    """As much of a live object as the inputs speak of, for a comparison with new inputs."""
    return without_read_only(pruned(live, inputs))


def _is_secret(thing: Object) -> bool:
    return thing.get("apiVersion") == "v1" and thing.get("kind") == "Secret"


def _secret(thing: Object) -> Object:
    """A Secret whose texts are encoded, as the server keeps them."""
    texts = thing.get("stringData") or {}
    encoded = {name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()}
    data = {name: _encoded_again(value) for name, value in (thing.get("data") or {}).items()}
    rest = {name: value for name, value in thing.items() if name not in ("data", "stringData")}
    return rest | {"data": data | encoded} if data or encoded else rest


def _encoded_again(value: Any) -> Any:
    try:
        return base64.b64encode(base64.b64decode(value, validate=False)).decode()
    except (binascii.Error, TypeError, ValueError):
        return value  # the server says what is wrong with it


def _without_nothing(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    if isinstance(value, str) and name in QUANTITIES:
        return canonical(value)
    if not isinstance(value, dict):
        return value
    if name in QUANTITY_MAPS:
        return {key: canonical(_text(item)) for key, item in value.items()}
    if name in TEXT_MAPS and all(isinstance(item, str) for item in value.values()):
        return value
    inner = {key: _without_nothing(item, key) for key, item in value.items()}
    return {key: item for key, item in inner.items() if not _is_nothing(key, item)}


def _is_nothing(name: str, value: Any) -> bool:
    if value is None or value == []:
        return True
    if value == {}:
        return name in TEXT_MAPS or name in QUANTITY_MAPS
    return name in ZERO_IS_NOTHING and not value


def _text(value: Any) -> str:
    return str(value)
