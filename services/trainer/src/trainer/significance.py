"""How sure a score is, and how sure it is that two models differ, given that both answered the same tweets."""

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

RESAMPLES = 2_000


def macro_f1_interval(
    truth: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64], labels: int, *, seed: int
) -> tuple[float, float]:
    """Bounds of the 95 % percentile bootstrap over tweets (Efron and Tibshirani 1993, chapter 13).

    Macro-F1 sees tweets only through the confusion matrix, and drawing n tweets with replacement is drawing the cells
    of that matrix from a multinomial: 2,000 resamples of 20,000 tweets take a millisecond.
    """
    matrix = confusion_matrix(truth, chosen, labels=np.arange(labels))
    cells = np.random.default_rng(seed).multinomial(len(truth), matrix.ravel() / len(truth), size=RESAMPLES)
    low, high = np.quantile(macro_f1(cells.reshape(RESAMPLES, labels, labels)), [0.025, 0.975])
    return float(low), float(high)


def macro_f1(matrices: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Macro-F1 of each confusion matrix of (n, labels true, labels chosen); a label that is nowhere counts 0."""
    right = matrices.diagonal(axis1=1, axis2=2)  # (n, labels)
    named = matrices.sum(axis=1) + matrices.sum(axis=2)  # true or chosen, both twice
    return np.asarray((2 * right / np.maximum(named, 1)).mean(axis=1), dtype=np.float64)


def mcnemar(right: npt.NDArray[np.bool_], other_right: npt.NDArray[np.bool_]) -> float:
    """The p-value that two models are equally often right on these tweets (McNemar 1947, in its exact form).

    Only tweets that one got right and the other did not count; were they equal, each would be a coin's toss.
    """
    only_one, only_other = int((right & ~other_right).sum()), int((other_right & ~right).sum())
    if only_one + only_other == 0:
        return 1.0
    return float(binomtest(only_one, only_one + only_other, 0.5).pvalue)
