"""Two bundles' answers to the same tweets: what the challenger gains, and what it loses.

A tweet that the champion got right and the challenger gets wrong is a negative flip (Yan et al. 2021, arXiv
2011.09161): people see those, whatever the scores say.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.bundle import Bundle
from trainer.evaluation import Evaluation, evaluate
from trainer.significance import mcnemar
from trainer.test_sets import TestSet, in_order_of


@dataclass(frozen=True)
class Paired:
    """One test set, answered by both."""

    test: TestSet
    champion: Evaluation
    challenger: Evaluation

    @property
    def gains(self) -> npt.NDArray[np.int64]:
        """Rows that the champion got wrong and the challenger gets right. # (gains,)"""
        return np.flatnonzero(~right(self.champion) & right(self.challenger))

    @property
    def losses(self) -> npt.NDArray[np.int64]:
        """Rows that the champion got right and the challenger gets wrong. # (losses,)"""
        return np.flatnonzero(right(self.champion) & ~right(self.challenger))

    @property
    def negative_flip_rate(self) -> float:
        return len(self.losses) / max(1, len(self.test.tweets))

    @property
    def p_value(self) -> float:
        """McNemar's, that both are equally often right."""
        return mcnemar(right(self.champion), right(self.challenger))


def right(evaluation: Evaluation) -> npt.NDArray[np.bool_]:
    return np.asarray(evaluation.truth == evaluation.chosen, dtype=np.bool_)


def pair(champion: Bundle, challenger: Bundle, tests: Iterable[TestSet]) -> list[Paired]:
    """Both bundles on each test set, whose labels are counted in the challenger's order."""
    return [pair_on(champion, challenger, test) for test in tests]


def pair_on(champion: Bundle, challenger: Bundle, test: TestSet) -> Paired:
    theirs = in_order_of(champion, challenger.card.labels, test.tweets)
    return Paired(
        test,
        champion=evaluate(champion, theirs, dataset=test.dataset, split=test.split),
        challenger=evaluate(challenger, test.tweets, dataset=test.dataset, split=test.split),
    )
