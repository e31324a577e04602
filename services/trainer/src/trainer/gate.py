"""The gate: whether a challenger may become champion, and why. Pure: figures in, checks out.

    trainer gate 3

The figures are measured in gathering.py; why these limits, and what they let through: docs/gate.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from trainer.evidence import BehaviourEvidence, Evidence, GoldenEvidence, SetEvidence, SliceEvidence

# Of slices and capabilities, how many a sentence names.
NAMED = 3


@dataclass(frozen=True)
class Limits:
    """What a challenger may cost. Shares and scores, not points or percent; the settings TRAINER_GATE_… give them."""

    large_set: int  # from so many tweets on a score is sure enough for the narrow limits
    macro_f1_fall: float  # on a large set
    macro_f1_fall_small: float  # on a smaller one
    significance: float
    negative_flips: float  # on a large set
    negative_flips_small: float  # on a smaller one
    behaviour_fall: float
    golden_changes: float
    calibration_error: float  # on a large set
    slice_tweets: int  # smaller slices are not judged
    slice_fall: float
    milliseconds: float
    megabytes: float


class Check(BaseModel):
    """One thing the gate asked, and the figures it found, also where it passed."""

    model_config = ConfigDict(frozen=True)

    name: str
    passed: bool
    found: str


class Verdict(BaseModel):
    """As it is stored with the version, in the tag `gate`."""

    model_config = ConfigDict(frozen=True)

    passed: bool
    at: datetime
    digest: str
    against_version: str | None
    against_digest: str | None
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.passed]

    def shortened(self, longest: int = 5_000) -> Self:
        """The same verdict, its sentences cut, and if need be passed checks left out, so that its JSON is shorter."""
        for width in (1_000, 300, 150, 80):
            checks = [each.model_copy(update={"found": _cut(each.found, width)}) for each in self.checks]
            verdict = self.model_copy(update={"checks": checks})
            if len(verdict.model_dump_json()) < longest:
                return verdict
        kept = sorted(checks, key=lambda each: each.passed)
        while len(verdict.model_dump_json()) >= longest:
            kept.pop()
            rest = Check(name="further checks", passed=True, found=f"{len(checks) - len(kept)} more are left out here")
            verdict = self.model_copy(update={"checks": [*kept, rest]})
        return verdict


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def decide(evidence: Evidence, limits: Limits) -> list[Check]:
    """Every check with what it found. The challenger passes the gate where all of them passed."""
    champion = evidence.champion
    if champion is None:
        return [_check("champion", True, "there is no champion to compare with")]
    if champion.digest == evidence.digest:
        return [_check("champion", True, "it is the champion's own bundle: nothing was judged")]
    labels = _labels(evidence.labels, champion.labels)
    if not labels.passed:
        return [labels, *_serving(evidence, limits)]
    return [
        labels,
        *_scores(champion.sets, limits),
        _slices(champion.sets, limits),
        _behaviours(champion.behaviours, limits),
        _golden(champion.golden, limits),
        *_serving(evidence, limits),
    ]


def _check(name: str, passed: bool, found: str) -> Check:
    return Check(name=name, passed=passed, found=found)


def _labels(challenger: tuple[str, ...], champion: tuple[str, ...]) -> Check:
    same = sorted(challenger) == sorted(champion)
    theirs = "like the champion" if same else f"the champion {', '.join(champion)}"
    return _check("labels", same, f"the challenger knows {', '.join(challenger)}, {theirs}")


def _scores(sets: tuple[SetEvidence, ...], limits: Limits) -> Iterator[Check]:
    if not sets:
        yield _check("scores", False, "no test set with these labels is here: nothing was measured")
    for each in sets:
        yield from _scores_on(each, len(sets), limits)


def _scores_on(each: SetEvidence, sets: int, limits: Limits) -> Iterator[Check]:
    """Several sets are looked at, so each p-value is multiplied by their number (Bonferroni)."""
    large = each.size >= limits.large_set
    may_fall = limits.macro_f1_fall if large else limits.macro_f1_fall_small
    change = round(each.challenger_macro_f1 - each.champion_macro_f1, 6)
    yield _check(
        f"macro-F1, {each.name}",
        change >= -may_fall,
        f"{each.champion_macro_f1:.4f} -> {each.challenger_macro_f1:.4f} on {each.size:,} tweets: {100 * change:+.2f} "
        f"points; it may fall by {100 * may_fall:.2f}",
    )
    yield _check(
        f"difference, {each.name}",
        not (each.losses > each.gains and each.p_value * sets < limits.significance),
        f"{each.gains:,} tweets gained, {each.losses:,} lost, McNemar p = {each.p_value:.2g}; more lost than gained "
        f"with p below {limits.significance / sets:.2g} is a loss",
    )
    flips = each.losses / max(1, each.size)
    may_flip = limits.negative_flips if large else limits.negative_flips_small
    yield _check(
        f"negative flips, {each.name}",
        flips <= may_flip,
        f"{flips:.1%} of the tweets were right and become wrong; at most {may_flip:.1%}",
    )
    if large:
        yield _check(
            f"calibration, {each.name}",
            each.calibration_error <= limits.calibration_error,
            f"calibration error {each.calibration_error:.3f}; at most {limits.calibration_error:.3f}",
        )


def _slices(sets: tuple[SetEvidence, ...], limits: Limits) -> Check:
    """Many slices are looked at, so each p-value is multiplied by their number (Bonferroni)."""
    judged = [(each, part) for each in sets for part in each.slices if part.size >= limits.slice_tweets]
    if not judged:
        return _check("slices", True, f"no slice has {limits.slice_tweets:,} tweets: none was judged")
    changes = sorted((part.challenger - part.champion, part.p_value, _slice(each, part)) for each, part in judged)
    fallen = [
        words
        for change, p_value, words in changes
        if -change > limits.slice_fall and p_value * len(judged) < limits.significance
    ]
    rule = f"by more than {100 * limits.slice_fall:.0f} points and not by chance"
    if fallen:
        more = f"; and {len(fallen) - NAMED} more" if len(fallen) > NAMED else ""
        named = "; ".join(fallen[:NAMED])
        return _check("slices", False, f"{len(fallen)} of {len(judged)} slices fall {rule}: {named}{more}")
    found = f"none of {len(judged)} slices of at least {limits.slice_tweets:,} tweets falls {rule}; the nearest to it: "
    return _check("slices", True, found + changes[0][-1])


def _slice(each: SetEvidence, part: SliceEvidence) -> str:
    return (
        f"{part.name} ({each.name}), accuracy {part.champion:.3f} -> {part.challenger:.3f} on {part.size:,} tweets, "
        f"p = {part.p_value:.2g}"
    )


def _behaviours(found: BehaviourEvidence | None, limits: Limits) -> Check:
    if found is None or not found.asked:
        return _check("behaviours", False, "there were no behavioural tests to run: see TRAINER_BEHAVIOUR_DIR")
    fallen = sorted((after - before, f"{name} {before} -> {after}") for name, before, after in found.capabilities)
    weaker = ", ".join(words for change, words in fallen[:NAMED] if change < 0)
    return _check(
        "behaviours",
        found.champion - found.challenger <= limits.behaviour_fall * found.asked,
        f"{found.challenger} of {found.asked} behavioural tests passed, by the champion {found.champion}; it may be "
        f"{int(limits.behaviour_fall * found.asked)} fewer{f'; weaker: {weaker}' if weaker else ''}",
    )


def _golden(found: GoldenEvidence | None, limits: Limits) -> Check:
    if found is None:
        return _check("golden tweets", False, "not asked")
    share = found.changed / max(1, found.certain)
    return _check(
        "golden tweets",
        share <= limits.golden_changes,
        f"{found.changed} of the {found.certain} that the champion is certain of change their label ({share:.0%}); "
        f"at most {limits.golden_changes:.0%}",
    )


def _serving(evidence: Evidence, limits: Limits) -> Iterator[Check]:
    milliseconds = evidence.microseconds_per_tweet / 1000
    yield _check(
        "time",
        milliseconds <= limits.milliseconds,
        f"{milliseconds:.2f} ms for one tweet on one core; at most {limits.milliseconds:g}",
    )
    yield _check(
        "size", evidence.megabytes <= limits.megabytes, f"{evidence.megabytes:.1f} MB; at most {limits.megabytes:g}"
    )
