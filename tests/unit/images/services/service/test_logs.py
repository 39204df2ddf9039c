import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service import logs
from service.environment import CommonSettings, start
from tests.unit.images.services.backend.fakes import OBSERVATION, SIGNED_IN, TOKEN, FakeDatabase


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """Restores the logging of the process afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield root
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_request_is_one_line_of_json(client: TestClient, stream: io.StringIO) -> None:
    logs.configure("INFO", stream)

    client.get("/api/status?token=marked", headers={"X-Request-ID": "abc"})

    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "service.middleware",
        "message": "GET /api/status 200",
        "request_id": "abc",
        "method": "GET",
        "path": "/api/status",
        "status": 200,
        "client": "testclient",
    }


def test_probes_are_logged_only_at_debug_level(client: TestClient, stream: io.StringIO) -> None:
    client.get("/ready")  # logs once that it is ready
    for level, expected in (("INFO", []), ("DEBUG", ["/health", "/ready", "/metrics"])):
        logs.configure(level, stream)
        for path in ("/health", "/ready", "/metrics"):
            client.get(path)

        assert [line["path"] for line in lines(stream) if "path" in line] == expected


def test_no_log_contains_a_secret_even_at_debug_level(
    client: TestClient, database: FakeDatabase, stream: io.StringIO
) -> None:
    logs.configure("DEBUG", stream)

    client.post("/api/decisions", json=OBSERVATION, headers=SIGNED_IN)
    database.down = True
    client.post("/api/decisions", json=OBSERVATION, headers=SIGNED_IN)
    client.post("/api/decisions", headers=SIGNED_IN, content=b"{")
    client.get("/api/decisions", headers={"Authorization": f"Basic {TOKEN}"})

    assert [line["status"] for line in lines(stream) if "status" in line] == [201, 503, 422, 401]
    assert "marked" not in stream.getvalue()


def test_the_server_logs_in_the_same_format_without_colours(stream: io.StringIO) -> None:
    logs.configure("INFO", stream)

    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[36m"})

    (line,) = lines(stream)
    assert {key: line[key] for key in line if key != "time"} == {
        "level": "INFO",
        "logger": "uvicorn.error",
        "message": "Started",
        "request_id": None,
    }


def test_a_line_break_in_a_path_stays_inside_its_line(
    client: TestClient, stream: io.StringIO
) -> None:
    logs.configure("INFO", stream)

    client.get("/a%0A%7B%22level%22%3A%22forged%22%7D")

    (line,) = lines(stream)
    assert line["path"] == '/a\n{"level":"forged"}'


def test_a_start_with_wrong_settings_fails_and_logs_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_TOKEN", raising=False)
    monkeypatch.setenv("LOG_LEVEL", "LOUD")

    with pytest.raises(SystemExit) as caught:
        start(CommonSettings)

    assert caught.value.code == 1
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["message"]) for line in entries] == [
        ("CRITICAL", "LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        (
            "CRITICAL",
            "API_TOKEN is missing: set API_TOKEN, or API_TOKEN_FILE to a file that holds it",
        ),
    ]
