"""Text with placeholders for secrets."""

import hashlib
import json
from urllib.parse import unquote

import pytest

from components.text import Secret, Text, literal

HOSTILE = "a\"b'c\\d @:/?#%$&{}\n${other}é"


def filled(template: str, value: str) -> str:
    return Text(template=template, secrets=(Secret(name="key"),)).fill({"key": value})


def test_a_placeholder_gets_the_value_of_its_secret() -> None:
    assert filled("user ${key} end", "s3cret") == "user s3cret end"


def test_a_value_that_looks_like_a_placeholder_is_not_filled() -> None:
    assert filled("${key}", HOSTILE) == HOSTILE


def test_the_url_form_survives_every_character() -> None:
    url = filled("redis://user:${key:url}@host:1/0", HOSTILE)
    password = url.removeprefix("redis://user:").removesuffix("@host:1/0")
    assert not set(password) & set("@:/?#[] \n")
    assert unquote(password) == HOSTILE


def test_the_json_form_survives_every_character() -> None:
    assert json.loads(filled('{"url": ${key:json}}', HOSTILE)) == {"url": HOSTILE}


def test_the_sha256_form_is_the_digest_that_redis_compares_with() -> None:
    assert filled("#${key:sha256}", "pw") == "#" + hashlib.sha256(b"pw").hexdigest()


def test_an_escaped_brace_is_a_literal_one() -> None:
    assert filled("$${key} ${key}", "pw") == "${key} pw"
    assert filled(literal("${key} $${key}") + "${key}", "pw") == "${key} $${key}pw"


def test_text_without_secrets_is_not_filled() -> None:
    assert Text(template="${HOME} ${key}").fill({}) == "${HOME} ${key}"


def test_the_error_for_a_placeholder_without_a_value_names_it() -> None:
    with pytest.raises(KeyError, match="other"):
        filled("${other}", "value")


def test_the_error_for_an_unknown_form_names_it() -> None:
    with pytest.raises(KeyError, match="base64"):
        filled("${key:base64}", "value")


def test_the_representation_does_not_contain_the_value() -> None:
    assert "hunter2" not in repr(Secret(name="key", value="hunter2"))


def test_a_secrets_path_is_its_name_below_run_secrets() -> None:
    assert Secret(name="key").path == "/run/secrets/key"


def test_a_secrets_text_is_its_value_only() -> None:
    text = Secret(name="key").text
    assert text.fill({"key": HOSTILE}) == HOSTILE
    assert text.secrets == (Secret(name="key"),)
    assert text.name == "key"
