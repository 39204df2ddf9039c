"""The shapes of single values."""

from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from components.settings import values
from tests.unit.describing import settings

DIGEST = "@sha256:" + "0" * 64


def accepts(shape: Any, value: Any) -> bool:
    try:
        TypeAdapter(shape).validate_python(value)
    except ValidationError:
        return False
    return True


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
    assert accepts(values.Reference, reference) is right


@pytest.mark.parametrize(
    ("user", "right"),
    [
        ("10001:10001", True),
        # Group 0 is no privilege: images that run as any user belong to it.
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
    assert accepts(values.User, user) is right


@pytest.mark.parametrize(("text", "number"), [("1Mi", 1), ("512Mi", 512), ("2Gi", 2048)])
def test_memory_counts_in_mebibytes(text: str, number: int) -> None:
    assert accepts(values.Memory, text)
    assert values.mebibytes(text) == number


@pytest.mark.parametrize("text", ["0Mi", "512", "512M", "1.5Gi", "-1Mi", "1Ti", "Mi"])
def test_other_spellings_of_memory_are_refused(text: str) -> None:
    assert not accepts(values.Memory, text)


def test_a_volume_may_be_of_tebibytes() -> None:
    assert accepts(values.Size, "1Ti")
    assert not accepts(values.Size, "1T")


@pytest.mark.parametrize(
    ("shape", "least", "greatest"),
    [(values.Port, 1, 65535), (values.Seconds, 1, 3600), (values.Cpu, 0.01, 64)],
)
def test_numbers_have_a_least_and_a_greatest(shape: Any, least: float, greatest: float) -> None:
    assert accepts(shape, least)
    assert accepts(shape, greatest)
    assert not accepts(shape, 0)
    assert not accepts(shape, greatest + 1)


@pytest.mark.parametrize(
    ("path", "right"), [("/", True), ("/app/data-1_2.x", True), ("app", False), ("/a b", False)]
)
def test_a_path_is_absolute_and_plain(path: str, right: bool) -> None:
    assert accepts(values.Path, path) is right


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
    assert accepts(values.Cidr, cidr) is right


def test_a_secret_is_revealed_where_it_is_given() -> None:
    assert values.revealed(SecretStr("value")) == "value"
    assert values.revealed(None) is None


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("name", True),
        ("Name_1.a-b", True),
        ("example.com/name", True),
        ("a" * 63, True),
        (f"{'a' * 253}/name", True),
        ("a" * 64, False),
        (f"{'a' * 254}/name", False),
        ("/name", False),
        ("example.com/", False),
        ("Example.com/name", False),
        ("a/b/c", False),
        ("-name", False),
        ("name-", False),
        ("na me", False),
        ("", False),
    ],
)
def test_a_label_has_a_qualified_name(key: str, right: bool) -> None:
    assert accepts(values.LabelKey, key) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("", True),
        ("a" * 63, True),
        ("A_b.c-1", True),
        ("a" * 64, False),
        ("-a", False),
        ("a b", False),
    ],
)
def test_a_label_has_a_short_value(value: str, right: bool) -> None:
    assert accepts(values.Label, value) is right


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("a", True),
        ("a.b-c.d1", True),
        ("a" * 253, True),
        ("a" * 254, False),
        ("a..b", False),
        ("a.-b", False),
        ("A", False),
        ("a\n", False),
    ],
)
def test_an_object_is_named_as_a_host_is(name: str, right: bool) -> None:
    assert accepts(values.Name, name) is right
    assert accepts(values.Host, name) is right


def test_an_address_is_a_name_and_no_host() -> None:
    assert accepts(values.Name, "10.0.0.1")
    assert not accepts(values.Host, "10.0.0.1")


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
    assert accepts(values.HostAndPort, server) is right


@pytest.mark.parametrize(
    ("name", "right"), [("a-1", True), ("a" * 63, True), ("a" * 64, False), ("a.b", False)]
)
def test_a_namespace_is_one_part_of_a_name(name: str, right: bool) -> None:
    assert accepts(values.Namespace, name) is right


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/", "/"), ("//a", "/a"), ("/a/", "/a"), ("/a//b/./c/..", "/a/b"), ("/..", "/")],
)
def test_a_path_is_what_the_kernel_finds(path: str, normal: str) -> None:
    assert values.normal(path) == normal


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:3000,ops@example.com",
        "http://a.example.com:8080?mail=me@example.org",
        "postgresql://${USER}:${PASSWORD}@db/x",
        "http://h.example.com:80#a@b",
        "key:value@host",
    ],
)
def test_a_variable_may_have_an_at_sign_that_is_no_login(value: str) -> None:
    given = {"api": {"services": {"reports": {"image": "acme/reports:1", "env": {"V": value}}}}}
    assert settings(given).api.services["reports"].env == {"V": value}


def test_a_variable_takes_the_numbers_that_pulumi_makes_of_text() -> None:
    env = {"WORKERS": 4, "RATIO": 0.5, "DEBUG": True}
    given = {"api": {"services": {"reports": {"image": "acme/reports:1", "env": env}}}}
    found = settings(given).api.services["reports"].env
    assert found == {"WORKERS": "4", "RATIO": "0.5", "DEBUG": "true"}


@pytest.mark.parametrize("host", ["my_db", "DB.internal", "db.internal.", "192.0.2.1"])
def test_an_external_server_is_named_as_resolvers_know_it(host: str) -> None:
    server = {"mode": "external", "external": {"host": host, "user": "u", "password": "p"}}
    external = settings({"cache": server}, secret=("cache",)).cache.external
    assert external is not None
    assert external.host == host
