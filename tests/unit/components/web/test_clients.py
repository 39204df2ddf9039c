"""Whose requests the gateway counts together."""

import re

import pytest

from components.web.nginx import Door
from tests.unit.components.web.test_nginx import block, made

FORWARDED = "map $http_x_forwarded_for $client_address"
BEHIND_INGRESS = made({"/": "frontend"}, Door(behind_ingress=True))


def test_a_client_is_an_address_that_it_cannot_forge() -> None:
    at_the_edge = made({"/": "frontend"})
    assert block('map "" $client_address', at_the_edge) == "default $remote_addr;\n"
    assert re.fullmatch(
        r'"~.+" \$last_address;\ndefault \$remote_addr;\n', block(FORWARDED, BEHIND_INGRESS)
    )


@pytest.mark.parametrize(
    "before", ["", "192.0.2.1, ", "192.0.2.1:99,", "forged, [2001:db8::9]:1, "]
)
@pytest.mark.parametrize("after", ["", " "])
@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:51234", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:1:2:3:4:5", "2001:DB8:0:1:2:3:4:5"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.7"),
        ("unknown", None),
        ("x198.51.100.7", None),
    ],
)
def test_behind_an_ingress_a_client_is_the_last_address_without_its_port(
    before: str, written: str, after: str, address: str | None
) -> None:
    """Else each connection would be a client of its own."""
    pattern = block(FORWARDED, BEHIND_INGRESS).removeprefix('"~').partition('" ')[0]
    match = re.search(pattern.replace("(?<", "(?P<"), before + written + after)
    assert (match and match["last_address"]) == address
