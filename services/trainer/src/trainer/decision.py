"""From probabilities to a decision: the threshold that the airline's costs ask for, and the band left to a person.

A missed negative costs `missed_negative_cost` false alarms (TRAINER_MISSED_NEGATIVE_COST, by default 1.25): a bad buzz
that nobody sees is worse than a tweet read in vain. `trainer train` settles both on validation tweets and writes them
into the bundle's card; `Classifier.decide` applies them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from trainer.served_model import negative_share
from trainer.sources import NEGATIVE

# Log-odds of 0 and 1 are infinite; no model is surer than this of anything.
_SUREST = 1e-9
# In log-odds: the tweet that gives a band its width must not fall out of it by the last digit.
_ROUNDING = 1e-6
# In log-odds, about 19 in 20: a model that is surer than this of its validation tweets leaves fewer of them to a
# person, or it would leave every tweet that is new to it.
_WIDEST = 3.0

Shares = npt.NDArray[np.float64]  # (n_tweets,)


@dataclass(frozen=True)
class Decision:
    """The two settings of `Classifier.decide`, both on the scale of negative's share."""

    threshold: float
    abstain_band: tuple[float, float]


def threshold_for(missed_negative_cost: float) -> float:
    """The share from which calling a tweet negative is the cheaper mistake (Elkan 2001, The Foundations of
    Cost-Sensitive Learning, equation 2), where probabilities are calibrated and a false alarm costs 1.

    It holds for three labels too: where the third one is the truth, either answer is a mistake that costs 1.
    """
    return 1 / (1 + missed_negative_cost)


def certainty(share: Shares, threshold: float) -> npt.NDArray[np.float64]:
    """How far each share lies from the threshold, in log-odds. # (n,), 0 at the threshold"""
    return np.abs(log_odds(share) - log_odds(np.array([threshold])))


def log_odds(share: Shares) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = logit(share.clip(_SUREST, 1 - _SUREST))
    return found


def decide_band(share: Shares, threshold: float, abstain_share: float) -> tuple[float, float]:
    """The band around the threshold, equally far on both sides in log-odds, that holds `abstain_share` of the tweets.

    Tweets that lie on its ends together (the same words, the same share) are inside together.
    """
    left_to_a_person = round(abstain_share * len(share))
    if not left_to_a_person:
        return threshold, threshold
    width = min(np.sort(certainty(share, threshold))[left_to_a_person - 1], _WIDEST) + _ROUNDING
    return float(expit(logit(threshold) - width)), float(expit(logit(threshold) + width))


def choose_decision(share: Shares, *, missed_negative_cost: float, abstain_share: float) -> Decision:
    """`share` is that of validation tweets: only how sure the model is of them is used, not their labels."""
    threshold = threshold_for(missed_negative_cost)
    return Decision(threshold, decide_band(share, threshold, abstain_share))


@dataclass(frozen=True)
class Costs:
    """What either answer would cost on each tweet, in false alarms; all (n,).

    A missed negative costs what was set, any other mistake 1, a right answer nothing.
    """

    share: Shares
    if_negative: npt.NDArray[np.float64]
    if_rival: npt.NDArray[np.float64]

    def at(self, threshold: float) -> float:
        """The mean cost of a tweet where negative is called from `threshold` on."""
        return float(np.where(self.share >= threshold, self.if_negative, self.if_rival).mean())


def build_costs(
    truth: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float32],
    labels: Sequence[str],
    missed_negative_cost: float,
) -> Costs:
    negative = labels.index(NEGATIVE)
    others = probabilities.copy()
    others[:, negative] = -1
    is_negative = truth == negative
    is_rival = truth == others.argmax(axis=1)
    return Costs(
        share=negative_share(probabilities, labels),
        if_negative=np.where(is_negative, 0.0, 1.0),
        if_rival=np.where(is_negative, missed_negative_cost, np.where(is_rival, 0.0, 1.0)),
    )
