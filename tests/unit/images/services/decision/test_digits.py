import numpy as np

from decision.digits import Digits


def test_both_parts_hold_every_digit_as_64_pixels(training: Digits, evaluation: Digits) -> None:
    assert training.images.shape == (1197, 64)
    assert evaluation.images.shape == (600, 64)
    for part in (training, evaluation):
        assert part.images.min() == 0
        assert part.images.max() == 16
        # An equal share would be a tenth.
        assert np.bincount(part.labels, minlength=10).min() > 0.08 * len(part.labels)


def test_no_image_is_used_for_both_training_and_evaluation(
    training: Digits, evaluation: Digits
) -> None:
    training_images = {image.tobytes() for image in training.images}

    assert not [image for image in evaluation.images if image.tobytes() in training_images]
