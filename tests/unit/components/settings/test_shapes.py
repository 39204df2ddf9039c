"""The shapes of single values."""

from typing import Any

import pytest

from components.settings.addresses import PortNumber
from components.settings.shapes import (
    Cpu,
    Memory,
    Path,
    Reference,
    Retention,
    Seconds,
    Size,
    User,
)
from tests.unit.components.settings.shapes import accepts
from tests.unit.describing import settings

DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("reference", "right"),
    [
        ("redis:7-bookworm", True),
        ("acme/app:1.4.2", True),
        ("registry.example.com:5000/acme/app:1", True),
        (f"acme/app{DIGEST}", True),
        (f"acme/app:1{DIGEST}", True),
        ("redis", False),
        ("registry.example.com:5000/acme/app", False),
        ("redis:latest", False),
        (f"redis:latest{DIGEST}", False),
        ("redis:", False),
        ("acme/app@sha256:0", False),
        ("Acme/App:1", False),
        ("acme/app:1 ", False),
        ("", False),
    ],
)
def test_an_image_has_a_fixed_tag_or_a_digest(reference: str, right: bool) -> None:
    assert accepts(Reference, reference) is right


@pytest.mark.parametrize(
    ("user", "right"),
    [
        ("10001:10001", True),
        # GID 0 has no privileges: images that run as any user belong to that group.
        ("472:0", True),
        ("0:0", False),
        ("0:10001", False),
        ("app", False),
        ("1000", False),
        ("1000:", False),
        ("-1:1", False),
        ("1:1\n", False),
        ("2147483647:2147483647", True),
        ("2147483648:1", False),
        ("1:2147483648", False),
    ],
)
def test_a_user_is_two_numbers_and_not_root(user: str, right: bool) -> None:
    assert accepts(User, user) is right


@pytest.mark.parametrize(
    "text", ["0Mi", "512", "512M", "1.Gi", ".5Gi", "01Gi", "0.5Mi", "-1Mi", "1Ti", "Mi"]
)
def test_other_notations_of_memory_are_rejected(text: str) -> None:
    assert not accepts(Memory, text)


@pytest.mark.parametrize("text", ["1.5Gi", "0.5Gi", "1.25Gi", "999999Mi"])
def test_memory_may_have_a_decimal_point(text: str) -> None:
    assert accepts(Memory, text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("200h", True),
        ("100y", True),
        ("101y", False),
        ("300y", False),
        ("36500d", True),
        ("36501d", False),
        ("5214w", True),
        ("5215w", False),
        ("876000h", True),
        ("876001h", False),
    ],
)
def test_a_retention_is_one_with_which_prometheus_starts(text: str, right: bool) -> None:
    assert accepts(Retention, text) is right


def test_a_volume_may_have_tebibytes() -> None:
    assert accepts(Size, "1Ti")
    assert not accepts(Size, "1T")


@pytest.mark.parametrize(
    ("shape", "least", "greatest"),
    [(PortNumber, 1, 65535), (Seconds, 1, 3600), (Cpu, 0.01, 64)],
)
def test_numbers_have_a_smallest_and_a_largest_value(
    shape: Any, least: float, greatest: float
) -> None:
    assert accepts(shape, least)
    assert accepts(shape, greatest)
    assert not accepts(shape, 0)
    assert not accepts(shape, greatest + 1)


@pytest.mark.parametrize(
    ("path", "right"), [("/", True), ("/app/data-1_2.x", True), ("app", False), ("/a b", False)]
)
def test_a_path_is_absolute_and_plain(path: str, right: bool) -> None:
    assert accepts(Path, path) is right


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:3000,ops@example.com",
        "http://a.example.com:8080?mail=me@example.org",
        "postgresql://$${USER}:$${PASSWORD}@db/x",
        "http://h.example.com:80#a@b",
        "key:value@host",
    ],
)
def test_a_variable_may_have_an_at_sign_outside_a_login(value: str) -> None:
    config = {"api": {"services": {"reports": {"image": "acme/reports:1", "env": {"V": value}}}}}
    assert settings(config).api.services["reports"].env == {"V": value}


def test_a_variable_accepts_numbers_that_pulumi_parsed_from_text() -> None:
    env = {"WORKERS": 4, "RATIO": 0.5, "DEBUG": True}
    config = {"api": {"services": {"reports": {"image": "acme/reports:1", "env": env}}}}
    loaded = settings(config).api.services["reports"].env
    assert loaded == {"WORKERS": "4", "RATIO": "0.5", "DEBUG": "true"}
