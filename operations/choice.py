"""What this machine uses, decided once and kept in the stack's overlay file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from airgap import decide
from components.settings import overlay_path
from operations.workspace import ROOT

OVERLAY = """\
# This machine's own choices for the stack `{stack}`, made by `make up` and never by itself again.
# Remove the file to have them made anew. docs/configuration.md has every key.
{reasons}
"""


def catalogue(stack: str, report: Callable[[str], None]) -> str:
    """The image catalogue: what the overlay file says, or decided now and written there."""
    overlay = overlay_path(ROOT, stack)
    chosen = _chosen(overlay)
    if chosen is None:
        decision = decide.decide()
        for reason in decision.reasons:
            report(reason)
        reasons = "\n".join(f"# {reason}" for reason in decision.reasons)
        head = OVERLAY.format(stack=stack, reasons=reasons)
        overlay.write_text(head + _with_catalogue(overlay, decision.catalogue))
        chosen = decision.catalogue
    report(f"image catalogue: {chosen} ({overlay.name})")
    return chosen


def _chosen(overlay: Path) -> str | None:
    chosen: str | None = (_plain(overlay).get("images") or {}).get("catalogue")
    return chosen


def _with_catalogue(overlay: Path, chosen: str) -> str:
    """What the overlay file says, as it is written there where that can be, and the catalogue."""
    plain = _plain(overlay)
    if "images" in plain:
        plain["images"] = {**(plain["images"] or {}), "catalogue": chosen}
        return yaml.safe_dump(plain, sort_keys=False)
    written = overlay.read_text() if overlay.exists() else ""
    return f"images:\n  catalogue: {chosen}\n{written}"


def _plain(overlay: Path) -> dict[str, Any]:
    return (yaml.safe_load(overlay.read_text()) or {}) if overlay.exists() else {}
