"""The secrets among the settings, found from the models alone."""

import pytest
from pydantic import Field, SecretStr

from components.settings.addresses import WebUrl
from components.settings.base import Model
from components.settings.fields import may_hold_secret, model_at, models_below, secrets_in


class Token(Model):
    """A model with a secret that no list names."""

    token: SecretStr | None = None
    url: WebUrl | None = None
    name: str = ""


class Stack(Model):
    """Secrets in a model, in a mapping and in a list."""

    one: Token | None = None
    by_name: dict[str, Token] = Field(default_factory=dict)
    several: list[Token] = Field(default_factory=list)


def test_a_new_secret_field_is_found_wherever_a_model_is_used() -> None:
    raw = {
        "one": {"token": "a", "url": "b", "name": "c"},
        "by_name": {"x": {"token": "a"}, "y": {"name": "c"}},
        "several": [{"name": "c"}, {"url": "b"}],
    }
    assert list(secrets_in(Stack, raw)) == [
        ("one", "token"),
        ("one", "url"),
        ("by_name", "x", "token"),
        ("several", "1", "url"),
    ]


def test_a_secret_that_is_not_set_is_not_found() -> None:
    assert list(secrets_in(Stack, {"one": {"token": None, "url": ""}, "unknown": {"a": 1}})) == []


def test_a_setting_with_a_secret_below_it_may_hold_a_secret() -> None:
    assert may_hold_secret(Stack, ("one",))
    assert may_hold_secret(Stack, ("by_name", "x", "token"))
    assert not may_hold_secret(Stack, ("several", "0", "name"))
    assert not may_hold_secret(Stack, ())


def test_the_models_of_all_sections_are_found_once() -> None:
    assert [model.__name__ for model in models_below(Stack)] == ["Stack", "Token"]
    assert model_at(Stack, ("several", "0")) is Token
    assert model_at(Stack, ()) is Stack


@pytest.mark.parametrize("location", [("keys", "a"), ("tokens", "0"), ("keys",), ("tokens",)])
def test_a_secret_in_a_mapping_or_a_list_is_not_shown(location: tuple[str, ...]) -> None:
    class Holder(Model):
        keys: dict[str, SecretStr] = Field(default_factory=dict)
        tokens: list[SecretStr] = Field(default_factory=list)

    assert may_hold_secret(Holder, location)
