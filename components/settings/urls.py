"""URLs: whether they name a server, and which of its ports."""

from urllib.parse import urlsplit


def has_server(url: str, *schemes: str) -> bool:
    """Whether the URL has one of the schemes, a host and, if any, a port from 1 to 65535."""
    try:
        parts = urlsplit(url)
        # Reading the port raises ValueError where it is not a number up to 65535.
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def url_port(url: str) -> int:
    """The port that a URL leads to."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
