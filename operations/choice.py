"""What this machine uses, decided once and kept in the stack's overlay file."""

from collections.abc import Callable
from pathlib import Path

import yaml

from airgap import decide
from components.settings import overlay_path
from operations.workspace import ROOT

OVERLAY = """\
# This machine's own choices for the stack `{stack}`, made by `make up` and never by itself again.
# Remove the file to have them made anew. docs/configuration.md has every key.
{reasons}
images:
  catalogue: {catalogue}
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
        kept = overlay.read_text() if overlay.exists() else ""
        overlay.write_text(
            OVERLAY.format(stack=stack, reasons=reasons, catalogue=decision.catalogue) + kept
        )
        chosen = decision.catalogue
    report(f"image catalogue: {chosen} ({overlay.name})")
    return chosen


def _chosen(overlay: Path) -> str | None:
    plain = yaml.safe_load(overlay.read_text()) if overlay.exists() else None
    chosen: str | None = ((plain or {}).get("images") or {}).get("catalogue")
    return chosen
