"""The server's own part: what it announces, refuses, marks and fails with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import provider_pb2

from airgap.plugins.resource import Failed, Incomplete, Live, Log, Resource
from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.server import Plugin
from airgap.plugins.values import SECRET, SIGNATURE, UNKNOWN_TEXT, Properties
from tests.unit.airgap.plugins.conftest import Asked, Refused, asked, urn

TOKEN = "test:index/thing:Thing"
MARKED = {SIGNATURE: SECRET, "value": "hunter2"}


class Thing(Resource):
    """A resource whose life the test decides."""

    table = Table(
        token=TOKEN,
        delete_first=True,
        fields=(Field(name="password"), Field(name="size", kind=Kind.NUMBER)),
        outputs={"address": None},
    )

    def __init__(self) -> None:
        self.seen: list[Properties] = []
        self.now: Callable[[Live], Live | None] = lambda live: live

    def create(self, inputs: Properties, log: Log) -> Live:
        self.seen.append(inputs)
        log("working")
        if inputs.get("size") == -1:
            raise Failed("too small")
        live = Live("i", inputs | {"address": "a"})
        if inputs.get("size") == 0:
            raise Incomplete(live, "it does not start")
        return live

    def read(self, live: Live) -> Live | None:
        return self.now(live)

    def update(self, live: Live, news: Properties, log: Log) -> Properties:
        self.seen.append(news)
        return live.outputs | news

    def delete(self, live: Live) -> None:
        self.seen.append(live.outputs)


@pytest.fixture
def thing() -> Thing:
    return Thing()


@pytest.fixture
def ask(thing: Thing) -> Asked:
    return asked(Plugin(name="test", version="1.2.3", config=frozenset({"host"})), thing)


def test_it_announces_itself_once_when_it_is_configured(ask: Asked) -> None:
    ask("Configure", {"args": {}})
    assert [log.message for log in ask.logged] == [
        "a stand-in answers for pulumi-resource-test 1.2.3"
    ]


def test_a_setting_of_the_provider_that_it_lacks_is_refused(ask: Asked) -> None:
    news = {"host": "h", "version": "1", "sshOpts": "x"}
    assert ask("CheckConfig", {"news": news}) == {
        "inputs": news,
        "failures": [
            {"property": "sshOpts", "reason": "this stand-in does not implement the setting"}
        ],
    }


def test_a_changed_setting_of_the_provider_is_a_change(ask: Asked) -> None:
    changed = ask("DiffConfig", {"olds": {"host": "a"}, "news": {"host": "b"}})
    assert changed == {"changes": "DIFF_SOME", "diffs": ["host"]}
    same = ask("DiffConfig", {"olds": {"host": "a"}, "news": {"host": MARKED | {"value": "a"}}})
    assert same == {"changes": "DIFF_NONE"}


def test_a_resource_type_that_it_lacks_is_refused(ask: Asked) -> None:
    with pytest.raises(Refused, match="has no resource type test:index/other:Other"):
        ask("Check", {"urn": urn("test:index/other:Other"), "news": {}})


def test_a_resource_below_a_component_is_found_by_its_own_type(ask: Asked) -> None:
    request = {"urn": urn(f"ai:data:Tier${TOKEN}"), "news": {"size": 1}}
    assert ask("Check", request)["inputs"]["size"] == 1


def test_check_keeps_secrets_and_unknowns(ask: Asked) -> None:
    news = {"password": MARKED, "size": UNKNOWN_TEXT}
    answer = ask("Check", {"urn": urn(TOKEN), "news": news})
    assert answer == {"inputs": {"__defaults": [], **news}}


def test_a_preview_of_a_creation_touches_nothing_and_knows_no_results(
    ask: Asked, thing: Thing
) -> None:
    request = {"urn": urn(TOKEN), "properties": {"password": MARKED}, "preview": True}
    answer = ask("Create", request)
    assert answer["properties"] == {"password": MARKED, "size": None, "address": UNKNOWN_TEXT}
    assert "id" not in answer
    assert thing.seen == []


def test_a_preview_of_an_update_touches_nothing(ask: Asked, thing: Thing) -> None:
    olds = {"password": "old", "size": 1, "address": "a"}
    request = {"urn": urn(TOKEN), "id": "i", "olds": olds, "news": {"size": 2}, "preview": True}
    answer = ask("Update", request)
    assert answer["properties"] == {"password": None, "size": 2, "address": "a"}
    assert thing.seen == []


def test_an_output_of_a_secret_input_is_secret(ask: Asked, thing: Thing) -> None:
    answer = ask("Create", {"urn": urn(TOKEN), "properties": {"password": MARKED, "size": 1}})
    assert answer["properties"] == {"password": MARKED, "size": 1, "address": "a"}
    assert thing.seen == [{"password": "hunter2", "size": 1}]


def test_an_update_keeps_secrets_of_old_outputs(ask: Asked) -> None:
    request = {"urn": urn(TOKEN), "id": "i", "olds": {"password": MARKED}, "news": {"size": 2}}
    assert ask("Update", request)["properties"] == {"password": MARKED, "size": 2}


def test_a_line_of_progress_is_shown_beside_the_resource(ask: Asked) -> None:
    ask("Create", {"urn": urn(TOKEN), "properties": {"size": 1}})
    assert [(log.urn, log.message, log.ephemeral) for log in ask.logged] == [
        (urn(TOKEN), "working", True)
    ]


def test_a_failed_creation_says_why_and_leaves_nothing(ask: Asked) -> None:
    with pytest.raises(Refused, match=r"^too small$") as refused:
        ask("Create", {"urn": urn(TOKEN), "properties": {"size": -1}})
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION
    assert not refused.value.status.details


def test_an_incomplete_creation_is_recorded_with_its_secrets(ask: Asked) -> None:
    with pytest.raises(Refused, match=r"^it does not start$") as refused:
        ask("Create", {"urn": urn(TOKEN), "properties": {"password": MARKED, "size": 0}})
    detail = provider_pb2.ErrorResourceInitFailed()
    assert refused.value.status.details[0].Unpack(detail)
    assert MessageToDict(detail) == {
        "id": "i",
        "reasons": ["it does not start"],
        "properties": {"password": MARKED, "size": 0, "address": "a"},
    }


def read(ask: Asked, inputs: Properties, before: Properties) -> Any:
    request = {"urn": urn(TOKEN), "id": "i", "inputs": inputs, "properties": before}
    return ask("Read", request)


def test_a_refresh_moves_the_inputs_that_moved_and_keeps_secrets(ask: Asked, thing: Thing) -> None:
    thing.now = lambda live: Live("i", live.outputs | {"size": 5, "address": "b"})
    before = {"password": MARKED, "size": 1, "address": "a"}
    assert read(ask, {"password": MARKED, "size": 1}, before) == {
        "id": "i",
        "properties": {"password": MARKED, "size": 5, "address": "b"},
        "inputs": {"password": MARKED, "size": 5},
    }


def test_a_refresh_of_what_is_gone_answers_no_id(ask: Asked, thing: Thing) -> None:
    thing.now = lambda live: None
    assert read(ask, {"size": 1}, {"size": 1}) == {}


def test_an_import_is_refused(ask: Asked) -> None:
    with pytest.raises(Refused, match="does not import"):
        read(ask, {}, {})


def test_delete_gets_the_values_without_marks(ask: Asked, thing: Thing) -> None:
    ask("Delete", {"urn": urn(TOKEN), "id": "i", "properties": {"password": MARKED}})
    assert thing.seen == [{"password": "hunter2"}]
