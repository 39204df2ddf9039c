from __future__ import annotations

import bcrypt
import pytest

from airgap.plugins.random import RandomId, RandomPassword, RandomString, complete, random_text
from airgap.plugins.resource import Failed, Live
from airgap.plugins.values import UNKNOWN, Secret, reveal


def quiet(line: str) -> None:
    raise AssertionError(line)


def test_a_text_holds_at_least_as_many_of_each_class_as_asked() -> None:
    rules = {"length": 12, "minUpper": 3, "minNumeric": 4, "minSpecial": 2, "overrideSpecial": "~"}
    for _ in range(50):
        text = random_text(complete(rules))
        assert len(text) == 12
        assert sum(character.isupper() for character in text) >= 3
        assert sum(character.isdigit() for character in text) >= 4
        assert text.count("~") >= 2


def test_a_text_holds_nothing_of_a_class_that_is_left_out() -> None:
    text = random_text(complete({"length": 500, "special": False, "number": False}))
    assert text.isalpha()
    assert text.isascii()


@pytest.mark.parametrize(
    "rules",
    [
        {"length": 3, "minUpper": 4},
        {"length": 3, "special": False, "lower": False, "upper": False, "numeric": False},
    ],
)
def test_rules_that_no_text_follows_are_refused(rules: dict[str, int]) -> None:
    with pytest.raises(Failed, match="no text of length 3"):
        random_text(complete(rules))


def test_a_password_and_its_hash_are_secret_and_belong_together() -> None:
    live = RandomPassword().create({"length": 90}, quiet)
    result, hashed = live.outputs["result"], live.outputs["bcryptHash"]
    assert isinstance(result, Secret)
    assert isinstance(hashed, Secret)
    assert bcrypt.checkpw(result.value.encode()[:72], hashed.value.encode())


def test_two_passwords_differ() -> None:
    make = RandomPassword().create
    first, second = (reveal(make({"length": 16}, quiet).outputs["result"]) for _ in range(2))
    assert first != second


def test_an_identifier_has_four_forms_of_the_same_bytes_and_a_prefix() -> None:
    live = RandomId().create({"byteLength": 8, "prefix": "p-"}, quiet)
    number = int(live.outputs["dec"].removeprefix("p-"))
    assert live.outputs["hex"] == f"p-{number:016x}"
    assert live.outputs["b64Url"] == f"p-{live.id}"


def test_a_preview_knows_nothing_that_is_made_at_random() -> None:
    assert RandomString().preview_create({"length": 4}) == {
        "length": 4,
        "id": UNKNOWN,
        "result": UNKNOWN,
    }
    assert isinstance(RandomPassword().preview_create({"length": 4})["result"], Secret)


def test_what_was_made_stays() -> None:
    live = Live("none", {"result": "r"})
    assert RandomPassword().read(live) == live
