"""The shapes of hosts, addresses and URLs."""

import pytest

from components.settings.addresses import Cidr, HostAndPort, MailAddress
from tests.unit.components.settings.shapes import accepts


@pytest.mark.parametrize(
    ("cidr", "right"),
    [
        ("10.0.0.0/8", True),
        ("10.1.2.3/32", True),
        ("0.0.0.0/0", True),
        ("2001:db8::/32", True),
        ("10.0.0.1/8", False),
        ("10.0.0.0/33", False),
        ("db.example.com", False),
    ],
)
def test_an_address_range_has_no_host_bits(cidr: str, right: bool) -> None:
    assert accepts(Cidr, cidr) is right


@pytest.mark.parametrize(
    ("server", "right"),
    [
        ("mail.example.com:587", True),
        ("10.0.0.1:25", True),
        ("mail.example.com", False),
        ("mail.example.com:", False),
        ("mail.example.com:0", False),
        ("mail.example.com:65536", False),
        ("smtp://mail.example.com:587", False),
        (":587", False),
    ],
)
def test_a_mail_server_is_a_host_and_a_port(server: str, right: bool) -> None:
    assert accepts(HostAndPort, server) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("on-call@example.com", True),
        ("a@example.com, b@example.com", True),
        ("On call <on-call@example.com>", True),
        ("", False),
        (" ", False),
        ("on-call", False),
        ("a@example.com,", False),
        ("a@example.com b@example.com", False),
        ("a@example.com\nBcc: b@example.com", False),
    ],
)
def test_a_recipient_is_a_mail_address(value: str, right: bool) -> None:
    assert accepts(MailAddress, value) is right
