from __future__ import annotations

import threading
import time

import pytest
from docker.errors import APIError, NotFound

from airgap.plugins.docker.engine import Engine, explained, registry_name, unless_missing
from airgap.plugins.resource import Failed


def api_error(explanation: str) -> APIError:
    return APIError("client's words", explanation=explanation)


def test_the_engines_own_sentence_reaches_the_user() -> None:
    sentence = "Bind for 127.0.0.1:80 failed: port is already allocated"
    with pytest.raises(Failed) as failed, explained("Unable to start container"):
        raise api_error(sentence)
    assert str(failed.value) == f"Unable to start container: {sentence}"


def test_a_broken_connection_is_explained_too() -> None:
    with pytest.raises(Failed, match="Unable to inspect: gone"), explained("Unable to inspect"):
        raise ConnectionResetError("gone")


def test_what_the_engine_does_not_have_is_none() -> None:
    def look() -> str:
        raise NotFound("no such thing")

    assert unless_missing(look) is None


def test_work_that_ends_answers_its_result_or_its_error() -> None:
    engine = Engine()
    assert engine.until_cancelled(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        engine.until_cancelled(lambda: 1 // 0)


def test_a_cancel_ends_a_wait_at_once() -> None:
    engine, blocked = Engine(), threading.Event()
    threading.Timer(0.1, engine.cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(Failed, match="cancelled"):
        engine.until_cancelled(lambda: blocked.wait(20))
    with pytest.raises(Failed, match="cancelled"):
        engine.sleep(20)
    assert time.monotonic() - started < 2
    blocked.set()


def test_what_is_in_use_is_removed_when_it_is_free() -> None:
    answers = [api_error("n has active endpoints"), api_error("n has active endpoints"), None]

    def remove() -> None:
        answer = answers.pop(0)
        if answer:
            raise answer

    Engine().remove_when_free(remove, "has active endpoints")
    assert answers == []


def test_what_is_gone_already_counts_as_removed() -> None:
    def remove() -> None:
        raise NotFound("no such network")

    Engine().remove_when_free(remove, "in use")


def test_another_refusal_is_not_tried_again() -> None:
    calls = []

    def remove() -> None:
        calls.append(1)
        raise api_error("not allowed")

    with pytest.raises(APIError):
        Engine().remove_when_free(remove, "in use")
    assert calls == [1]


@pytest.mark.parametrize(
    "entries",
    [
        [{"address": "https://r.example:5000/v1/", "username": "u", "password": "p"}],
        '[{"address": "r.example:5000", "username": "u", "password": "p"}]',
    ],
)
def test_credentials_are_found_by_the_registrys_name(entries: object) -> None:
    engine = Engine()
    engine.configure({"registryAuth": entries})
    assert engine.credentials("r.example:5000") == {"username": "u", "password": "p"}
    assert engine.credentials("other.example") is None


def test_docker_hub_has_several_names() -> None:
    names = ("https://index.docker.io/v1/", "registry-1.docker.io", "docker.io")
    assert {registry_name(name) for name in names} == {"docker.io"}


def test_an_engine_that_does_not_answer_is_named() -> None:
    engine = Engine()
    engine.configure({"host": "tcp://127.0.0.1:1"})
    with pytest.raises(Failed, match="Unable to reach the Docker engine"):
        _ = engine.client
