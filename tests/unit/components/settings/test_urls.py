"""The port of a URL."""

import pytest

from components.settings import url_port


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://h.example.com/x", 80),
        ("https://h.example.com", 443),
        ("https://h.example.com:8443/x", 8443),
    ],
)
def test_a_url_without_a_port_has_the_port_of_its_scheme(url: str, port: int) -> None:
    assert url_port(url) == port
