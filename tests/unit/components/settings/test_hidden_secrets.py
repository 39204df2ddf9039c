"""No error ever shows a secret, wherever it is and whatever is wrong with it."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from components.settings import Settings, SettingsError
from tests.unit.describing import settings

MARK = "https://hunter2-marked.example.com"
SERVER = {"host": "server.example.com", "user": "app"}
OFFSITE = {
    **{"endpoint": "https://s3.example.com", "bucket": "acme"},
    **{"access_key": "a", "secret_key": "b", "passphrase": "c"},
}
MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}

# Every secret setting, with the valid mapping around it.
AROUND: dict[str, dict[str, Any]] = {
    "secrets.model-key": {},
    "registry.password": {"url": "mirror.example.com", "user": "u"},
    "data.external.password": SERVER,
    **{f"data.backup.offsite.{key}": OFFSITE for key in ("access_key", "secret_key", "passphrase")},
    "cache.external.password": SERVER,
    "observability.receiver.webhook.url": {},
    "observability.receiver.mail.password": MAIL | {"user": "u"},
    **{
        f"observability.receiver.{name}.{secret}": around
        for name in ("critical", "warning", "watchdog")
        for secret, around in (("webhook.url", {}), ("mail.password", MAIL | {"user": "u"}))
    },
}
# A mapping of secrets, and a key in it.
KEYS = {"secrets": ("model-key",)}
MODES = {
    "data.external.password": {"mode": "external"},
    "cache.external.password": {"mode": "external"},
}


def config_with(path: str, value: Any, *, key: str | None = None) -> dict[str, Any]:
    """Settings with this value in place of the secret, or under a neighbouring key."""
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
                yield ".".join((*path, name, *KEYS.get(name, ())))
            elif issubclass(inner, BaseModel):
                yield from secret_fields(inner, (*path, name))


def types_in(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from types_in(argument)


def test_the_tests_cover_every_secret_setting() -> None:
    assert set(AROUND) == set(secret_fields(Settings))


@pytest.mark.parametrize("path", AROUND)
def test_a_secret_that_pulumi_encrypts_is_accepted(path: str) -> None:
    stack = config_with(path, MARK)
    assert MARK not in repr(settings(stack, secret=tuple(stack)))


@pytest.mark.parametrize("path", AROUND)
def test_a_secret_in_plain_text_is_rejected_with_the_command_that_sets_it(path: str) -> None:
    message = refusal(config_with(path, MARK), secret=False)
    assert f"{path}\n  found    plain text" in message
    assert f"pulumi config set --stack STACK --secret --path 'ai-platform:{path}'" in message
    assert MARK not in message


@pytest.mark.parametrize("path", AROUND)
@pytest.mark.parametrize(
    "value", [[MARK], {"value": MARK}, 20261123], ids=["list", "map", "number"]
)
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_of_a_wrong_type_is_not_shown(path: str, value: Any, secret: bool) -> None:
    message = refusal(config_with(path, value), secret=secret)
    assert path in message
    assert MARK not in message
    assert "20261123" not in message


@pytest.mark.parametrize("path", [path for path in AROUND if path != "secrets.model-key"])
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_under_a_misspelled_key_is_not_shown(path: str, secret: bool) -> None:
    name = path.rpartition(".")[2]
    message = refusal(config_with(path, MARK, key=f"{name}x"), secret=secret)
    assert f"{path}x\n  found    an unknown key" in message
    assert f"nearest  {name}" in message
    assert MARK not in message


@pytest.mark.parametrize("path", AROUND)
@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_one_level_too_high_is_not_shown(path: str, secret: bool) -> None:
    outer = path.split(".")[:-1]
    wrong: Any = f"https://{MARK}@example.com"
    for part in reversed(outer):
        wrong = {part: wrong}
    message = refusal(wrong, secret=secret)
    assert ".".join(outer) in message
    assert MARK not in message


def test_a_password_in_a_registrys_url_is_not_shown() -> None:
    message = refusal({"registry": {"url": f"user:{MARK}@mirror.example.com"}}, secret=False)
    assert "registry.url" in message
    assert MARK not in message


def test_a_broken_rule_does_not_show_a_neighbouring_secret() -> None:
    wrong = config_with("data.external.password", MARK) | {"docker": {"bind": "0.0.0.0"}}
    assert MARK not in refusal(wrong, secret=True)


@pytest.mark.parametrize(
    "url", ["http://h:99999/x", "http://h:abc/", "http://[::1/", "http:///x", "ftp://h/", MARK[8:]]
)
def test_a_secret_url_without_a_server_is_reported_once_and_not_shown(url: str) -> None:
    message = refusal(config_with("observability.receiver.webhook.url", url), secret=True)
    assert message.startswith("1 wrong setting;")
    assert "a value that is not shown\n  allowed  a URL such as" in message
    assert url not in message
