"""What the alert rules promise, on verdicts by chance with fixed seeds: false alarms, delays, crowds and floods."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pytest

from bench.alarm_streams import Watched, watch
from inference.alerting.burst import BurstRule, find_burst
from inference.alerting.caps import capped, flooders
from inference.alerting.e_detector import advance, no_evidence, strength
from inference.alerting.interval import upper_bound, wilson
from inference.alerting.rate import RateRule, follow, holds_without_the_busiest, is_alarm, new_detector
from inference.alerting.verdicts import Judged

EVERY = 10_000
RUNS = 2_000
# Six times what is promised: few runs are still silent then, and those count as if they ended here.
HORIZON = 60_000
SHARES = (0.05, 0.15, 0.25)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = BurstRule(rejections=3, window=timedelta(minutes=5), user_cap=2)


@cache
def lengths_without_change(share: float, threshold: int, runs: int, horizon: int) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng([5, round(1000 * share), threshold])
    return watch(no_evidence(share, runs), rng, share, share, threshold, horizon).lengths


def lowest_mean(lengths: npt.NDArray[np.int64]) -> float:
    """The lower end of the 95 % interval of the mean."""
    return float(lengths.mean() - 1.96 * lengths.std() / np.sqrt(len(lengths)))


def change(share: float, after: int, seed: int) -> Watched:
    """15 % until the change, silent so far."""
    rng = np.random.default_rng(seed)
    quiet = watch(no_evidence(0.15, 1_000), rng, 0.15, 0.15, EVERY, after)
    return watch(quiet.evidence, rng, share, 0.15, EVERY, 5_000)


# --- false alarms


@pytest.mark.parametrize("share", SHARES)
def test_without_a_change_false_alarms_are_as_far_apart_as_was_asked(share: float) -> None:
    assert lowest_mean(lengths_without_change(share, EVERY, RUNS, HORIZON)) >= EVERY


@pytest.mark.parametrize("share", SHARES)
def test_without_a_change_a_thousand_feedbacks_pass_in_silence_nine_times_of_ten(share: float) -> None:
    lengths = lengths_without_change(share, EVERY, RUNS, HORIZON)
    assert wilson(int((lengths <= 1_000).sum()), len(lengths))[1] <= 0.10


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("every", [100, 1_000])
def test_other_settings_are_kept_too(share: float, every: int) -> None:
    assert lowest_mean(lengths_without_change(share, every, RUNS, 20 * every)) >= every


def test_a_share_below_the_baseline_is_more_silent_still() -> None:
    lengths = watch(no_evidence(0.15, RUNS), np.random.default_rng(12), 0.10, 0.15, 1_000, 5_000).lengths
    at_the_baseline = lengths_without_change(0.15, 1_000, RUNS, 20_000)
    assert (lengths < 5_000).mean() < 0.2 < 0.9 < (at_the_baseline < 5_000).mean()


def alarms_by_learned_baseline(baselines: npt.NDArray[np.float64]) -> int:
    """Runs of 1,000 feedbacks at 15 % with a false alarm, each by a baseline of its own."""
    rng = np.random.default_rng(13)
    alarms = 0
    for baseline, runs in Counter(baselines.tolist()).items():
        watched = watch(no_evidence(baseline, runs), rng, 0.15, baseline, EVERY, 1_000)
        alarms += runs - len(watched.evidence)
    return alarms


def test_a_baseline_from_200_verdicts_is_to_be_their_upper_bound() -> None:
    rejected = np.random.default_rng(14).binomial(200, 0.15, size=1_000)
    bounds = np.array([upper_bound(each, 200) for each in rejected.tolist()])
    assert wilson(alarms_by_learned_baseline(bounds), 1_000)[1] <= 0.10
    # The estimate itself is too low half of the time.
    assert wilson(alarms_by_learned_baseline(rejected / 200), 1_000)[0] > 0.15


# --- a change is seen


@pytest.mark.parametrize("after", [0, 500])
def test_a_change_from_15_to_40_percent_is_seen_within_fifty_feedbacks(after: int) -> None:
    delays = change(0.40, after, seed=15).lengths
    assert len(delays) > 900
    assert np.median(delays) <= 50
    assert np.quantile(delays, 0.9) <= 100


def test_a_change_from_15_to_25_percent_is_seen_within_two_hundred() -> None:
    delays = change(0.25, 500, seed=16).lengths
    assert np.median(delays) <= 200
    assert delays.max() < 5_000


def test_by_the_upper_bound_a_change_to_40_percent_is_still_seen_the_same_day() -> None:
    baseline = upper_bound(30, 200)
    rng = np.random.default_rng(17)
    assert np.median(watch(no_evidence(baseline, RUNS), rng, 0.40, baseline, EVERY, 5_000).lengths) <= 100


# --- crowds


def by_chance(rng: np.random.Generator, share: float, minutes_between: float, size: int) -> list[Judged]:
    """Verdicts of as many people, each with a name."""
    minutes = np.cumsum(rng.exponential(minutes_between, size)).tolist()
    rejected = (rng.random(size) < share).tolist()
    return [
        Judged(number, UUID(int=number), "1", said, f"person {number}", NOON + timedelta(minutes=minute))
        for number, (said, minute) in enumerate(zip(rejected, minutes, strict=True), start=1)
    ]


def strengths(verdicts: Sequence[Judged], baseline: float = 0.15) -> list[float]:
    evidence = no_evidence(baseline)
    found = []
    for verdict in verdicts:
        evidence = advance(evidence, verdict.rejected, baseline)
        found.append(float(strength(evidence)))
    return found


def bursts(verdicts: Sequence[Judged]) -> int:
    """Feedbacks that complete a burst, though some of these are told in one alert."""
    around = [verdicts[max(0, place - 200) : place + 1] for place in range(len(verdicts))]
    return sum(bool(find_burst(each, RULE, after=each[-1].sequence - 1)) for each in around)


def test_a_hundred_times_the_traffic_raises_bursts_and_no_other_alarm() -> None:
    quiet, crowded = (by_chance(np.random.default_rng(18), 0.15, minutes, 1_000) for minutes in (10, 0.1))
    assert [each.rejected for each in quiet] == [each.rejected for each in crowded]
    assert bursts(quiet) < 5 < 100 < bursts(crowded)
    assert max(strengths(quiet)) == max(strengths(crowded)) < EVERY


# --- one person who floods


def flooded(rejections: int) -> tuple[list[Judged], list[Judged]]:
    """The honest verdicts of a day, and the same with one person's rejections among them."""
    rng = np.random.default_rng(22)
    honest = [each for each in by_chance(rng, 0.15, 1.4, 1_000) if each.at < NOON + DAY]
    moments = np.sort(rng.uniform(0, 1440, rejections)).tolist()
    flood = [
        Judged(10_000 + number, UUID(int=10_000 + number), "1", True, "mallory", NOON + timedelta(minutes=minute))
        for number, minute in enumerate(moments)
    ]
    return honest, sorted([*honest, *flood], key=lambda each: each.at)


