"""A real S3 server on the engine, for what the platform keeps in a bucket."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.apps import build
from tests.e2e.contracts.engine import LABEL, Container, docker

ACCESS_KEY, SECRET_KEY = "e2e-access-key", "e2e-secret-key"
PORT = 7070
NAME = "bucket-server"
BUCKET = "backups"


@dataclass(frozen=True, kw_only=True)
class BucketServer:
    """`ca` is the certificate that clients must trust; None for a server without TLS."""

    container: Container
    url: str
    ca: Path | None = None

    def stop(self) -> None:
        docker("stop", "--time", "1", self.container.id)

    def start(self) -> None:
        docker("start", self.container.id)

    def objects(self, kind: str) -> list[str]:
        """The paths of restic's files of a kind, such as `data`, the largest first."""
        script = f"find /objects -path '*/{kind}/*' -type f -exec stat -c '%s %n' {{}} +"
        rows = self.container.run("sh", "-c", script).stdout.splitlines()
        return [row.split(" ", 1)[1] for row in sorted(rows, key=lambda row: -int(row.split()[0]))]

    def corrupt(self, path: str) -> None:
        """Change one byte in the middle of an object."""
        script = (
            'middle=$(($(stat -c %s "$1") / 2)); '
            'byte=$(dd if="$1" bs=1 count=1 skip=$middle 2>/dev/null | od -An -tu1); '
            'printf "\\\\$(printf %o $((byte ^ 255)))" '
            '| dd of="$1" bs=1 seek=$middle conv=notrunc 2>/dev/null'
        )
        result = self.container.run("sh", "-c", script, "sh", path)
        assert result.returncode == 0, result.stderr


def start(
    network: str,
    *,
    label: str = LABEL,
    tls: Path | None = None,
    options: Sequence[str] = (),
) -> BucketServer:
    """Start a server on a network of the engine. `tls` is a directory for its certificate."""
    build.ensure([build.BUCKETS])
    files: list[str] = []
    certificate: Path | None = None
    arguments: list[str] = []
    if tls:
        certificate = make_certificate(tls)
        files = [f"--volume={tls}:/tls:ro"]
        arguments = ["--cert", "/tls/tls.crt", "--key", "/tls/tls.key"]
    id = docker(
        "run", "--detach", "--label", label, "--network", network, "--network-alias", NAME,
        "--env", f"ROOT_ACCESS_KEY_ID={ACCESS_KEY}", "--env", f"ROOT_SECRET_ACCESS_KEY={SECRET_KEY}",
        *files, *options, build.BUCKETS.reference,
        "--quiet", *arguments, "posix", "--sidecar", "/metadata", "/objects",
    ).stdout.strip()  # fmt: skip
    scheme = "https" if tls else "http"
    return BucketServer(container=Container(id=id), url=f"{scheme}://{NAME}:{PORT}", ca=certificate)


def make_certificate(directory: Path) -> Path:
    """A certificate that signs itself, for the server's name."""
    certificate, key = directory / "tls.crt", directory / "tls.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
            "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    directory.chmod(0o755)
    key.chmod(0o644)
    return certificate
