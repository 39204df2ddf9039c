"""Whether containers have started well, as the engine reports it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pulumi
import pytest

from components.targets.docker import failure, starts
from components.targets.docker.starts import Lack, Start, Starts, lack

APP = Start(name="app", patience=30)


def container(
    status: str = "running",
    health: str | None = None,
    restarts: int = 0,
    age: int = 3600,
    policy: str = "unless-stopped",
) -> Any:
    started = (datetime.now(UTC) - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    state: dict[str, Any] = {"Status": status, "StartedAt": started}
    return {
        "RestartCount": restarts,
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "State": state | ({"Health": {"Status": health}} if health else {}),
    }


HEALTHY, STARTING = container(health="healthy"), container(health="starting")
RESTARTED = "is exited; make up STACK=acme/dev starts it again"


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ({"health": "healthy"}, None),
        ({"health": "healthy", "restarts": 9}, None),
        ({"health": "healthy", "restarts": 4, "age": 5}, None),
        ({"health": "healthy", "restarts": 5, "age": 5}, Lack(what="restarts in a loop")),
        ({"health": "healthy", "restarts": 5, "age": 65}, None),
        ({}, None),
        ({"health": "starting"}, Lack(what="is running, but starting")),
        ({"health": "unhealthy"}, Lack(what="is running, but unhealthy")),
        ({"status": "restarting", "restarts": 4}, Lack(what="is restarting")),
        (
            {"status": "restarting", "restarts": 5},
            Lack(what="restarts in a loop", for_good=True),
        ),
        ({"status": "exited"}, Lack(what=RESTARTED, for_good=True)),
        ({"status": "exited", "policy": "no"}, None),
    ],
)
def test_what_a_container_lacks(description: dict[str, Any], expected: Lack | None) -> None:
    with (
        patch("pulumi.get_stack", lambda: "dev"),
        patch("pulumi.get_organization", lambda: "acme"),
    ):
        assert lack(container(**description)) == expected


def test_a_container_that_does_not_exist_lacks_everything() -> None:
    assert lack(None) == Lack(what="does not exist", for_good=True)


def test_a_scheduler_whose_last_run_failed_has_started_well() -> None:
    assert lack(container(health="unhealthy"), ("healthy", "unhealthy")) is None


class Engine:
    """Answers about each container in turn, and its last answer from then on."""

    def __init__(self, answers: Mapping[str, Sequence[Any]]) -> None:
        self.answers = {name: list(sequence) for name, sequence in answers.items()}
        self.questions: list[list[str]] = []
        self.logged: list[str] = []

    def inspect(self, command: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
        self.questions.append(list(names))
        return {name: self._next(self.answers[name]) for name in names}

    @staticmethod
    def _next(answers: list[Any]) -> Any:
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine({})
    monkeypatch.setattr(failure, "inspect", engine.inspect)
    monkeypatch.setattr(
        failure,
        "report_of",
        lambda command, name, as_seen: f"{name}: {(as_seen or {}).get('State')}",
    )
    monkeypatch.setattr(pulumi.log, "error", engine.logged.append)
    monkeypatch.setattr(starts, "PERIOD", 0.02)
    return engine


def finish(*awaited: Start) -> list[BaseException | None]:
    async def all_of_them() -> list[BaseException | None]:
        waiting = Starts(engine=("docker",))
        return await asyncio.gather(*map(waiting.finish, awaited), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_up_waits_until_a_container_is_healthy(engine: Engine) -> None:
    engine.answers["app"] = [STARTING, container("restarting", restarts=1), STARTING, HEALTHY]
    assert finish(APP) == [None]
    assert len(engine.questions) == 4
    assert engine.logged == []


def test_a_container_that_restarts_in_a_loop_fails_at_once_with_its_report(engine: Engine) -> None:
    """The report is about the state that failed it, in which the exit code is known."""
    looping = container("restarting", restarts=5)
    engine.answers["app"] = [STARTING, looping, HEALTHY]
    (error,) = finish(APP)
    assert isinstance(error, pulumi.RunError)
    assert str(error) == "app restarts in a loop (0 s)"
    assert engine.logged == [f"app: {looping['State']}"]


def test_a_container_that_stays_unhealthy_fails_when_its_time_is_over(engine: Engine) -> None:
    engine.answers["app"] = [container(health="unhealthy")]
    (error,) = finish(Start(name="app", patience=0))
    assert str(error) == "app is running, but unhealthy (0 s)"


def test_containers_that_are_awaited_at_once_share_each_question(engine: Engine) -> None:
    names = [f"app-{number}" for number in range(10)]
    engine.answers = {name: [STARTING] * 3 + [HEALTHY] for name in names}
    assert finish(*(Start(name=name, patience=30) for name in names)) == [None] * 10
    assert len(engine.questions) < 10


def test_one_failure_does_not_end_the_wait_for_others(engine: Engine) -> None:
    engine.answers = {"app": [None], "other": [STARTING, HEALTHY]}
    error, other = finish(APP, Start(name="other", patience=30))
    assert str(error) == "app does not exist (0 s)"
    assert other is None


def test_the_hooks_never_wait_and_what_starts_after_a_changed_container_does(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.answers["app"] = [STARTING, HEALTHY]
    hooked: list[Any] = []

    def hook(name: str, function: Any) -> Any:
        hooked.append(function)
        return function

    monkeypatch.setattr(pulumi, "ResourceHook", hook)
    monkeypatch.setattr(
        pulumi, "ResourceHookBinding", lambda after_create, after_update: after_create
    )

    class Container:
        def __init__(self, id: str) -> None:
            self.id = pulumi.Output.from_input(id)

    async def update() -> list[Any]:
        waiting = Starts(engine=("docker",))
        unchanged: Any = Container("1")
        same = await waiting.started(APP, unchanged).future()
        asked = len(engine.questions)
        waiting.hooks(APP)
        assert hooked[0](None) is None
        changed: Any = Container("2")
        return [same is unchanged, asked, await waiting.started(APP, changed).future() is changed]

    assert asyncio.run(update()) == [True, 0, True]
    assert len(engine.questions) == 2
