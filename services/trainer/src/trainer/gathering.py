"""What the gate looks at, measured: a challenger beside the champion, as plain figures."""

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from trainer import serving_cost
from trainer.behaviour import Outcome, load_behaviours, run_behaviours
from trainer.bundle import Bundle, golden_texts
from trainer.errors import TrainerError
from trainer.evidence import BehaviourEvidence, Champion, Evidence, GoldenEvidence, SetEvidence, SliceEvidence
from trainer.paired import Paired, right
from trainer.settings import Settings
from trainer.significance import mcnemar
from trainer.slices import SLICES

logger = logging.getLogger(__name__)


def is_comparable(champion: Bundle, challenger: Bundle) -> bool:
    """Two bundles, and of the same labels."""
    same_labels = sorted(champion.card.labels) == sorted(challenger.card.labels)
    return same_labels and champion.digest != challenger.digest


def gather(challenger: Bundle, champion: Bundle | None, pairs: Sequence[Paired], settings: Settings) -> Evidence:
    """All that the gate looks at, as figures."""
    # Ordinary tweets where there are some: the time of a tweet depends on its length.
    texts = pairs[0].test.tweets.texts if pairs else golden_texts()
    with serving_cost.one_core():
        microseconds = serving_cost.microseconds_alone(challenger, texts[: serving_cost.CALLS])
    return Evidence(
        digest=challenger.digest,
        labels=tuple(challenger.card.labels),
        champion=beside(champion, challenger, pairs, settings) if champion else None,
        microseconds_per_tweet=microseconds,
        megabytes=challenger.megabytes,
    )


def beside(champion: Bundle, challenger: Bundle, pairs: Sequence[Paired], settings: Settings) -> Champion:
    compared = is_comparable(champion, challenger)
    return Champion(
        digest=champion.digest,
        labels=tuple(champion.card.labels),
        sets=tuple(set_evidence(each) for each in pairs),
        behaviours=behave_both(champion, challenger, settings) if compared else None,
        golden=golden_both(champion, challenger) if compared else None,
    )


def set_evidence(pair: Paired) -> SetEvidence:
    return SetEvidence(
        name=f"{pair.test.dataset} {pair.test.split}",
        size=len(pair.test.tweets),
        champion_macro_f1=pair.champion.scores.macro_f1,
        challenger_macro_f1=pair.challenger.scores.macro_f1,
        gains=len(pair.gains),
        losses=len(pair.losses),
        p_value=pair.p_value,
        calibration_error=pair.challenger.scores.calibration_error,
        slices=tuple(slice_evidence(pair)),
    )


def slice_evidence(pair: Paired) -> Iterator[SliceEvidence]:
    champion, challenger = right(pair.champion), right(pair.challenger)
    for each in SLICES:
        inside = np.array([each.holds(text) for text in pair.test.tweets.texts], dtype=bool)
        if size := int(inside.sum()):
            before, after = champion[inside], challenger[inside]
            yield SliceEvidence(each.name, size, float(before.mean()), float(after.mean()), mcnemar(before, after))


def behave_both(champion: Bundle, challenger: Bundle, settings: Settings) -> BehaviourEvidence | None:
    """None where there are no behavioural tests, which the gate does not let pass."""
    try:
        behaviours, _ = load_behaviours(settings.behaviour_dir)
    except TrainerError as error:
        logger.warning("behaviours_not_run reason=%s", error)
        return None
    before, after = (run_behaviours(behaviours, of.classifier) for of in (champion, challenger))
    capabilities = {each.behaviour.capability: None for each in before}
    counted = tuple((name, passes(before, name), passes(after, name)) for name in capabilities)
    return BehaviourEvidence(
        asked=len(before),
        champion=sum(champion for _, champion, _ in counted),
        challenger=sum(challenger for *_, challenger in counted),
        capabilities=counted,
    )


def passes(outcomes: Sequence[Outcome], capability: str) -> int:
    return sum(each.passed for each in outcomes if each.behaviour.capability == capability)


def golden_both(champion: Bundle, challenger: Bundle) -> GoldenEvidence:
    texts = golden_texts()
    before, abstained = champion.classifier.decide(champion.classifier.probabilities(texts))
    after, _ = challenger.classifier.decide(challenger.classifier.probabilities(texts))
    same = np.array(champion.card.labels)[before] == np.array(challenger.card.labels)[after]
    return GoldenEvidence(certain=int((~abstained).sum()), changed=int((~abstained & ~same).sum()))
