import numpy as np

from decision.classifier import Model
from decision.digits import Digits
from decision.train import DECIMALS, train


def test_the_shipped_weights_come_from_the_training_part(trained: Model, training: Digits) -> None:
    # The last decimal may differ between machines.
    np.testing.assert_allclose(trained.weights, train(training), atol=2 * 10**-DECIMALS)
