"""What to use, from what was found."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from airgap import decide, places
from airgap.decide import Facts, choose, choose_plugins, status, together

CONNECTED = Facts(
    cli="/usr/bin/pulumi", pulumi_site=True, missing_plugins=(), engine=True, registry=True
)
CUT_OFF = Facts(
    cli="", pulumi_site=False, missing_plugins=("docker 5.2.0",), engine=False, registry=False
)


class Unauthorized(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(401)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine would keep compiled plugins; none are there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return places.own_pulumi_home()


@pytest.fixture
def registry() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Unauthorized)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_usual_sources_are_used_where_they_answer() -> None:
    chosen = choose(CONNECTED)
    assert (chosen.cli, chosen.plugins) == ("installed", "official")
    assert (chosen.engine, chosen.catalogue) == ("present", "official")


def test_package_registries_give_what_no_usual_source_gives() -> None:
    chosen = choose(CUT_OFF)
    assert (chosen.cli, chosen.plugins) == ("build", "compiled")
    assert (chosen.engine, chosen.catalogue) == ("install", "debian")


def test_pulumi_is_downloaded_where_only_its_site_answers() -> None:
    chosen = choose(
        Facts(cli="", pulumi_site=True, missing_plugins=("x 1",), engine=True, registry=False)
    )
    assert (chosen.cli, chosen.plugins, chosen.catalogue) == ("download", "official", "debian")


@pytest.mark.parametrize("facts", [CONNECTED, CUT_OFF])
def test_every_choice_has_its_reason(facts: Facts) -> None:
    subjects = [reason.partition(":")[0] for reason in choose(facts).reasons]
    assert subjects == ["Pulumi CLI", "Provider plugins", "Docker Engine", "Images"]


def test_a_registry_that_wants_a_login_answers(registry: str) -> None:
    assert status(f"{registry}/v2/") == 401


def test_a_server_that_is_not_there_has_no_status() -> None:
    assert status("http://127.0.0.1:9/v2/") == 0


def test_a_question_without_an_answer_in_time_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "LIMIT", 0.1)
    never = threading.Event()
    assert together(lambda: True, lambda: never.wait(5)) == (True, False)
    never.set()


def test_questions_without_an_answer_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "LIMIT", 0.2)
    never = threading.Event()
    began = time.monotonic()
    assert not any(together(*[lambda: never.wait(5)] * 8))
    never.set()
    assert time.monotonic() - began < 8 * 0.2


def test_a_machine_that_compiles_plugins_goes_on_when_pulumis_site_answers_one_day(
    own_home: Path,
) -> None:
    for missing in (("docker 5.2.0",), ()):
        assert choose_plugins(missing, site=True, cli=True)[0] == "official"
    own_home.mkdir(parents=True)
    for missing in (("docker 5.2.0",), ()):
        assert choose_plugins(missing, site=True, cli=True) == (
            "compiled",
            "Provider plugins: this machine compiles them from their Go modules.",
        )


@pytest.mark.parametrize(("cli", "source"), [(True, "official"), (False, "compiled")])
def test_installed_plugins_are_used_unless_the_cli_has_to_be_built_too(
    cli: bool, source: str
) -> None:
    """A CLI of our own building keeps its language host where official plugins are not seen."""
    assert choose_plugins((), site=False, cli=cli)[0] == source
