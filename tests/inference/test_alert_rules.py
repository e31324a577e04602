"""The alert rules on verdicts that are written out: bursts, caps, evidence and intervals, to the verdict."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from inference.alerting.burst import BurstRule, find_burst
from inference.alerting.caps import capped, flooders
from inference.alerting.e_detector import CEILING, RATIOS, advance, no_evidence, strength
from inference.alerting.interval import upper_bound, wilson
from inference.alerting.verdicts import Judged

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = BurstRule(rejections=3, window=5 * MINUTE, user_cap=2)


def verdict(sequence: int, minutes: float | timedelta, reviewer: str | None = None, *, rejected: bool = True) -> Judged:
    moment = NOON + (minutes if isinstance(minutes, timedelta) else timedelta(minutes=minutes))
    return Judged(sequence, UUID(int=sequence), "1", rejected, reviewer, moment)


def rejected_at(*minutes: float | timedelta, by: str | None = None) -> list[Judged]:
    return [verdict(sequence, each, by) for sequence, each in enumerate(minutes, start=1)]


def numbers(verdicts: Iterable[Judged]) -> list[int]:
    return [each.sequence for each in verdicts]


# --- N rejected in M minutes


def test_two_rejections_are_no_burst() -> None:
    assert find_burst(rejected_at(0, 1), RULE, after=0) == []
    assert find_burst([], RULE, after=0) == []


def test_three_in_exactly_five_minutes_are_one_and_a_microsecond_later_they_are_not() -> None:
    assert numbers(find_burst(rejected_at(0, 2, 5), RULE, after=0)) == [1, 2, 3]
    assert find_burst(rejected_at(0, 2, 5 * MINUTE + timedelta(microseconds=1)), RULE, after=0) == []


def test_three_at_the_same_moment_are_one() -> None:
    assert numbers(find_burst(rejected_at(0, 0, 0), RULE, after=2)) == [1, 2, 3]


def test_three_over_six_minutes_are_none_though_two_clock_windows_hold_them() -> None:
    assert find_burst(rejected_at(0, 3, 6), RULE, after=0) == []
    # A window that began at every full five minutes would miss these.
    assert numbers(find_burst(rejected_at(4, 5, 6), RULE, after=0)) == [1, 2, 3]


def test_confirmed_ones_neither_count_nor_hold_a_burst_up() -> None:
    confirmed = [verdict(10 + minute, minute, rejected=False) for minute in range(5)]
    assert find_burst([*confirmed, *rejected_at(0, 1)], RULE, after=0) == []
    assert numbers(find_burst([*confirmed, *rejected_at(0, 1, 2)], RULE, after=0)) == [1, 2, 3]


def test_of_many_bursts_the_latest_is_told_with_all_that_counts_in_it() -> None:
    assert numbers(find_burst(rejected_at(0, 1, 2, 30, 31, 32, 33), RULE, after=0)) == [4, 5, 6, 7]


def test_what_was_looked_at_before_is_no_news() -> None:
    verdicts = rejected_at(0, 1, 2, 30)
    assert numbers(find_burst(verdicts, RULE, after=2)) == [1, 2, 3]
    assert find_burst(verdicts, RULE, after=3) == []
    # The one at 30 is new, but alone.
    assert find_burst(verdicts, RULE, after=4) == []


def test_a_clock_that_leaps_back_between_two_verdicts_hides_no_burst() -> None:
    verdicts = rejected_at(60, 0.5, 61, 0, 62)
    assert numbers(find_burst(verdicts, RULE, after=4)) == [1, 3, 5]
    # One taken last but dated between those that were known is news.
    assert numbers(find_burst([*rejected_at(0, 4), verdict(3, 2)], RULE, after=2)) == [1, 3, 2]


def test_one_person_with_a_thousand_rejections_is_no_burst() -> None:
    alone = rejected_at(*(sequence / 1000 for sequence in range(1000)), by="ann")
    for user_cap in (2, 1000):
        assert find_burst(alone, BurstRule(3, 5 * MINUTE, user_cap), after=0) == []


def test_without_a_name_the_same_thousand_are_one() -> None:
    assert len(find_burst(rejected_at(*(sequence / 1000 for sequence in range(1000))), RULE, after=0)) == 1000


def test_one_person_s_share_and_one_rejection_of_another_are_a_burst() -> None:
    flood = [verdict(sequence, sequence / 100, "ann") for sequence in range(1, 101)]
    assert numbers(find_burst([*flood, verdict(200, 2, "bob")], RULE, after=0)) == [1, 2, 200]
    # Bob's has been told; ann may go on as long as she likes.
    assert find_burst([*flood, verdict(0, 0, "bob")], RULE, after=2) == []


def test_rejections_that_slid_out_make_room_for_the_same_person_s_later_ones() -> None:
    verdicts = [verdict(1, 0, "ann"), verdict(2, 1, "ann"), verdict(3, 5.5, "ann"), verdict(4, 6, "ann")]
    assert numbers(find_burst([*verdicts, verdict(5, 7, "bob")], RULE, after=4)) == [3, 4, 5]


@pytest.mark.parametrize(("rejections", "user_cap", "cap"), [(3, 2, 2), (3, 9, 2), (3, 1, 1), (2, 2, 1), (1, 5, 1)])
def test_the_cap_leaves_a_burst_to_two_people(rejections: int, user_cap: int, cap: int) -> None:
    assert BurstRule(rejections, MINUTE, user_cap).cap == cap


@pytest.mark.parametrize(("rejections", "minutes", "user_cap"), [(0, 5, 2), (3, 0, 2), (3, 5, 0)])
def test_a_rule_that_can_never_hold_is_refused(rejections: int, minutes: int, user_cap: int) -> None:
    with pytest.raises(ValueError, match="can never hold"):
        BurstRule(rejections, minutes * MINUTE, user_cap)


def test_a_burst_among_a_hundred_thousand_rejections_is_found_in_one_pass() -> None:
    # Each window of Ann's holds, but by what was known: to look through every one of them would not end.
    flood = [verdict(sequence, sequence / 1e6, "ann") for sequence in range(3, 100_000)]
    known = [verdict(1, 0, "bob"), verdict(2, 0, "cid")]
    assert find_burst([*known, *flood], RULE, after=4) == []


@st.composite
def streams(draw: st.DrawFn) -> list[Judged]:
    """Few moments and few people, so that ends of windows and caps are met."""
    size = draw(st.integers(0, 14))
    sequences = draw(st.permutations(range(1, size + 1)))
    return [
        verdict(
            sequence,
            draw(st.integers(0, 16)),
            draw(st.sampled_from([None, "ann", "bob", "cid"])),
            rejected=draw(st.integers(0, 3)) > 0,
        )
        for sequence in sequences
    ]


def first_of_each(verdicts: list[Judged], cap: int) -> list[Judged]:
    seen = Counter[str]()
    counted = []
    for each in verdicts:
        seen[each.reviewer or ""] += 1
        if each.reviewer is None or seen[each.reviewer] <= cap:
            counted.append(each)
    return counted


def burst_by_trying(verdicts: list[Judged], rule: BurstRule, after: int) -> list[Judged]:
    rejections = sorted((each for each in verdicts if each.rejected), key=lambda each: (each.at, each.sequence))
    for end in reversed([each.at for each in rejections]):
        inside = [each for each in rejections if end - rule.window <= each.at <= end]
        counted = first_of_each(inside, rule.cap)
        if len(counted) >= rule.rejections and any(each.sequence > after for each in counted):
            return counted
    return []


@given(streams(), st.builds(BurstRule, st.integers(1, 4), st.just(5 * MINUTE), st.integers(1, 4)), st.integers(0, 14))
def test_a_burst_is_what_trying_every_window_finds(verdicts: list[Judged], rule: BurstRule, after: int) -> None:
    assert find_burst(verdicts, rule, after) == burst_by_trying(verdicts, rule, after)


@given(streams(), st.integers(2, 4))
def test_nobody_raises_an_alert_alone(verdicts: list[Judged], rejections: int) -> None:
    found = find_burst(verdicts, BurstRule(rejections, 5 * MINUTE, 100), after=0)
    assert not found or len({each.reviewer or each.sequence for each in found}) > 1


# --- the weight of one person


def test_a_person_s_first_verdicts_count_and_again_once_those_are_past() -> None:
    verdicts = rejected_at(0, 1, 2, 5, 5.5, 6, 7, by="ann")
    # Those at 0 and 1; at 5.5 the first is past, and at 7 the second.
    assert numbers(capped(verdicts, 2, 5 * MINUTE)) == [1, 2, 5, 7]


def test_verdicts_of_nobody_in_particular_all_count() -> None:
    verdicts = rejected_at(*range(100))
    assert capped(verdicts, 1, 1000 * MINUTE) == verdicts


def test_what_a_verdict_says_does_not_decide_whether_it_counts() -> None:
    said = [verdict(sequence, sequence, "ann", rejected=sequence % 2 == 0) for sequence in range(6)]
    assert numbers(capped(said, 3, 100 * MINUTE)) == [0, 1, 2]


def test_a_cap_that_silences_everybody_is_refused() -> None:
    with pytest.raises(ValueError, match="cap of 0"):
        capped([], 0, MINUTE)
    with pytest.raises(ValueError, match="-1 rejections"):
        flooders([], -1, MINUTE)


def in_order(verdicts: list[Judged]) -> list[Judged]:
    return sorted(verdicts, key=lambda each: (each.at, each.sequence))


def capped_by_trying(verdicts: list[Judged], cap: int, window: timedelta) -> list[Judged]:
    counted: list[Judged] = []
    for each in verdicts:
        own = [one for one in counted if one.reviewer == each.reviewer and each.at - one.at <= window]
        if each.reviewer is None or len(own) < cap:
            counted.append(each)
    return counted


@given(streams().map(in_order), st.integers(1, 3))
def test_as_many_count_as_counting_the_window_before_each_says(verdicts: list[Judged], cap: int) -> None:
    assert capped(verdicts, cap, 5 * MINUTE) == capped_by_trying(verdicts, cap, 5 * MINUTE)


@given(streams().map(in_order), st.integers(0, 3))
def test_who_floods_is_what_trying_every_window_finds(verdicts: list[Judged], limit: int) -> None:
    def floods(reviewer: str) -> bool:
        moments = [each.at for each in verdicts if each.reviewer == reviewer and each.rejected]
        return any(sum(end - 5 * MINUTE <= at <= end for at in moments) > limit for end in moments)

    people = {each.reviewer for each in verdicts if each.reviewer is not None}
    assert flooders(verdicts, limit, 5 * MINUTE) == {person for person in people if floods(person)}


def test_only_rejections_flood_and_only_of_people_with_a_name() -> None:
    confirmed = [verdict(sequence, 0, "ann", rejected=False) for sequence in range(50)]
    assert flooders([*confirmed, *rejected_at(*[0] * 50)], 10, MINUTE) == set()
    assert flooders(rejected_at(*[0] * 11, by="bob"), 10, MINUTE) == {"bob"}
    assert flooders(rejected_at(*[0] * 10, by="bob"), 10, MINUTE) == set()


# --- the evidence of a rise


def evidence_from_definition(said: list[bool], baseline: float) -> list[float]:
    """For each ratio the sum, over all moments at which the change may have come, of how much likelier it is since."""
    found = []
    for ratio in RATIOS:
        raised = ratio * baseline
        if raised < 1:
            ratios = [raised / baseline if rejected else (1 - raised) / (1 - baseline) for rejected in said]
            found.append(sum(math.prod(ratios[start:]) for start in range(len(ratios))))
    return found


@given(st.lists(st.booleans(), max_size=20), st.floats(0.001, 0.75))
def test_evidence_is_the_sum_over_all_moments_of_the_change(said: list[bool], baseline: float) -> None:
    evidence = no_evidence(baseline)
    for rejected in said:
        evidence = advance(evidence, rejected, baseline)
    expected = evidence_from_definition(said, baseline)
    assert evidence.tolist() == pytest.approx(expected, rel=1e-9)
    assert float(strength(evidence)) == pytest.approx(sum(expected) / len(expected), rel=1e-9)


def test_without_a_change_each_verdict_adds_one_on_average() -> None:
    before = no_evidence(0.15) + [5, 4, 3, 2, 1]
    rejected, confirmed = (advance(before, said, 0.15) for said in (True, False))
    assert (0.15 * rejected + 0.85 * confirmed).tolist() == pytest.approx((before + 1).tolist())


@pytest.mark.parametrize(("baseline", "ratios"), [(0.15, 5), (0.28, 5), (0.3, 4), (0.4, 3), (0.5, 2), (0.75, 1)])
def test_ratios_that_make_a_share_of_one_or_more_are_left_out(baseline: float, ratios: int) -> None:
    assert no_evidence(baseline).shape == (ratios,)
    assert no_evidence(baseline, runs=7).shape == (7, ratios)


@pytest.mark.parametrize("baseline", [0.0, -0.1, 0.7500001, 1.0, math.nan, math.inf])
def test_a_baseline_that_leaves_no_room_for_a_rise_is_refused(baseline: float) -> None:
    with pytest.raises(ValueError, match="baseline"):
        no_evidence(baseline)
    with pytest.raises(ValueError, match="baseline"):
        advance(no_evidence(0.15), True, baseline)


def test_evidence_of_another_baseline_is_refused_rather_than_stretched() -> None:
    with pytest.raises(ValueError, match="evidence of 5 ratios, but 1 fit"):
        advance(no_evidence(0.15), True, 0.75)


def test_many_streams_at_once_are_each_as_if_alone() -> None:
    said = np.random.default_rng(3).random((50, 4)) < 0.3
    together = no_evidence(0.15, runs=4)
    alone = [no_evidence(0.15) for _ in range(4)]
    for row in said:
        together = advance(together, row, 0.15)
        alone = [advance(each, bool(rejected), 0.15) for each, rejected in zip(alone, row, strict=True)]
    np.testing.assert_array_equal(together, np.array(alone))
    assert strength(together).tolist() == [float(strength(each)) for each in alone]


def test_a_step_leaves_the_evidence_before_it_as_it_was() -> None:
    before = no_evidence(0.15)
    advance(before, True, 0.15)
    assert before.tolist() == [0.0] * 5


@pytest.mark.parametrize("baseline", [1e-6, 0.15, 0.75])
@pytest.mark.parametrize("rejected", [True, False])
def test_however_long_it_goes_on_evidence_stays_a_number_that_json_can_hold(baseline: float, rejected: bool) -> None:
    evidence = no_evidence(baseline)
    for _ in range(5_000):
        evidence = advance(evidence, rejected, baseline)
    stored = json.dumps(evidence.tolist(), allow_nan=False)
    assert json.loads(stored) == evidence.tolist()
    assert (evidence <= CEILING).all()
    assert (float(strength(evidence)) >= 10_000) == rejected


# --- how well a share is known


@pytest.mark.parametrize(("rejected", "judged"), [(0, 1), (1, 1), (0, 200), (30, 200), (200, 200), (7, 13), (1, 10**6)])
def test_the_interval_is_wilson_s(rejected: int, judged: int) -> None:
    theirs = binomtest(rejected, judged).proportion_ci(0.95, method="wilson")
    assert wilson(rejected, judged, float(norm.ppf(0.975))) == pytest.approx((theirs.low, theirs.high))
    assert upper_bound(rejected, judged) == pytest.approx(theirs.high, rel=1e-4)


@given(st.integers(1, 10**6).flatmap(lambda judged: st.tuples(st.integers(0, judged), st.just(judged))))
def test_the_interval_has_the_share_in_it_and_ends_where_it_would_just_be_believed(counts: tuple[int, int]) -> None:
    rejected, judged = counts
    share = rejected / judged
    low, high = wilson(rejected, judged)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        assert abs(share - end) == pytest.approx(1.96 * math.sqrt(end * (1 - end) / judged), abs=1e-6)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0, 1)
    assert upper_bound(0, 0) == 1


@pytest.mark.parametrize(("rejected", "judged"), [(2, 1), (-1, 1), (0, -1)])
def test_more_rejected_than_judged_is_refused(rejected: int, judged: int) -> None:
    with pytest.raises(ValueError, match="judged"):
        wilson(rejected, judged)
