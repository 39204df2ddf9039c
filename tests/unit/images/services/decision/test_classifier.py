import hashlib

import numpy as np
import pytest

from decision.classifier import ACCEPT_FROM, WEIGHTS, Model, features, load, outcome, softmax
from decision.digits import Digits


def test_the_accuracy_on_the_evaluation_part_is_the_documented_one(
    trained: Model, evaluation: Digits
) -> None:
    assert trained.accuracy(evaluation) == pytest.approx(0.94, abs=0.005)


def test_accuracy_is_the_share_of_right_answers(trained: Model, evaluation: Digits) -> None:
    right = [
        trained.decide(image)[0] == label
        for image, label in zip(evaluation.images, evaluation.labels, strict=True)
    ]

    assert trained.accuracy(evaluation) == sum(right) / len(right)


def test_most_images_are_accepted_and_nearly_all_of_those_are_right(
    trained: Model, evaluation: Digits
) -> None:
    likely = trained.probabilities(evaluation.images)
    accepted = likely.max(axis=1) >= ACCEPT_FROM
    right = likely.argmax(axis=1) == evaluation.labels

    assert right[accepted].mean() == pytest.approx(0.996, abs=0.001)
    assert accepted.mean() == pytest.approx(0.80, abs=0.01)
    assert right[~accepted].mean() < 0.8


def test_the_models_confidence_matches_its_accuracy(trained: Model, evaluation: Digits) -> None:
    confidence = trained.probabilities(evaluation.images).max(axis=1)

    assert confidence.mean() == pytest.approx(trained.accuracy(evaluation), abs=0.015)


def test_an_empty_image_and_noise_go_to_a_person(trained: Model) -> None:
    noise = np.random.default_rng(0).uniform(0, 16, (200, 64))

    assert outcome(trained.decide(np.zeros(64))[1]) == "review"
    accepted = trained.probabilities(noise).max(axis=1) >= ACCEPT_FROM
    assert accepted.mean() < 0.25


def test_the_outcome_changes_at_the_threshold() -> None:
    assert [outcome(confidence) for confidence in (0.8999, 0.9, 1.0)] == [
        "review",
        "accept",
        "accept",
    ]


def test_the_name_identifies_the_weights() -> None:
    assert load().name == f"digits-{hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:8]}"


def test_features_are_pixels_edges_and_a_constant() -> None:
    image = np.zeros((1, 64))
    image[0, 0] = 16

    (vector,) = features(image)

    assert vector.shape == (177,)
    # The corner's pixel, its edge to the right, its edge down, the constant.
    assert np.nonzero(vector)[0].tolist() == [0, 64, 120, 176]


def test_softmax_does_not_overflow() -> None:
    assert softmax(np.array([[1e4, 1e4], [-1e4, 0.0]])).tolist() == [[0.5, 0.5], [0.0, 1.0]]
