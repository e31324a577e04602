"""Make probabilities mean what they say: one number, found on tweets that the fit has not seen."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

# A model twenty times too sure or too shy has other faults than its temperature.
LOWEST, HIGHEST = 1 / 20, 20


def fit_temperature(log_probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> float:
    """The divisor of the logits that gives `labels` (n,) the least log-loss (Guo et al. 2017, arXiv 1706.04599).

    `log_probabilities` are (n, labels); they serve as logits, from which they differ by a constant per row.
    """
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(log_probabilities / np.exp(log_temperature), axis=1)[rows, labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))
