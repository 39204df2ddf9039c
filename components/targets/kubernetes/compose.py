"""Run in a pod, before its containers: texts composed of secrets that only the cluster has.

It stands in a ConfigMap beside components/text.py, whose forms it uses, and imports nothing else.
"""

import json
import sys
from pathlib import Path

from components.text import Secret, Text


def compose(texts: Path, parts: Path, composed: Path) -> None:
    """Write each of the texts, given by file name, with the parts that are files of that name."""
    for name, text in json.loads(texts.read_text()).items():
        # The newline that an editor leaves at a file's end is no part of a password.
        values = {each: (parts / each).read_text().removesuffix("\n") for each in text["secrets"]}
        secrets = tuple(Secret(name=each) for each in values)
        file = composed / name
        # There already, and read-only, where the pod is started again.
        file.unlink(missing_ok=True)
        file.write_text(Text(template=text["template"], secrets=secrets).fill(values))
        file.chmod(0o444)


if __name__ == "__main__":
    compose(*map(Path, sys.argv[1:]))
