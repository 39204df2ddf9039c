"""The values of secrets by their names, under Pulumi's mocks."""

import pulumi
import pytest

from components.secrets import Secrets
from components.text import Secret, Text
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import Rendered, run

KEY = Secret(name="key")
# The settings name the cluster's Secret for this one.
PASSWORD = Secret(name="redis-app-password")
ON_THE_CLUSTER = {
    **KUBERNETES,
    "kubernetes": {"secrets": {PASSWORD.name: {"name": "vault", "key": "password"}}},
}


def filled(*texts: Text) -> Rendered:
    """The filled texts, as numbered outputs."""

    def program() -> None:
        secrets = Secrets(settings())
        for number, text in enumerate(texts):
            pulumi.export(str(number), secrets.fill(text))

    return run(program)


def test_text_is_filled_with_generated_secrets_and_is_secret() -> None:
    rendered = filled(Text(template="a ${key} b", secrets=(KEY,)))
    assert rendered.outputs == {"0": "a generated-key b"}
    assert rendered.secret_outputs == {"0"}


def test_text_without_secrets_is_not_secret() -> None:
    rendered = filled(Text(template="a ${key} b"))
    assert rendered.outputs == {"0": "a ${key} b"}
    assert rendered.secret_outputs == set()
    assert rendered.of_type("RandomPassword") == {}


def test_a_secret_is_generated_once_for_all_its_uses() -> None:
    rendered = filled(KEY.text, KEY.text)
    assert list(rendered.of_type("RandomPassword")) == ["key"]


def test_a_generated_secret_has_32_letters_and_digits() -> None:
    """The secret has 190 bits and no characters that are special in a URL, a shell or a
    configuration file."""
    password = filled(KEY.text).of_type("RandomPassword")["key"]
    assert password.inputs == {"length": 32, "special": False}


def test_only_the_secrets_of_kept_data_are_protected() -> None:
    passwords = filled(KEY.text, Secret(name="kept", keep=True).text).of_type("RandomPassword")
    protected = {name: password.protect for name, password in passwords.items()}
    assert protected == {"key": False, "kept": True}


def test_a_secret_of_the_settings_is_used_unchanged_and_not_generated() -> None:
    rendered = filled(Secret(name="key", value="from the settings").text)
    assert rendered.outputs == {"0": "from the settings"}
    assert rendered.secret_outputs == {"0"}
    assert rendered.of_type("RandomPassword") == {}


def test_a_secret_of_the_cluster_has_a_reference_and_no_value() -> None:
    def program() -> None:
        secrets = Secrets(settings(ON_THE_CLUSTER))
        pulumi.export("login", secrets.login(PASSWORD))
        message = "the value of redis-app-password is on the cluster"
        with pytest.raises(ValueError, match=message):
            secrets.value(PASSWORD)

    rendered = run(program)
    assert rendered.outputs == {"login": "key password of Secret vault"}
    assert rendered.of_type("RandomPassword") == {}


def test_the_login_of_a_generated_secret_is_its_value() -> None:
    rendered = run(lambda: pulumi.export("login", Secrets(settings()).login(KEY)))
    assert rendered.outputs == {"login": "generated-key"}
    assert rendered.secret_outputs == {"login"}
