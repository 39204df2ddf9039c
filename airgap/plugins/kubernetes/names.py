"""Names that are made: of objects that the program leaves unnamed, and of field managers."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Final

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import annotation, name_of, part, says_true, with_metadata
from airgap.plugins.values import Unknown

AUTONAMED: Final = "autonamed"
DIGITS: Final = 8


def named(inputs: Object, olds: Object, resource: str, seed: bytes) -> Object:
    """The inputs with a name: their own, the one made earlier, or a new one."""
    if name_of(inputs) or isinstance(part(inputs, "metadata"), Unknown):
        return inputs
    if olds:
        return _autonamed(inputs, name_of(olds)) if says_true(olds, AUTONAMED) else inputs
    digits = hashlib.sha256(seed + resource.encode()).hexdigest() if seed else secrets.token_hex()
    return _autonamed(inputs, f"{resource}-{digits[:DIGITS]}")


def field_manager(inputs: Object, state: Object) -> str:
    """Who the fields belong to: as annotated, as before, or a new name."""
    chosen: Any = annotation(inputs, "patchFieldManager") or state.get("__fieldManager")
    return str(chosen or f"pulumi-kubernetes-{secrets.token_hex(DIGITS // 2)}")


def _autonamed(inputs: Object, name: str) -> Object:
    annotations = part(inputs, "metadata", "annotations")
    if isinstance(annotations, Unknown):
        return with_metadata(inputs, name=name)
    marked = {**(annotations or {}), f"pulumi.com/{AUTONAMED}": "true"}
    return with_metadata(inputs, name=name, annotations=marked)
