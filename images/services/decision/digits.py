"""The images in data/: one part for training, one part for evaluation (data/README.md)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DATA = Path(__file__).parent / "data"
# Two thirds of the images. Mostly other people wrote the rest.
TRAINING_SIZE = 1197


@dataclass(frozen=True, kw_only=True)
class Digits:
    """`images` has a row of 64 pixels (0 to 16) for each of `labels` (0 to 9)."""

    images: Floats
    labels: NDArray[np.int64]


def load() -> tuple[Digits, Digits]:
    """Return the training part and the evaluation part."""
    table = np.loadtxt(DATA / "digits.csv.gz", delimiter=",")
    images, labels = table[:, :64], table[:, 64].astype(np.int64)
    return (
        Digits(images=images[:TRAINING_SIZE], labels=labels[:TRAINING_SIZE]),
        Digits(images=images[TRAINING_SIZE:], labels=labels[TRAINING_SIZE:]),
    )
