"""What is known of one version's share of rejections, and when that raises an alarm, or ends one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from inference.alerting.e_detector import CEILING, LARGEST_BASELINE, Evidence, advance, no_evidence, raised_shares
from inference.alerting.interval import upper_bound
from inference.alerting.verdicts import Judged

# So many verdicts tell what share is usual for a version.
LEARNED_FROM = 200
# Until any version has shown it: of a model that is right four times in five, judged by people who look for errors.
FIRST_BASELINE = 0.25
# So many verdicts after the alarm tell that it is over.
JUDGED_TO_CLOSE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RateRule:
    # Verdicts between two false alarms, on average.
    false_alarm_every: float
    # The accepted share; without one it is learned.
    baseline: float | None


@dataclass(frozen=True, slots=True)
class Detector:
    model_version: str
    baseline: float
    is_learned: bool
    judged: int
    rejected: int
    evidence: tuple[float, ...]
    # The sequence of the verdict at which the evidence was last set back.
    restarted_after: int
    judged_since: int
    rejected_since: int

    @property
    def is_over(self) -> bool:
        """Since its alarm the share has come back to what is accepted."""
        return self.judged_since >= JUDGED_TO_CLOSE and self.rejected_since <= self.baseline * self.judged_since


def new_detector(model_version: str, rule: RateRule, learned: float | None, after: int) -> Detector:
    """`learned` is the baseline of the version before, which holds until this one has shown its own."""
    baseline = rule.baseline or learned or FIRST_BASELINE
    return Detector(model_version, baseline, False, 0, 0, fresh(baseline), after, 0, 0)


def fresh(baseline: float) -> tuple[float, ...]:
    return tuple(no_evidence(baseline).tolist())


def follow(detector: Detector, verdict: Judged) -> Detector:
    """After one more verdict that counts."""
    evidence = advance(np.array(detector.evidence), verdict.rejected, detector.baseline)
    return replace(
        detector,
        judged=detector.judged + 1,
        rejected=detector.rejected + verdict.rejected,
        evidence=tuple(evidence.tolist()),
        judged_since=detector.judged_since + 1,
        rejected_since=detector.rejected_since + verdict.rejected,
    )


def beginning_of_window(moment: datetime, window: timedelta) -> datetime:
    """Windows of the clock lie side by side, from 1970 on."""
    return moment - (moment - EPOCH) % window


def counted(verdicts: Sequence[Judged], cap: int, window: timedelta) -> list[Judged]:
    """Those that count, in their order: of one named reviewer the first `cap` in each window of the clock.

    Of the clock, and not the one before each verdict: whether it counts would hang on how far back one looks.
    """
    said = Counter[tuple[str, datetime]]()
    found = []
    for verdict in verdicts:
        if verdict.reviewer is not None:
            mine = verdict.reviewer, beginning_of_window(verdict.at, window)
            said[mine] += 1
            if said[mine] > cap:
                continue
        found.append(verdict)
    return found


def is_alarm(detector: Detector, rule: RateRule) -> bool:
    return bool(np.mean(detector.evidence) >= rule.false_alarm_every)


def holds_without_the_busiest(detector: Detector, rule: RateRule, weighed: Sequence[Judged]) -> bool:
    """Whether the alarm stands without the named person who rejected most: nobody raises it alone, nor tips it.

    `weighed` are the verdicts that the evidence comes from, in their order.
    """
    rejecters = Counter(verdict.reviewer for verdict in weighed if verdict.rejected and verdict.reviewer is not None)
    if not rejecters:
        return True
    [(busiest, _)] = rejecters.most_common(1)
    others = [verdict.rejected for verdict in weighed if verdict.reviewer != busiest]
    return bool(evidence_from_each(others, detector.baseline).sum(axis=0).mean() >= rule.false_alarm_every)


def began(weighed: Sequence[Judged], baseline: float) -> datetime:
    """When the share most likely rose: from that verdict on they speak most for it."""
    from_each = evidence_from_each([verdict.rejected for verdict in weighed], baseline)
    return weighed[int(from_each.mean(axis=1).argmax())].at


def evidence_from_each(rejected: Sequence[bool], baseline: float) -> Evidence:
    """How much all verdicts from each one on speak for a rise, (verdicts, ratios).

    The sum over the verdicts is what `advance` comes to, one by one: (R + 1) L.
    """
    shares = raised_shares(baseline)
    said = np.array(rejected, dtype=bool)[:, np.newaxis]
    steps = np.where(said, np.log(shares / baseline), np.log((1 - shares) / (1 - baseline)))
    to_the_last = np.cumsum(steps[::-1], axis=0)[::-1]
    from_each: Evidence = np.exp(np.minimum(to_the_last, np.log(CEILING)))
    return from_each


def restarted(detector: Detector, after: int, baseline: float | None = None) -> Detector:
    """Without evidence; that of an alarm is used up, and that for another baseline says nothing."""
    baseline = baseline or detector.baseline
    return replace(
        detector,
        baseline=baseline,
        evidence=fresh(baseline),
        restarted_after=after,
        judged_since=0,
        rejected_since=0,
    )


def settled(detector: Detector, rule: RateRule, after: int, *, has_alert: bool) -> Detector:
    """With a baseline of its own, once it has been judged often enough, and not while something is wrong with it."""
    if rule.baseline is not None:
        is_new = rule.baseline != detector.baseline
        return replace(restarted(detector, after, rule.baseline), is_learned=False) if is_new else detector
    if detector.is_learned or detector.judged < LEARNED_FROM or has_alert:
        return detector
    learned = min(upper_bound(detector.rejected, detector.judged), LARGEST_BASELINE)
    return replace(restarted(detector, after, learned), is_learned=True)
