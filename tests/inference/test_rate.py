"""The share rule on verdicts that are written out: who counts, since when the share has risen, what is learned."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.alerting.rate import (
    LEARNED_FROM,
    RateRule,
    began,
    counted,
    evidence_from_each,
    follow,
    is_alarm,
    new_detector,
    settled,
)
from inference.alerting.verdicts import Judged

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = RateRule(false_alarm_every=10_000, baseline=0.15)


def verdict(number: int, minute: float, reviewer: str | None = None, *, rejected: bool = True) -> Judged:
    return Judged(number, UUID(int=number), "1", rejected, reviewer, NOON + minute * MINUTE)


def said(rejected: Sequence[bool]) -> list[Judged]:
    return [verdict(number, number, rejected=bool(each)) for number, each in enumerate(rejected)]


# --- who counts


def test_of_one_person_the_first_two_in_five_minutes_of_the_clock_count() -> None:
    verdicts = [verdict(number, minute, "ann") for number, minute in enumerate((0, 1, 4.99, 5, 6, 7, 10))]
    assert [each.sequence for each in counted(verdicts, 2, 5 * MINUTE)] == [0, 1, 3, 4, 6]


def test_of_nobody_in_particular_all_count() -> None:
    verdicts = [verdict(number, 0) for number in range(9)]
    assert counted(verdicts, 1, MINUTE) == verdicts


people = st.sampled_from([None, "ann", "bob"])


@given(st.lists(st.tuples(people, st.floats(0, 30), st.booleans()), max_size=40), st.integers(0, 40), st.integers(1, 3))
def test_whether_one_counts_hangs_on_nothing_that_comes_later(
    given_verdicts: list[tuple[str | None, float, bool]], end: int, cap: int
) -> None:
    verdicts = [verdict(number, at, by, rejected=no) for number, (by, at, no) in enumerate(given_verdicts)]
    window = 5 * MINUTE
    assert counted(verdicts[:end], cap, window) == [
        each for each in counted(verdicts, cap, window) if each.sequence < end
    ]


# --- the evidence, looked at again


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.floats(0.01, 0.75))
def test_looked_at_as_a_whole_it_is_what_came_of_it_one_by_one(rejected: list[bool], baseline: float) -> None:
    detector = new_detector("1", RateRule(10_000, baseline), None, 0)
    for each in said(rejected):
        detector = follow(detector, each)
    whole = evidence_from_each(rejected, baseline).sum(axis=0)
    assert whole == pytest.approx(np.array(detector.evidence), rel=1e-6)


@pytest.mark.parametrize("usual", [0.05, 0.1, 0.15])
def test_since_when_it_has_risen_is_told_to_a_few_verdicts(usual: float) -> None:
    errors = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        verdicts = said(np.concatenate([rng.random(300) < usual, rng.random(300) < 0.4]).tolist())
        detector = new_detector("1", RULE, None, 0)
        for number, each in enumerate(verdicts, start=1):
            detector = follow(detector, each)
            if is_alarm(detector, RULE):
                errors.append((began(verdicts[:number], RULE.baseline or 0) - NOON) / MINUTE - 300)
                break
    assert len(errors) == 100
    assert abs(float(np.median(errors))) <= 5
    assert float(np.mean(np.abs(errors) <= 30)) >= 0.8


# --- what is learned


def learned_from(rejected: Sequence[bool], rule: RateRule) -> tuple[float, bool]:
    detector = new_detector("1", rule, None, 0)
    for each in said(rejected):
        detector = follow(settled(detector, rule, each.sequence - 1, has_alert=False), each)
    return detector.baseline, detector.is_learned


def test_a_baseline_that_is_set_is_not_learned() -> None:
    assert learned_from([False] * (LEARNED_FROM + 1), RULE) == (0.15, False)


def test_nothing_is_learned_while_there_is_an_alert() -> None:
    rule = RateRule(10_000, None)
    detector = new_detector("1", rule, None, 0)
    for each in said([False] * LEARNED_FROM):
        detector = follow(detector, each)
    assert settled(detector, rule, 0, has_alert=True) is detector
    assert settled(detector, rule, 0, has_alert=False).is_learned


def test_one_that_was_set_instead_of_a_learned_one_does_not_pass_for_learned() -> None:
    rule = RateRule(10_000, None)
    detector = new_detector("1", rule, None, 0)
    for each in said([False] * LEARNED_FROM):
        detector = follow(detector, each)
    learned = settled(detector, rule, 0, has_alert=False)
    was_set = settled(learned, RULE, 0, has_alert=False)
    assert (was_set.baseline, was_set.is_learned) == (0.15, False)
    assert settled(was_set, rule, 0, has_alert=False).baseline == learned.baseline
