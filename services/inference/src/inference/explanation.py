"""What each token did to an answer, found by leaving tokens out.

The text is taken away token by token, once from its start and once from its end; a token's contribution is the mean of
what its going changed, in log-odds of the label. The contributions add up to the difference between the text and no
text. Where tokens act alone or two together, as in a linear model over words and pairs of words, they are the Shapley
values, exactly; for a network they are two of the orders over which Shapley's mean is taken, opposite to each other as
in Mitchell et al., Sampling Permutations for Shapley Value Estimation, 2022 (arXiv 2104.12199).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.classifier import Classifier
from inference.errors import ModelFailed

LEAST = 1e-7


@dataclass(frozen=True, slots=True)
class Contribution:
    token: str
    # Characters of the text: from start up to end.
    start: int
    end: int
    log_odds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    label: str
    # Log-odds of the label for the text, and for a text without any token.
    log_odds: float
    baseline: float
    contributions: list[Contribution]


def explain(classifier: Classifier, text: str, label: str) -> Explanation:
    """Raises ModelFailed where the model gives no probability."""
    encoding = classifier.encode(text)
    frame = np.array(encoding.special_tokens_mask, dtype=bool)
    ids = np.array(encoding.ids, dtype=np.int64)
    words = np.flatnonzero(~frame)
    # Without the first word, the first two, …; then without the last, the last two, …; each with the special tokens.
    shortened = [frame.copy() for _ in range(2 * len(words) + 1)]
    for count in range(len(words) + 1):
        shortened[count][words[count:]] = True
    for count in range(1, len(words) + 1):
        shortened[len(words) + count][words[: len(words) - count]] = True
    odds = log_odds_of(
        classifier, [ids[kept].tolist() for kept in shortened], classifier.description.labels.index(label)
    )
    from_start = odds[: len(words)] - odds[1 : len(words) + 1]
    from_end = np.concatenate([odds[:1], odds[len(words) + 1 :]])
    changes = (from_start + (from_end[:-1] - from_end[1:])[::-1]) / 2
    return Explanation(
        label=label,
        log_odds=float(odds[0]),
        baseline=float(odds[len(words)]),
        contributions=[
            Contribution(text[start:end], start, end, float(change))
            for (start, end), change in zip(
                spans_of(text, [encoding.offsets[word] for word in words.tolist()]), changes, strict=True
            )
        ],
    )


def spans_of(text: str, offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where the tokens stand, each with what the tokenizer had replaced by it: of a handle it knows the last letter."""
    spans, reached = [], 0
    for start, end in offsets:
        between = text[reached:start]
        spans.append((min(start, reached + len(between) - len(between.lstrip())), end))
        reached = max(reached, end)
    return spans


def log_odds_of(classifier: Classifier, rows: list[list[int]], column: int) -> npt.NDArray[np.float64]:  # (rows,)
    probabilities = classifier.run(rows).astype(np.float64)
    if not np.isfinite(probabilities).all():
        raise ModelFailed
    # The others' own sum, not 1 - p, which has few digits left where p is close to 1.
    others = np.delete(probabilities, column, axis=1).sum(axis=1)
    odds: npt.NDArray[np.float64] = np.maximum(probabilities[:, column], LEAST) / np.maximum(others, LEAST)
    return np.log(odds)
