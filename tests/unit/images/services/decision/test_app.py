import time

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from decision.classifier import Model
from decision.digits import Digits
from decision.settings import Settings


def observation(evaluation: Digits, row: int = 0) -> dict[str, object]:
    return {"source": "camera-1", "pixels": evaluation.images[row].tolist()}


@pytest.mark.parametrize(("row", "outcome"), [(0, "review"), (103, "accept")])
def test_an_observation_is_decided(
    client: TestClient,
    signed_in: dict[str, str],
    trained: Model,
    evaluation: Digits,
    row: int,
    outcome: str,
) -> None:
    answer = client.post("/decide", json=observation(evaluation, row), headers=signed_in)

    digit, confidence = trained.decide(evaluation.images[row])
    verdict = answer.json()
    assert answer.status_code == 200
    assert 0 <= verdict.pop("latency_ms") < 1000
    assert verdict == {
        "label": str(digit),
        "confidence": round(confidence, 4),
        "outcome": outcome,
        "model": trained.name,
    }


def test_deciding_an_observation_needs_the_token(client: TestClient, evaluation: Digits) -> None:
    answer = client.post("/decide", json=observation(evaluation))

    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


def test_an_invalid_observation_is_rejected(client: TestClient, signed_in: dict[str, str]) -> None:
    answer = client.post("/decide", json={"source": "a", "pixels": [1]}, headers=signed_in)

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["problems"]] == ["pixels"]


def test_the_models_description_needs_no_token(
    client: TestClient, trained: Model, evaluation: Digits
) -> None:
    assert client.get("/model").json() == {
        "name": trained.name,
        "version": "1.2.3",
        "accuracy": trained.accuracy(evaluation),
        "evaluation_size": 600,
    }


def test_it_is_alive_and_ready(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/health", "/ready")] == [200, 200]


def test_metrics_have_names_types_and_measured_values(
    client: TestClient, trained: Model, evaluation: Digits
) -> None:
    deadline = time.monotonic() + 5
    while "camera_status{" not in (text := client.get("/metrics").text):
        assert time.monotonic() < deadline, "the vision figures were not measured"
        time.sleep(0.01)
    families = {family.name: family for family in text_string_to_metric_families(text)}

    gauges = {
        "system_health_status",
        "system_cpu_usage",
        "system_memory_usage",
        "system_disk_usage",
        "ai_model_accuracy",
        "camera_status",
        "vision_tracking_fps",
        "vision_recognition_fps",
        "vision_detection_accuracy",
    }
    assert {families[name].type for name in gauges} == {"gauge"}
    assert families["api_requests"].type == "counter"
    assert families["api_response_time_seconds"].type == "histogram"
    accuracy = families["ai_model_accuracy"].samples[0]
    # There is one series for every release, because an alert compares a model with the previous
    # one.
    assert accuracy.labels == {"model": "digits"}
    assert accuracy.value == trained.accuracy(evaluation)
    assert families["camera_status"].samples[0].labels == {"camera": "synthetic"}
    # Some of five new digits are hard; test_vision.py checks how many are detected.
    assert 0 < families["vision_detection_accuracy"].samples[0].value <= 1
    assert families["vision_tracking_fps"].samples[0].value > 10


def test_the_interval_of_measurements_has_bounds() -> None:
    for wrong in (0, 3601):
        with pytest.raises(ValueError, match="measure_interval_seconds"):
            Settings(api_token=SecretStr("x"), measure_interval_seconds=wrong)


def test_a_path_with_an_extra_slash_is_not_found(client: TestClient) -> None:
    """A redirect would contain the address that a proxy uses, not the one that the user knows."""
    assert client.post("/decide/", follow_redirects=False).status_code == 404
