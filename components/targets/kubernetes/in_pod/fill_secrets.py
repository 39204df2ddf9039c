"""Fill secrets that only the cluster has into texts, in a pod, before its containers start.

A ConfigMap contains this file and components/text.py. This file imports no other module of this
project.
"""

import json
import sys
from pathlib import Path

from components.text import Secret, Text


def fill(texts: Path, parts: Path, composed: Path) -> None:
    """Write each text of the file `texts` to `composed`. Its secrets are files in `parts`."""
    for name, text in json.loads(texts.read_text()).items():
        # Editors add a newline at the end of a file; it is not part of the password.
        values = {
            secret: (parts / secret).read_text().removesuffix("\n") for secret in text["secrets"]
        }
        secrets = tuple(Secret(name=secret) for secret in values)
        file = composed / name
        # The file exists and is read-only if this container runs again.
        file.unlink(missing_ok=True)
        file.write_text(Text(template=text["template"], secrets=secrets).fill(values))
        file.chmod(0o444)


if __name__ == "__main__":
    fill(*map(Path, sys.argv[1:]))
