"""A service whose model files a step writes, for the tests of both targets."""

from collections.abc import Mapping
from typing import Any

from components.images import ENTRIES


def api(images: Mapping[str, Any], model: str, tries: int = 1, **service: Any) -> dict[str, Any]:
    """The section `api` with the service, which serves its model files, and is healthy only if they
    are complete. The step fails until it has been tried this many times."""
    entry = ENTRIES["python"]
    python = entry.debian if images.get("catalogue") == "debian" else entry.official
    script = (
        f"echo {model} >> /models/tries; "
        f'[ "$(wc -l < /models/tries)" -ge {tries} ] && echo {model} > /models/model.txt'
    )
    vision = {
        "image": python,
        "command": ["python3", "-m", "http.server", "8000", "--directory", "/models"],
        "health": "/model.txt",
        "metrics": None,
        "models": {
            "size": "64Mi",
            "fill": {"image": python, "command": ["/bin/sh", "-c", script], "timeout": 60},
        },
    }
    return {"services": {"vision": vision | service}}
