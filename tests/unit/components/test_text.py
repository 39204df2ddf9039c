"""Text with places for secrets."""

import hashlib
import json
from urllib.parse import unquote

import pytest

from components.text import Secret, Text

HOSTILE = "a\"b'c\\d @:/?#%$&{}\n${other}é"


def filled(template: str, value: str) -> str:
    return Text(template=template, secrets=(Secret(name="key"),)).fill({"key": value})


def test_a_place_takes_the_value_of_its_secret() -> None:
    assert filled("user ${key} end", "s3cret") == "user s3cret end"


def test_a_value_that_looks_like_a_place_stays_as_it_is() -> None:
    assert filled("${key}", HOSTILE) == HOSTILE


def test_the_url_form_survives_every_character() -> None:
    whole = filled("redis://user:${key:url}@host:1/0", HOSTILE)
    password = whole.removeprefix("redis://user:").removesuffix("@host:1/0")
    assert not set(password) & set("@:/?#[] \n")
    assert unquote(password) == HOSTILE


def test_the_json_form_survives_every_character() -> None:
    assert json.loads(filled('{"url": ${key:json}}', HOSTILE)) == {"url": HOSTILE}


def test_the_sha256_form_is_the_digest_that_redis_compares_with() -> None:
    assert filled("#${key:sha256}", "pw") == "#" + hashlib.sha256(b"pw").hexdigest()


def test_text_without_secrets_is_taken_as_it_is() -> None:
    assert Text(template="${HOME} ${key}").fill({}) == "${HOME} ${key}"


def test_a_place_without_a_value_is_named() -> None:
    with pytest.raises(KeyError, match="other"):
        filled("${other}", "value")


def test_a_form_that_does_not_exist_is_named() -> None:
    with pytest.raises(KeyError, match="base64"):
        filled("${key:base64}", "value")


def test_a_secret_that_was_given_is_not_in_its_representation() -> None:
    assert "hunter2" not in repr(Secret(name="key", given="hunter2"))


def test_a_secret_is_found_below_run_secrets_by_its_name() -> None:
    assert Secret(name="key").path == "/run/secrets/key"


def test_a_secrets_own_text_is_its_value_and_nothing_else() -> None:
    text = Secret(name="key").text
    assert text.fill({"key": HOSTILE}) == HOSTILE
    assert text.secrets == (Secret(name="key"),)
    assert text.name == "key"