def test_a_thousand_rejections_of_one_person_weigh_as_two() -> None:
    honest, verdicts = flooded(1_000)
    counted = capped(verdicts, RULE.user_cap, DAY)
    assert Counter(each.reviewer for each in counted)["mallory"] == 2
    assert [each for each in counted if each.reviewer != "mallory"] == honest
    # A rejection makes at most 3.5 times as much of what there is.
    assert max(strengths(counted)) <= 3.5**2 * (max(strengths(honest)) + 2)
    assert max(strengths(counted)) < EVERY < max(strengths(verdicts))


def test_who_floods_is_named_and_nobody_else() -> None:
    honest, verdicts = flooded(1_000)
    assert flooders(verdicts, 20, timedelta(hours=1)) == {"mallory"}
    assert flooders(honest, 20, timedelta(hours=1)) == set()


def said(people: Sequence[str | None], rejected: Sequence[bool]) -> list[Judged]:
    return [
        Judged(number, UUID(int=number), "1", is_rejected, reviewer, NOON + timedelta(minutes=5 * number))
        for number, (reviewer, is_rejected) in enumerate(zip(people, rejected, strict=True))
    ]


def raises_an_alarm(verdicts: Sequence[Judged]) -> bool:
    """Of the share rule, as the service asks it: after each verdict, and again without the one who rejects most."""
    rule = RateRule(EVERY, 0.15)
    detector = new_detector("1", rule, None, 0)
    for number, verdict in enumerate(verdicts, 1):
        detector = follow(detector, verdict)
        if is_alarm(detector, rule) and holds_without_the_busiest(detector, rule, verdicts[:number]):
            return True
    return False


def test_one_person_raises_the_share_rule_neither_alone_nor_among_others() -> None:
    honest = np.random.default_rng(4).random(400) < 0.15
    assert not raises_an_alarm(said(["mallory"] * 60, [True] * 60))
    # Every second verdict is the flooder's, and many people say what they always say.
    people = [who for number in range(400) for who in (f"person-{number % 40}", "mallory")]
    assert not raises_an_alarm(said(people, [said for each in honest for said in (bool(each), True)]))


def test_what_several_people_see_is_an_alarm() -> None:
    changed = np.random.default_rng(5).random(200) < 0.4
    assert raises_an_alarm(said([f"person-{number % 3}" for number in range(200)], changed.tolist()))
    assert raises_an_alarm(said([None] * 200, changed.tolist()))
