"""The model: multinomial logistic regression on an image's pixels and edges."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from decision.digits import DATA, Digits, Floats
from service.schemas import Outcome

WEIGHTS = DATA / "model.json"
FAMILY = "digits"
# Confidence from which no person needs to look. On the evaluation part 99.6 % of such decisions are
# right (at least 99 % is the aim) and they are 80 % of all; a unit test measures both.
ACCEPT_FROM = 0.9


@dataclass(frozen=True, kw_only=True)
class Model:
    """`weights` has a row for each feature and a column for each digit."""

    name: str
    weights: Floats

    def probabilities(self, images: Floats) -> Floats:
        """For each row of 64 pixels, how likely each digit is."""
        return softmax(features(images) @ self.weights)

    def decide(self, pixels: Floats) -> tuple[int, float]:
        """The likeliest digit of one image, and how likely it is (0 to 1)."""
        likely = self.probabilities(pixels[np.newaxis])[0]
        digit = int(likely.argmax())
        return digit, float(likely[digit])

    def accuracy(self, digits: Digits) -> float:
        """Share of right answers, 0 to 1."""
        answers = self.probabilities(digits.images).argmax(axis=1)
        return float(np.mean(answers == digits.labels))


def load(file: Path = WEIGHTS) -> Model:
    """The name has a hash of the weights in it: what two models decided never mixes."""
    content = file.read_bytes()
    name = f"{FAMILY}-{hashlib.sha256(content).hexdigest()[:8]}"
    return Model(name=name, weights=np.array(json.loads(content)))


def features(images: Floats) -> Floats:
    """Pixels, the differences between neighbours (edges) and a constant: 177 for each image."""
    square = images.reshape(-1, 8, 8) / 16
    across = np.abs(np.diff(square, axis=2))
    down = np.abs(np.diff(square, axis=1))
    count = len(square)
    parts = (square, across, down, np.ones(count))
    return np.concatenate([part.reshape(count, -1) for part in parts], axis=1)


def softmax(scores: Floats) -> Floats:
    """Scores of each row as probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def outcome(confidence: float) -> Outcome:
    return "accept" if confidence >= ACCEPT_FROM else "review"
