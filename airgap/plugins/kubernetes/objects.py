"""Objects: their parts, their names, and what of them is comparable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.values import Properties, Secret, Unknown, has_secret

READ_ONLY: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
"""What only the server writes in an object's metadata."""
INPUTS: Final = "__inputs"
FIELD_MANAGER: Final = "__fieldManager"
API_VERSION: Final = "__initialApiVersion"


def part(thing: Any, *path: str) -> Any:
    """What stands at a path, or None."""
    for name in path:
        if not isinstance(thing, dict):
            return None
        thing = thing.get(name)
    return thing


def name_of(thing: Object) -> str:
    return part(thing, "metadata", "name") or ""


def namespace_of(thing: Object) -> str:
    return part(thing, "metadata", "namespace") or ""


def annotation(thing: Object, name: str) -> str:
    value = part(thing, "metadata", "annotations", f"pulumi.com/{name}")
    return value if isinstance(value, str) else ""


def says_true(thing: Object, name: str) -> bool:
    return annotation(thing, name) == "true"


def with_metadata(thing: Object, **changed: Any) -> Object:
    """The object with metadata changed; what is None is taken out."""
    given = thing.get("metadata")
    if isinstance(given, Unknown):
        return thing
    metadata = {**(given or {}), **changed}
    return {**thing, "metadata": {k: v for k, v in metadata.items() if v is not None}}


def identity(thing: Object) -> str:
    """The resource's id: `namespace/name`, or the name alone."""
    namespace = namespace_of(thing)
    return f"{namespace}/{name_of(thing)}" if namespace else name_of(thing)


def without_read_only(thing: Object) -> Object:
    metadata = thing.get("metadata")
    if not isinstance(metadata, dict):
        return thing
    kept = {name: value for name, value in metadata.items() if name not in READ_ONLY}
    return {**thing, "metadata": kept}


def pruned(live: Any, like: Any) -> Any:
    """What of a live value the inputs speak of too; lists are matched place by place."""
    if isinstance(live, dict) and isinstance(like, dict):
        return {name: pruned(value, like[name]) for name, value in live.items() if name in like}
    if isinstance(live, list) and isinstance(like, list):
        if live and like and type(live[0]) is not type(like[0]):
            return live
        return [pruned(*pair) for pair in zip(live, like, strict=False)]
    return live


def annotated(outputs: Any, inputs: Any) -> Any:
    """Outputs with secret marks where the inputs have them, as deep in as they go.

    A Secret's data is secret whatever the inputs say, and so is a list of which a part is.
    """
    if isinstance(outputs, dict) and outputs.get("kind") == "Secret":
        hidden = {"data", "stringData"}
        return {n: Secret(v) if n in hidden else v for n, v in outputs.items()}
    if not (isinstance(outputs, dict) and isinstance(inputs, dict)):
        return outputs
    return {name: _annotated(value, inputs.get(name)) for name, value in outputs.items()}


def _annotated(output: Any, given: Any) -> Any:
    if isinstance(output, dict) and isinstance(given, dict):
        return annotated(output, given)
    return Secret(output) if has_secret(given) else output


def checkpoint(inputs: Object, live: Object, marked: Properties, manager: str) -> Properties:
    """The outputs as the official plugin keeps them, so that either can take over."""
    return {
        **annotated(live, marked),
        INPUTS: annotated(inputs, marked),
        API_VERSION: inputs.get("apiVersion", live.get("apiVersion")),
        FIELD_MANAGER: manager,
    }


def parse_checkpoint(state: Properties) -> tuple[Object, Object]:
    """The inputs and the live object of a state without secret marks."""
    live = {name: value for name, value in state.items() if not name.startswith("__")}
    return state.get(INPUTS) or {}, live


Namespaced = Callable[[Kind], bool]
