"""The shapes of single values, each with words that say what is allowed."""

import posixpath
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
)
from pydantic_core import core_schema

_DNS_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
SERVICE_NAME = re.compile(_DNS_LABEL)
# The names of Kubernetes' objects and labels, as its API takes them.
_DNS_NAME = re.compile(rf"(?=.{{1,253}}\Z){_DNS_LABEL}(\.{_DNS_LABEL})*")
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
# What every version of Kubernetes takes; Docker takes more.
_VARIABLE = re.compile(r"(?!\.\.)(?!\.\Z)[-._a-zA-Z][-._a-zA-Z0-9]*")
# The key of a Secret has at most 253 characters, and some of a path's count twice in it.
LONGEST_FILE = 120
# The greatest number of a user or a group, on both targets.
LAST_ID = 2**31 - 1
# In a URL, and not a reference to another variable.
_PASSWORD = re.compile(r"://[^/\s?#,\"'@:]*:(?!\$\{)[^/\s?#,\"'@]+@")
_HOST_AND_PORT = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?"
_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"({_HOST_AND_PORT}/)?{_PART}(/{_PART})*"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True)
class Shape:
    """Text of a shape: editors get the pattern, and who gets it wrong gets the words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}

    def _check(self, value: str) -> str:
        # An end that is none: Python's `$` lets a newline follow.
        if not re.search(re.sub(r"\$$", r"\\Z", self.pattern), value):
            raise ValueError(self.words)
        return value


def _fixed_reference(value: str) -> str:
    match = _REFERENCE.fullmatch(value)
    if not match or not (match["tag"] or match["digest"]) or match["tag"] == "latest":
        raise ValueError("an image with a fixed tag or digest, such as `example/app:1.4.2`")
    return value


def _unprivileged(value: str) -> str:
    """Group 0 is no privilege: it is the group of images that run as any user, Grafana's among
    them, and `restricted` asks about the user only."""
    match = re.fullmatch(r"([1-9]\d{0,9}):(\d{1,10})", value)
    if not match or max(map(int, match.groups())) > LAST_ID:
        raise ValueError("numbers `uid:gid`, and not root, such as `10001:10001`")
    return value


def _dns_name(value: str) -> str:
    if not _DNS_NAME.fullmatch(value):
        raise ValueError(
            "a name: at most 253 lower-case letters, digits, dashes and dots, each of its parts "
            "begun and ended by a letter or digit"
        )
    return value


def _host(value: str) -> str:
    if not _DNS_NAME.fullmatch(value) or re.fullmatch(r"[0-9.]+", value):
        raise ValueError("a host name such as `ai.example.com`, without scheme, port or path")
    return value


def _server(value: str) -> str:
    name = re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?", value)
    if not name or (re.fullmatch(r"[0-9.]+", value) and not _is_address(value)):
        raise ValueError("a host name or an IPv4 address, without scheme, port or path")
    return value


def _host_and_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError("a host and a port, such as `mail.example.com:587`")
    return f"{_server(host)}:{port}"


def _is_address(value: str) -> bool:
    try:
        return bool(IPv4Address(value))
    except ValueError:
        return False


def _namespace(value: str) -> str:
    if not re.fullmatch(_DNS_LABEL, value) or len(value) > 63:
        raise ValueError(
            "a namespace: at most 63 lower-case letters, digits and dashes, begun and ended by a "
            "letter or digit"
        )
    return value


def label_value(value: str) -> str:
    """The value, if a label may have it; ValueError says what one may be."""
    if not re.fullmatch(f"({_WORD})?", value):
        raise ValueError(
            "at most 63 letters, digits, dashes, underscores and dots, begun and ended by a letter "
            "or digit"
        )
    return value


def _label_key(value: str) -> str:
    """Annotations have keys of the same shape."""
    prefix, slash, name = value.rpartition("/")
    if not re.fullmatch(_WORD, name) or (slash and not _DNS_NAME.fullmatch(prefix)):
        raise ValueError(
            "a key such as `example.com/name`: a DNS name and a slash, or neither, and at most 63 "
            "letters, digits, dashes, underscores and dots"
        )
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(
            "a variable: letters, digits, dashes, underscores and dots, and no digit first"
        )
    return value


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _plain(value: str) -> str:
    if _PASSWORD.search(value):
        raise ValueError(
            "no `user:password@` in a URL: `credentials` hands one over as a file, or in a "
            "variable with `secrets_as: env`"
        )
    return value


def _place(value: str) -> str:
    if not value.startswith("/"):
        return _variable(value)
    plain = re.fullmatch(r"(/[A-Za-z0-9._-]+)+", value) and normal(value) == value
    if not plain or len(value) > LONGEST_FILE:
        raise ValueError(
            f"a variable, or the path of a file: at most {LONGEST_FILE} characters, without `.`, "
            "`..` and a slash at its end"
        )
    return value


def _secret_key(value: str) -> str:
    if not re.fullmatch(r"(?!\.\.)[A-Za-z0-9._-]{1,253}", value) or value == ".":
        raise ValueError(
            "a key of a Secret: at most 253 letters, digits, dashes, underscores, dots"
        )
    return value


def normal(path: str) -> str:
    """A path as the kernel finds it: `.`, `..`, doubled slashes and one at the end resolved."""
    return "/" + posixpath.normpath(path).lstrip("/")


def mebibytes(value: str) -> int:
    """`512Mi`, `2Gi` or `1Ti` as a number of MiB."""
    number, unit = int(value[:-2]), value[-2:]
    return number * {"Mi": 1, "Gi": 1024, "Ti": 1024**2}[unit]


def _web_url(value: SecretStr) -> SecretStr:
    if not _leads_somewhere(value.get_secret_value(), "http", "https"):
        raise ValueError("a URL such as `https://hooks.example.com/alerts`")
    return value


def _engine(value: str) -> str:
    path = re.fullmatch(r"(unix|npipe)://\S+", value)
    if not path and not _leads_somewhere(value, "tcp", "http", "https", "ssh"):
        raise ValueError(
            "an engine's URL: `unix:///path`, `tcp://host:port`, `ssh://user@host` or `npipe://…`"
        )
    return value


def _leads_somewhere(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
        # A port that is none, or beyond 65535, raises when it is asked for.
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


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
# Strict: `true` and "8080" are no ports.
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Memory = Annotated[str, Shape(r"^[1-9]\d{0,5}(Mi|Gi)$", "a size such as `512Mi` or `2Gi`")]
Size = Annotated[str, Shape(r"^[1-9]\d{0,5}(Mi|Gi|Ti)$", "a size such as `10Gi` or `1Ti`")]
# The kernel shares out no less than a hundredth.
Cpu = Annotated[float, Field(ge=0.01, le=64)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Repository = Annotated[
    str,
    Shape(
        rf"^{_HOST_AND_PORT}(/{_PART})*$",
        "a host, and a port and a path where it has them, without scheme: `example.com/mirror`",
    ),
]
Path = Annotated[str, Shape(r"^/[A-Za-z0-9._/-]*$", "a path such as `/app/data`")]
Reference = Annotated[str, AfterValidator(_fixed_reference)]
User = Annotated[str, AfterValidator(_unprivileged)]
Name = Annotated[str, AfterValidator(_dns_name)]
Host = Annotated[str, AfterValidator(_host)]
Server = Annotated[str, AfterValidator(_server)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
WebUrl = Annotated[SecretStr, AfterValidator(_web_url)]
Engine = Annotated[str, AfterValidator(_engine)]
# `pulumi config set` makes a number or a yes of what looks like one.
Plain = Annotated[str, BeforeValidator(_text), AfterValidator(_plain)]
Namespace = Annotated[str, AfterValidator(_namespace)]
Label = Annotated[str, AfterValidator(label_value)]
LabelKey = Annotated[str, AfterValidator(_label_key)]
Variable = Annotated[str, AfterValidator(_variable)]
Place = Annotated[str, AfterValidator(_place)]
SecretKey = Annotated[str, AfterValidator(_secret_key)]
