"""What it buys to leave the tweets that a model is least sure of to a person: its risk/coverage curve.

Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks, arXiv 1705.08500. A tweet is the surer,
the further negative's share lies from the threshold: widening the bundle's band walks along this very curve.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.evaluation import Evaluation


@dataclass(frozen=True)
class RiskCoverage:
    """The share of tweets answered, rising, and the share of mistakes among them; both (n,)."""

    coverage: npt.NDArray[np.float64]
    risk: npt.NDArray[np.float64]

    @property
    def area(self) -> float:
        """AURC, the mean risk over all coverages: the lower, the better a model knows what it does not know."""
        return float(self.risk.mean())


@dataclass(frozen=True)
class Abstention:
    """What the shipped band does on a test set. `risk` is None where every tweet is left to a person."""

    coverage: float
    risk: float | None
    risk_of_all: float
    area: float


def risk_coverage(wrong: npt.NDArray[np.bool_], certainty: npt.NDArray[np.float64]) -> RiskCoverage:
    """The curve of answering the surest tweets first.

    Tweets that are equally sure (those without a known word, say) share their mistakes evenly: their order in the file
    says nothing.
    """
    levels, level = np.unique(-certainty, return_inverse=True)
    mistakes = np.bincount(level, weights=wrong, minlength=len(levels)) / np.bincount(level)
    answered = np.arange(1, len(wrong) + 1)
    return RiskCoverage(answered / len(wrong), np.cumsum(mistakes[np.sort(level)]) / answered)


def curve_of(evaluation: Evaluation) -> RiskCoverage:
    return risk_coverage(evaluation.truth != evaluation.chosen, evaluation.certainty)


def abstention_of(evaluation: Evaluation) -> Abstention:
    wrong, answered = evaluation.truth != evaluation.chosen, ~evaluation.abstained
    return Abstention(
        coverage=float(answered.mean()),
        risk=float(wrong[answered].mean()) if answered.any() else None,
        risk_of_all=float(wrong.mean()),
        area=curve_of(evaluation).area,
    )
