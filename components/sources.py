"""Images that are built from source: what their names are where a registry keeps them."""

import hashlib
from pathlib import Path

# Made by Python and by the set-up step on a machine: no source.
LEFT_BEHIND = {"__pycache__", "wheels"}


def tag(context: Path, base: str) -> str:
    """Twelve hexadecimal digits that change with a file of a build's context and with its base."""
    whole = hashlib.sha256(base.encode())
    for path in sorted(each for each in context.rglob("*") if each.is_file()):
        name = path.relative_to(context)
        if not LEFT_BEHIND.isdisjoint(name.parts):
            continue
        for part in (str(name).encode(), path.read_bytes()):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:12]
