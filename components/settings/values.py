"""The shapes of single values, each with words that say what is allowed."""

import re
from ipaddress import IPv4Address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

SERVICE_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_REFERENCE = re.compile(
    r"^[a-z0-9][a-z0-9._:/-]*?(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?$"
)


def _fixed_reference(value: str) -> str:
    match = _REFERENCE.match(value)
    if not match or not (match["tag"] or match["digest"]) or match["tag"] == "latest":
        raise ValueError("an image with a fixed tag or digest, such as `example/app:1.4.2`")
    return value


def _unprivileged(value: str) -> str:
    if not re.match(r"^[1-9]\d{0,9}:\d{1,10}$", value):
        raise ValueError("numbers `uid:gid`, and not root, such as `10001:10001`")
    return value


def mebibytes(value: str) -> int:
    """`512Mi`, `2Gi` or `1Ti` as a number of MiB."""
    number, unit = int(value[:-2]), value[-2:]
    return number * {"Mi": 1, "Gi": 1024, "Ti": 1024**2}[unit]


def url_port(url: str) -> int:
    """The port that a URL leads to."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def revealed(value: SecretStr | None) -> str | None:
    """A secret's value; None where it is not given."""
    return value.get_secret_value() if value else None


def _address(value: str) -> str:
    try:
        return str(IPv4Address(value))
    except ValueError:
        raise ValueError("an IPv4 address of this machine, such as `127.0.0.1`") from None


def _cidr(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("an address range such as `10.20.0.0/16`, without host bits") from None


Address = Annotated[str, AfterValidator(_address)]
Cidr = Annotated[str, AfterValidator(_cidr)]
Port = Annotated[int, Field(ge=1, le=65535)]
Memory = Annotated[str, Field(pattern=r"^[1-9]\d*(Mi|Gi)$")]
Size = Annotated[str, Field(pattern=r"^[1-9]\d*(Mi|Gi|Ti)$")]
Cpu = Annotated[float, Field(gt=0, le=64)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]*$")]
Reference = Annotated[str, AfterValidator(_fixed_reference)]
User = Annotated[str, AfterValidator(_unprivileged)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Label = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$")]
