import numpy as np
import pytest

from decision import vision
from decision.classifier import Model
from decision.digits import Digits
from decision.vision import DIGIT, FRAME, FRAMES, SPEED, Tracker, crop, enlarge, frames, measure


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(1)


def test_an_enlarged_digit_is_read_back_as_it_was(evaluation: Digits) -> None:
    image = np.zeros((FRAME, FRAME))
    image[5 : 5 + DIGIT, 9 : 9 + DIGIT] = enlarge(evaluation.images[0])

    assert crop(image, 5, 9).tolist() == evaluation.images[0].tolist()


def test_a_digit_is_where_its_frame_says_and_stays_inside(
    evaluation: Digits, random: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision, "NOISE", 0.0)
    sequence = [frame for _ in range(20) for frame in frames(evaluation, random)]

    for frame in sequence:
        assert 0 <= frame.top <= FRAME - DIGIT
        assert 0 <= frame.left <= FRAME - DIGIT
        inside = crop(frame.image, frame.top, frame.left)
        assert inside.sum() * 16 == pytest.approx(frame.image.sum() * 16)
    assert len(sequence) == 20 * FRAMES


def test_a_digit_never_exceeds_its_speed(evaluation: Digits, random: np.random.Generator) -> None:
    sequence = list(frames(evaluation, random))[: vision.FRAMES_PER_DIGIT]

    steps = np.abs(np.diff([(frame.top, frame.left) for frame in sequence], axis=0))
    assert steps.max() <= SPEED + 1  # One more by rounding.
    assert steps.sum() > 0


def test_most_digits_are_found_and_read(
    trained: Model, training: Digits, evaluation: Digits, random: np.random.Generator
) -> None:
    tracker = Tracker(training)
    measured = [measure(trained, tracker, evaluation, random) for _ in range(10)]

    assert np.mean([measurement.detection_accuracy for measurement in measured]) == pytest.approx(
        0.9, abs=0.05
    )
    assert np.mean([measurement.recognition_accuracy for measurement in measured]) == pytest.approx(
        0.93, abs=0.05
    )
    assert min(measurement.tracking_fps for measurement in measured) > 0
    assert min(measurement.recognition_fps for measurement in measured) > 0


def test_a_digit_that_is_not_found_does_not_count_as_found(
    trained: Model,
    training: Digits,
    evaluation: Digits,
    random: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracker = Tracker(training)
    monkeypatch.setattr(tracker, "find", lambda _: (0, 0))

    figures = measure(trained, tracker, evaluation, random)

    assert figures.detection_accuracy < 0.3
    assert figures.recognition_accuracy < 0.5
