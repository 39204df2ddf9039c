"""No refusal ever shows a secret, wherever it stands and whatever is wrong with it."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from components.settings import SettingsError
from components.settings.models import Settings
from tests.unit.describing import settings

MARK = "https://hunter2-marked.example.com"
SERVER = {"host": "server.example.com", "user": "app"}
MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}

# Every secret setting: the mapping around it, which is right but for the secret.
AROUND: dict[str, dict[str, Any]] = {
    "registry.password": {"url": "mirror.example.com", "user": "u"},
    "data.external.password": SERVER,
    "cache.external.password": SERVER,
    "observability.receiver.webhook.url": {},
    "observability.receiver.mail.password": MAIL | {"user": "u"},
}
MODES = {
    "data.external.password": {"mode": "external"},
    "cache.external.password": {"mode": "external"},
}


def given(path: str, value: Any, *, key: str | None = None) -> dict[str, Any]:
    """Settings with this value at the secret's place, or under another key beside it."""
    *outer, name = path.split(".")
    inner: Any = AROUND[path] | {key or name: value}
    for part in reversed(outer[1:]):
        inner = {part: inner}
    return {outer[0]: inner | MODES.get(path, {})}


def refusal(wrong: dict[str, Any], *, secret: bool) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(wrong, secret=tuple(wrong) if secret else ())
    return str(caught.value)


def secret_fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        for inner in types_in(field.annotation):
            if inner is SecretStr:
                yield ".".join((*path, name))
            elif issubclass(inner, BaseModel):
                yield from secret_fields(inner, (*path, name))


def types_in(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from types_in(argument)


def test_these_are_all_secret_settings() -> None:
    assert set(AROUND) == set(secret_fields(Settings))


@pytest.mark.parametrize("path", AROUND)
def test_a_secret_that_pulumi_keeps_is_taken(path: str) -> None:
    wanted = given(path, MARK)
    assert MARK not in repr(settings(wanted, secret=tuple(wanted)))


@pytest.mark.parametrize("path", AROUND)
def test_a_secret_in_plain_text_is_refused_with_the_command_that_sets_it(path: str) -> None:
    said = refusal(given(path, MARK), secret=False)
    assert f"{path}\n  found    plain text" in said
    assert f"pulumi config set --secret --path 'ai-platform:{path}'" in said
    assert MARK not in said


@pytest.mark.parametrize("path", AROUND)
@pytest.mark.parametrize(
    "value", [[MARK], {"value": MARK}, 20261123], ids=["list", "map", "number"]
)
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_of_a_wrong_type_is_not_shown(path: str, value: Any, secret: bool) -> None:
    said = refusal(given(path, value), secret=secret)
    assert path in said
    assert MARK not in said
    assert "20261123" not in said


@pytest.mark.parametrize("path", AROUND)
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_under_a_misspelled_key_is_not_shown(path: str, secret: bool) -> None:
    name = path.rpartition(".")[2]
    said = refusal(given(path, MARK, key=f"{name}x"), secret=secret)
    assert f"{path}x\n  found    a key that nothing reads" in said
    assert f"nearest  {name}" in said
    assert MARK not in said


@pytest.mark.parametrize("path", AROUND)
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_in_the_place_of_what_should_hold_it_is_not_shown(path: str, secret: bool) -> None:
    outer = path.split(".")[:-1]
    wrong: Any = f"https://{MARK}@example.com"
    for part in reversed(outer):
        wrong = {part: wrong}
    said = refusal(wrong, secret=secret)
    assert ".".join(outer) in said
    assert MARK not in said


def test_a_password_in_a_registrys_url_is_not_shown() -> None:
    said = refusal({"registry": {"url": f"user:{MARK}@mirror.example.com"}}, secret=False)
    assert "registry.url" in said
    assert MARK not in said


def test_a_broken_rule_shows_no_secret_beside_it() -> None:
    wrong = given("data.external.password", MARK) | {"docker": {"bind": "0.0.0.0"}}
    assert MARK not in refusal(wrong, secret=True)


@pytest.mark.parametrize(
    "url", ["http://h:99999/x", "http://h:abc/", "http://[::1/", "http:///x", "ftp://h/", MARK[8:]]
)
def test_a_secret_url_that_leads_nowhere_is_refused_once_and_not_shown(url: str) -> None:
    said = refusal(given("observability.receiver.webhook.url", url), secret=True)
    assert said.startswith("1 wrong setting;")
    assert "a value that is not shown\n  allowed  a URL such as" in said
    assert url not in said
