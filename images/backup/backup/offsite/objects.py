"""Reads and removes an object of a bucket.

restic keeps a damaged file, and does not send its content again. The name of a file is the SHA-256
of its content.

Requests are signed by the rules of AWS, version 4.
"""

import hashlib
import hmac
import http.client
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from backup.config import OffsiteConfig
from backup.offsite.restic import OffsiteError, Repository

SECONDS = 30
BLOCK = 1 << 20
REGION = "us-east-1"
EMPTY = hashlib.sha256(b"").hexdigest()

log = logging.getLogger(__name__)


def remove_damaged(config: OffsiteConfig, repository: Repository) -> None:
    """Remove the files of a repository whose content is not what their names say, so that a backup
    sends it again. A file that did not arrive whole stays."""
    for name in repository.suspects():
        path = f"data/{name[:2]}/{name}"
        if digest(config, path) not in (name, None):
            log.warning("removing the damaged object %s", name)
            remove(config, path)
    repository.forget_missing()


def remove(config: OffsiteConfig, name: str) -> None:
    """Remove an object below the repository, such as `data/ab/abcd…`. A missing one is no error."""
    with _answer(config, "DELETE", name) as answer:
        if answer.status not in (200, 204, 404):
            raise _refusal(config, "DELETE", name, f"it answers with status {answer.status}")


def digest(config: OffsiteConfig, name: str) -> str | None:
    """The SHA-256 of an object's whole content; None if there is no such object.

    Raises OffsiteError if the content does not arrive whole, which says nothing about the object.
    """
    with _answer(config, "GET", name) as answer:
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _refusal(config, "GET", name, f"it answers with status {answer.status}")
        content, length = hashlib.sha256(), 0
        while block := answer.read(BLOCK):
            content.update(block)
            length += len(block)
        # A read of so many bytes does not say by itself that the connection ended too early.
        if answer.headers["Content-Length"] not in (str(length), None):
            raise _refusal(config, "GET", name, f"the content ended after {length} bytes")
    return content.hexdigest()


@contextmanager
def _answer(config: OffsiteConfig, method: str, name: str) -> Iterator[http.client.HTTPResponse]:
    url = urlsplit(config.repository.removeprefix("s3:"))
    path = quote(f"{url.path}/{name}")
    headers = signed(method, url.netloc, path, config, datetime.now(UTC))
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        trusted = ssl.create_default_context(cafile=config.ca_file and str(config.ca_file))
        connection = http.client.HTTPSConnection(url.netloc, timeout=SECONDS, context=trusted)
    else:
        connection = http.client.HTTPConnection(url.netloc, timeout=SECONDS)
    try:
        connection.request(method, path, headers=dict(headers))
        yield connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _refusal(config, method, name, str(error)) from None
    finally:
        connection.close()


def _refusal(config: OffsiteConfig, method: str, name: str, reason: str) -> OffsiteError:
    host = urlsplit(config.repository.removeprefix("s3:")).netloc
    return OffsiteError(f"{host}: {method} of {name} failed: {reason}")


def signed(
    method: str, host: str, path: str, config: OffsiteConfig, now: datetime
) -> Mapping[str, str]:
    """The headers of a request without a body and without parameters."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{config.region or REGION}/s3/aws4_request"
    names = "host;x-amz-content-sha256;x-amz-date"
    lines = [f"host:{host}", f"x-amz-content-sha256:{EMPTY}", f"x-amz-date:{moment}"]
    request = "\n".join([method, path, "", *lines, "", names, EMPTY])
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + config.secret_key_file.read_text().strip().encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode()
    credential = f"{config.access_key_file.read_text().strip()}/{scope}"
    return {
        "Host": host,
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": moment,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, "
        f"Signature={hmac.new(key, text, 'sha256').hexdigest()}",
    }
