"""The shapes of hosts, addresses and URLs, and the words for them in errors."""

import re
from ipaddress import IPv4Address, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from components.settings.kubernetes_names import DNS_NAME
from components.settings.urls import has_server

_MAIL = r"[^\s<>@,]+@[^\s<>@,]+"
_NAMED_MAIL = rf"([^<>@,\r\n]*<{_MAIL}>|{_MAIL})"


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


def host_shape(value: str) -> str:
    if not DNS_NAME.fullmatch(value) or re.fullmatch(r"[0-9.]+", value):
        raise ValueError("a host name such as `ai.example.com`, without scheme, port or path")
    return value


def _server(value: str) -> str:
    name = re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?", value)
    if not name or (re.fullmatch(r"[0-9.]+", value) and not _is_address(value)):
        raise ValueError("a host name or an IPv4 address, without scheme, port or path")
    return value


def _is_address(value: str) -> bool:
    try:
        return bool(IPv4Address(value))
    except ValueError:
        return False


def _host_and_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError("a host and a port, such as `mail.example.com:587`")
    return f"{_server(host)}:{port}"


def _mail(value: str) -> str:
    """Alertmanager passes it on to the mail server, which rejects each alert of a wrong address."""
    if not re.fullmatch(rf"{_NAMED_MAIL}(,\s*{_NAMED_MAIL})*", value):
        raise ValueError("a mail address such as `on-call@example.com`, or several with commas")
    return value


def _sender(value: str) -> str:
    """Alertmanager sends no mail if there are several."""
    if not re.fullmatch(_NAMED_MAIL, value):
        raise ValueError("one mail address, such as `ai-platform@example.com`")
    return value


def _web_url(value: SecretStr) -> SecretStr:
    if not has_server(value.get_secret_value(), "http", "https"):
        raise ValueError("a URL such as `https://hooks.example.com/alerts`")
    return value


def _web_server(value: str) -> str:
    if not has_server(value, "http", "https"):
        raise ValueError("a URL with a host, and with no port or one from 1 to 65535")
    return value


def _engine(value: str) -> str:
    path = re.fullmatch(r"(unix|npipe)://\S+", value)
    if not path and not has_server(value, "tcp", "http", "https", "ssh"):
        raise ValueError(
            "an engine's URL: `unix:///path`, `tcp://host:port`, `ssh://user@host` or `npipe://…`"
        )
    return value


IpAddress = Annotated[str, AfterValidator(_address)]
Cidr = Annotated[str, AfterValidator(_cidr)]
# Strict mode rejects `true` and "8080".
PortNumber = Annotated[int, Field(ge=1, le=65535, strict=True)]
Host = Annotated[str, AfterValidator(host_shape)]
Server = Annotated[str, AfterValidator(_server)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
MailAddress = Annotated[str, AfterValidator(_mail)]
MailSender = Annotated[str, AfterValidator(_sender)]
WebUrl = Annotated[SecretStr, AfterValidator(_web_url)]
# For a URL whose shape says what else it has.
OfWebServer = AfterValidator(_web_server)
EngineUrl = Annotated[str, AfterValidator(_engine)]
