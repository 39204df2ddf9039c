"""A real S3 server on the engine, for what the platform keeps in a bucket."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.e2e.apps import build
from tests.e2e.contracts.engine import LABEL, Container, docker
from tests.e2e.stack import Stack, output_of

PORT = 7070
NAME = "bucket-server"
OUTSIDE_LABEL = "ai-platform.bucket"
GATEWAY = "{{(index .IPAM.Config 0).Gateway}}"


@dataclass(frozen=True, kw_only=True)
class BucketServer:
    container: Container
    url: str

    def join(self, network: str) -> None:
        docker("network", "connect", "--alias", NAME, network, self.container.id)

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


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The login at the server."""

    access: str
    secret: str


def start_on_host(port: int, keys: Keys) -> BucketServer:
    """Start a server in the network of this machine, as one outside every stack."""
    options = ["--network", "host", "--label", OUTSIDE_LABEL]
    server = _run(keys, options, ["--port", f":{port}"])
    gateway = docker("network", "inspect", "bridge", "--format", GATEWAY).stdout.strip()
    return replace(server, url=f"http://{gateway}:{port}")


def start(network: str, keys: Keys, *, tls: Path) -> BucketServer:
    """Start a server on a network of the engine, with the certificate in this directory."""
    place = ["--network", network, "--network-alias", NAME]
    options = ["--label", LABEL, *place, f"--volume={tls}:/tls:ro"]
    return _run(keys, options, ["--cert", "/tls/tls.crt", "--key", "/tls/tls.key"])


def _run(keys: Keys, options: Sequence[str], arguments: Sequence[str]) -> BucketServer:
    build.ensure([build.BUCKETS])
    id = docker(
        "run", "--detach",
        "--env", f"ROOT_ACCESS_KEY_ID={keys.access}",
        "--env", f"ROOT_SECRET_ACCESS_KEY={keys.secret}",
        *options, build.BUCKETS.reference,
        "--quiet", *arguments, "posix", "--sidecar", "/metadata", "/objects",
    ).stdout.strip()  # fmt: skip
    return BucketServer(container=Container(id=id), url=f"https://{NAME}:{PORT}")


def give(stack: Stack, server: BucketServer, keys: Keys, **settings: Any) -> None:
    """Write the bucket into the stack file, beside these settings of backups, and its keys and the
    passphrase as secrets."""
    offsite = {"endpoint": server.url, "bucket": "e2e", "prefix": "prod"}
    backup = {**settings, "offsite": {**offsite, **settings.get("offsite", {})}}
    stack.write({"data": {"backup": backup}})
    stack.workspace.write_files()
    secrets = {"access_key": keys.access, "secret_key": keys.secret, "passphrase": "e2e phrase"}
    for key, value in secrets.items():
        path = f"ai-platform:data.backup.offsite.{key}"
        run(stack, "config", "set", "--secret", "--path", path, value)
    # The verbs and Pulumi read the stack file, and Pulumi writes into its own copy.
    stack.config.write_text((stack.workspace.directory / stack.config.name).read_text())


def run(stack: Stack, *arguments: str) -> None:
    result = stack.workspace.pulumi(
        *arguments, "--stack", stack.workspace.stack, quiet=True, check=False
    )
    assert result.returncode == 0, output_of(result)


def make_certificate(directory: Path) -> str:
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
    return certificate.read_text()
