"""Runs in a pod, before its containers: fills secrets that only the cluster has into texts.

A ConfigMap holds this file beside components/text.py. It imports nothing else of this project.
"""

import json
import sys
from pathlib import Path

from components.text import Secret, Text


def fill(texts: Path, parts: Path, composed: Path) -> None:
    """Write each text of the file `texts` under its name. Its secrets are files in `parts`."""
    for name, text in json.loads(texts.read_text()).items():
        # The newline that an editor leaves at a file's end is no part of a password.
        values = {
            secret: (parts / secret).read_text().removesuffix("\n") for secret in text["secrets"]
        }
        secrets = tuple(Secret(name=secret) for secret in values)
        file = composed / name
        # It exists, and is read-only, where the container runs again.
        file.unlink(missing_ok=True)
        file.write_text(Text(template=text["template"], secrets=secrets).fill(values))
        file.chmod(0o444)


if __name__ == "__main__":
    fill(*map(Path, sys.argv[1:]))
