"""One temperature brings probabilities back to what they should have been."""

import numpy as np
import pytest
from scipy.special import log_softmax

from trainer.calibration import fit_temperature


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("too_sure", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(labels: int, too_sure: float) -> None:
    rng = np.random.default_rng(7)
    honest = log_softmax(rng.normal(0, 2, (20_000, labels)), axis=1)
    drawn = (rng.random((20_000, 1)) > np.exp(honest).cumsum(axis=1)).sum(axis=1).clip(0, labels - 1)
    assert fit_temperature(honest * too_sure, drawn) == pytest.approx(too_sure, rel=0.05)
