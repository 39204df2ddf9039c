"""Measure how well a moving digit is found and read in noisy frames.

A digit of the evaluation part, enlarged four times, moves over a frame of noise. In each frame, the
tracker searches for the place that is most similar to the average digit, and the model reads that
place. The true place and digit are known.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from decision.classifier import Model
from decision.digits import Digits, Floats

ENLARGED = 4
# The side of a digit in a frame, and of a frame, in pixels.
DIGIT = 8 * ENLARGED
FRAME = 96
# The standard deviation of the noise; ink is 1 and paper 0. People read such frames with effort.
NOISE = 0.35
# The maximum movement from one frame to the next, in pixels per axis.
SPEED = 4
# The allowed error in pixels per axis: half a pixel of the digit before it was enlarged.
TOLERANCE = ENLARGED // 2
# With these numbers, one measurement takes about 30 ms of one core.
FRAMES = 40
FRAMES_PER_DIGIT = 8


@dataclass(frozen=True, kw_only=True)
class Frame:
    """An image, the position of the digit's top left corner in it, and the digit."""

    image: Floats
    top: int
    left: int
    label: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The possible frames per second, and the accuracies as shares from 0 to 1."""

    tracking_fps: float
    recognition_fps: float
    detection_accuracy: float
    recognition_accuracy: float


class Tracker:
    """Finds a digit by correlating a frame with the average digit."""

    def __init__(self, training: Digits) -> None:
        average = np.zeros((FRAME, FRAME))
        average[:DIGIT, :DIGIT] = enlarge(training.images.mean(axis=0))
        self._average = np.conj(np.fft.rfft2(average))

    def find(self, image: Floats) -> tuple[int, int]:
        """Return the top and left of the digit's place."""
        similarity = np.fft.irfft2(np.fft.rfft2(image) * self._average, s=image.shape)
        places = similarity[: FRAME - DIGIT + 1, : FRAME - DIGIT + 1]
        top, left = divmod(int(places.argmax()), places.shape[1])
        return top, left


def measure(model: Model, tracker: Tracker, digits: Digits, random: np.random.Generator) -> Figures:
    """Track and read new frames. The time to generate them does not count."""
    detected = recognised = 0
    tracking = recognition = 0.0
    for frame in frames(digits, random):
        started = time.perf_counter()
        top, left = tracker.find(frame.image)
        tracked = time.perf_counter()
        digit, _ = model.decide(crop(frame.image, top, left))
        recognition += time.perf_counter() - tracked
        tracking += tracked - started
        detected += max(abs(top - frame.top), abs(left - frame.left)) <= TOLERANCE
        recognised += digit == frame.label
    return Figures(
        tracking_fps=FRAMES / tracking,
        recognition_fps=FRAMES / recognition,
        detection_accuracy=detected / FRAMES,
        recognition_accuracy=recognised / FRAMES,
    )


def frames(digits: Digits, random: np.random.Generator) -> Iterator[Frame]:
    """Generate FRAMES frames. The digit moves in a straight line and turns back at the edges."""
    furthest = FRAME - DIGIT
    for _ in range(FRAMES // FRAMES_PER_DIGIT):
        index = random.integers(len(digits.labels))
        digit = enlarge(digits.images[index])
        place = random.uniform(0, furthest, 2)
        speed = random.uniform(-SPEED, SPEED, 2)
        for step in range(FRAMES_PER_DIGIT):
            top, left = np.abs((place + step * speed).round().astype(int))
            top, left = (furthest - abs(furthest - at) for at in (top, left))
            image = random.normal(0, NOISE, (FRAME, FRAME))
            image[top : top + DIGIT, left : left + DIGIT] += digit
            yield Frame(image=image, top=top, left=left, label=int(digits.labels[index]))


def enlarge(pixels: Floats) -> Floats:
    """Turn 64 pixels from 0 to 16 into a square image of ink (1) on paper (0)."""
    return np.asarray(np.kron(pixels.reshape(8, 8) / 16, np.ones((ENLARGED, ENLARGED))), float)


def crop(image: Floats, top: int, left: int) -> Floats:
    """Return the 64 pixels, from 0 to 16, of the digit at this place."""
    part = image[top : top + DIGIT, left : left + DIGIT].reshape(8, ENLARGED, 8, ENLARGED)
    return np.asarray(16 * part.mean(axis=(1, 3)).clip(0, 1)).ravel()
