"""Rule (b): has the share of rejections risen? A mixture of Shiryaev-Roberts e-detectors over single verdicts.

Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for sequential change detection" (2023): while each
verdict is a rejection with a probability of at most the baseline, whatever came before it, an alarm at a strength
of A comes on average no earlier than after A verdicts. No number of samples is fixed in advance, and no clock is read.
"""

import numpy as np
import numpy.typing as npt

# One value for each ratio that fits the baseline; (ratios,) for one stream of verdicts, (runs, ratios) for many.
Evidence = npt.NDArray[np.float64]

# How many times the baseline the share may have become: an alarm does not wait for the right guess among them.
RATIOS = (1.3, 1.6, 2.0, 2.7, 3.5)
# The smallest ratio still makes a share below 1 of it.
LARGEST_BASELINE = 0.75
# Above every strength that is asked for. Without it a model that is always wrong would soon reach infinity.
CEILING = 1e100


def no_evidence(baseline: float, runs: int | None = None) -> Evidence:
    """What there is before the first verdict, after an alarm, and with a new baseline. Raises ValueError for a baseline
    outside (0, 0.75]."""
    ratios = len(raised_shares(baseline))
    return np.zeros(ratios if runs is None else (runs, ratios))


def advance(evidence: Evidence, rejected: bool | npt.NDArray[np.bool_], baseline: float) -> Evidence:
    """The evidence after one more verdict of each stream: `rejected` is one for (ratios,), (runs,) for (runs, ratios).

    All values are finite and fit into JSON. Raises ValueError where the evidence is of another baseline's ratios.
    """
    shares = raised_shares(baseline)
    if evidence.shape[-1] != len(shares):
        raise ValueError(f"evidence of {evidence.shape[-1]} ratios, but {len(shares)} fit a baseline of {baseline}")
    likelihood = np.where(np.asarray(rejected)[..., np.newaxis], shares / baseline, (1 - shares) / (1 - baseline))
    return np.minimum((evidence + 1) * likelihood, CEILING)


def strength(evidence: Evidence) -> npt.NDArray[np.float64]:
    """To be compared with the mean number of verdicts between false alarms that is asked for; () or (runs,)."""
    return np.asarray(evidence.mean(axis=-1))


def raised_shares(baseline: float) -> npt.NDArray[np.float64]:
    """The shares of rejections that are looked for, (ratios,). Raises ValueError as no_evidence does."""
    if not 0 < baseline <= LARGEST_BASELINE:
        raise ValueError(f"a baseline of {baseline} is not in (0, {LARGEST_BASELINE}]")
    shares = np.array(RATIOS) * baseline
    return shares[shares < 1]
