"""The table of the two alert rules, and the simulated streams behind it."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from bench import alarms
from bench.alarm_streams import (
    COOL_DOWN_MINUTES,
    DAY_MINUTES,
    MINUTES,
    REJECTIONS,
    Figures,
    after_cool_down,
    burst_delays,
    delays_of_change,
    ends_burst,
    false_bursts,
    minutes_of,
    watch,
)
from bench.alarms import DOCUMENT, NAME, RATES, Estimate, duration, main, mean_of, median_of, report, span
from inference.alerting.burst import BurstRule, find_burst
from inference.alerting.e_detector import advance, no_evidence, strength
from inference.alerting.verdicts import Judged
from trainer.errors import TrainerError
from trainer.figures import marks, require_marks

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RULE = BurstRule(REJECTIONS, timedelta(minutes=MINUTES), user_cap=2)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days enough for the shape of a table, not for its figures."""
    monkeypatch.setattr(alarms, "REJECTIONS_A_RATE", 2_000)
    monkeypatch.setattr(alarms, "MOST_DAYS", 50)
    monkeypatch.setattr(alarms, "FALSE_ALARM_EVERY", 2_000)


def rejections_at(moments: Figures) -> list[Judged]:
    return [
        Judged(number, UUID(int=number), "1", True, None, NOON + timedelta(minutes=minute))
        for number, minute in enumerate(moments.tolist(), start=1)
    ]


# --- the streams


def test_the_burst_rule_for_arrays_says_what_the_service_s_own_says() -> None:
    # Whole minutes, so that the ends of windows are met.
    moments = np.cumsum(np.random.default_rng(1).integers(0, 6, 400)).astype(np.float64)
    verdicts = rejections_at(moments)
    own = [bool(find_burst(verdicts[:size], RULE, after=size - 1)) for size in range(1, len(verdicts) + 1)]
    assert ends_burst(moments).tolist() == own
    assert 50 < sum(own) < 350


def test_after_an_alarm_there_is_silence_for_the_cool_down() -> None:
    told = after_cool_down(np.array([0.0, 1.0, COOL_DOWN_MINUTES - 0.1, COOL_DOWN_MINUTES, 59.0, 61.0]))
    assert told.tolist() == [0.0, COOL_DOWN_MINUTES, 61.0]
    assert after_cool_down(np.array([])).tolist() == []


def test_false_bursts_are_none_with_few_feedbacks_and_one_each_half_hour_with_many() -> None:
    rng = np.random.default_rng(2)
    seldom, always = false_bursts(rng, 0.1, 30), false_bursts(rng, 6_000, 30)
    assert seldom.tolist() == [0.0] * 30
    assert always.shape == (30,)
    assert always.mean() == pytest.approx(DAY_MINUTES / COOL_DOWN_MINUTES, abs=1)


def test_a_burst_is_as_late_as_the_rejections_of_its_rate() -> None:
    """With very many feedbacks the rejection that ends it is one of the first three; with few it takes days."""
    rng = np.random.default_rng(3)
    crowded, quiet = burst_delays(rng, 60_000, 500), burst_delays(rng, 2, 500)
    assert crowded.max() < 0.1
    assert np.isfinite(quiet).all()
    # Of two gaps, one after the other, one in 472 is short enough at 0.8 rejections an hour.
    assert np.median(quiet) / DAY_MINUTES == pytest.approx(math.log(2) * 493 / 0.8 / 24, rel=0.15)


def test_a_watched_run_ends_where_its_evidence_reaches_the_threshold() -> None:
    evidence, count = no_evidence(0.15), 0
    while strength(evidence) < 1_000:
        evidence, count = advance(evidence, True, 0.15), count + 1
    rng = np.random.default_rng(4)
    ended = watch(no_evidence(0.15, 5), rng, 1.0, 0.15, 1_000, count)
    assert ended.lengths.tolist() == [count] * 5
    assert len(ended.evidence) == 0
    silent = watch(no_evidence(0.15, 5), rng, 1.0, 0.15, 1_000, count - 1)
    assert silent.lengths.tolist() == [count - 1] * 5
    assert len(silent.evidence) == 5
    assert len(watch(ended.evidence, rng, 1.0, 0.15, 1_000, 10**9).lengths) == 0


def test_a_change_is_seen_in_feedbacks_and_those_take_their_time() -> None:
    rng = np.random.default_rng(5)
    delays = delays_of_change(rng, 10_000, 500)
    assert 20 < np.median(delays) < 50
    assert minutes_of(rng, delays, 60).mean() == pytest.approx(delays.mean(), rel=0.1)
    assert minutes_of(rng, delays, 600).mean() == pytest.approx(delays.mean() / 10, rel=0.1)


# --- the table


@pytest.mark.usefixtures("few")
def test_the_table_has_a_row_a_rate_as_wide_as_its_head() -> None:
    text = report(seed=1, runs=20)
    head, line, *rows = [each for each in text.splitlines() if each.startswith("|")]
    assert [row.split(" | ")[0] for row in rows] == [f"| {rate}" for rate in RATES]
    assert {row.count("|") for row in (head, line, *rows)} == {7}
    assert all(row.count(" to ") == 5 for row in rows)
    assert text.startswith("Simulated, with 95 % intervals: 15% of the verdicts are rejections")


@pytest.mark.usefixtures("few")
def test_the_same_seed_makes_the_same_table_and_another_another() -> None:
    assert report(seed=1, runs=20) == report(seed=1, runs=20) != report(seed=2, runs=20)


@pytest.mark.usefixtures("few")
def test_it_is_written_between_its_marks_and_a_document_without_them_is_refused_beforehand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "alert-rules.md"
    document.write_text("before\n{}\nold\n{}\nafter\n".format(*marks(NAME)))
    assert main(["--runs", "20", "--write", str(document)]) == 0
    content, said = document.read_text(), capsys.readouterr().out
    assert said.strip() in content and "old" not in content
    assert content.startswith("before\n") and content.endswith("after\n")
    document.write_text("no marks")
    with pytest.raises(TrainerError, match="must hold the lines"):
        main(["--runs", "20", "--write", str(document)])
    assert capsys.readouterr().out == ""


def test_the_document_has_the_marks_and_every_rate() -> None:
    content = require_marks(DOCUMENT, NAME)
    assert [rate for rate in RATES if f"\n| {rate} | " in content] == list(RATES)


def test_a_mean_and_a_median_come_with_intervals_around_them() -> None:
    figures = np.random.default_rng(6).exponential(10, 10_000)
    mean, median = mean_of(figures), median_of(figures)
    assert mean.low < 10 < mean.high < mean.low + 0.5
    assert median.low < 10 * math.log(2) < median.high < median.low + 0.5
    assert mean_of(np.zeros(9)) == median_of(np.zeros(9)) == Estimate(0, 0, 0)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0.5, "0.50 min"), (119.0, "119 min"), (120.0, "2.00 h"), (2 * DAY_MINUTES, "2.00 days"), (0.0, "0.00 min")],
)
def test_a_delay_is_told_in_the_unit_that_one_would_say(minutes: float, text: str) -> None:
    assert duration(Estimate(minutes, minutes, minutes)).startswith(f"{text} (")


def test_a_small_rate_is_not_nought() -> None:
    assert span(Estimate(0.0021, 0.0017, 12.34)) == "0.0021 (0.0017 to 12.3)"
