"""Removes an object of a bucket. restic keeps a damaged file, and does not send it again.

Requests are signed by the rules of AWS, version 4.
"""

import hashlib
import hmac
import http.client
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from backup.config import OffsiteConfig
from backup.offsite.restic import OffsiteError

SECONDS = 30
REGION = "us-east-1"
EMPTY = hashlib.sha256(b"").hexdigest()


def remove(config: OffsiteConfig, name: str, now: datetime | None = None) -> None:
    """Remove an object below the repository, such as `data/ab/abcd…`. A missing one is no error."""
    url = urlsplit(config.repository.removeprefix("s3:"))
    path = quote(f"{url.path}/{name}")
    headers = signed("DELETE", url.netloc, path, config, now or datetime.now(UTC))
    try:
        connection: http.client.HTTPConnection
        if url.scheme == "https":
            trusted = ssl.create_default_context(cafile=config.ca_file and str(config.ca_file))
            connection = http.client.HTTPSConnection(url.netloc, timeout=SECONDS, context=trusted)
        else:
            connection = http.client.HTTPConnection(url.netloc, timeout=SECONDS)
        connection.request("DELETE", path, headers=dict(headers))
        status = connection.getresponse().status
        connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise OffsiteError(f"{url.netloc} does not remove {name}: {error}") from None
    if status not in (200, 204, 404):
        raise OffsiteError(f"{url.netloc} does not remove {name}: it answers with status {status}")


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
