"""The page that a manager reads: a verdict, what moved, and nothing that is fetched from elsewhere."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pytest

from bench.drift_population import make_population
from tests.trainer.made_populations import with_columns
from trainer.drift import DriftDecision, DriftState, Window, decide_drift
from trainer.drift_monitors import AuditLot, Limits
from trainer.drift_plots import draw_before_and_now, draw_windows, is_course
from trainer.drift_report import ACTIONS, VERDICTS, report_page

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def decision() -> DriftDecision:
    """Emoji flood the second and the third window."""
    rng = np.random.default_rng(1)
    population = make_population(rng, 5_000)
    flooded = with_columns(population, emoji=rng.random(5_000) < 0.3)
    windows = [
        Window(each.draw(rng, 200), NOON + timedelta(days=day), NOON + timedelta(days=day, hours=30))
        for day, each in enumerate((population, flooded, flooded))
    ]
    lot = AuditLot(drawn=60, judged=50, rejected=8)
    return decide_drift(population.reference(rng, 2_000), windows, Limits(), lot)


@pytest.fixture(scope="module")
def page(decision: DriftDecision) -> str:
    return report_page(decision, "tweet-sentiment", "3")


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def test_the_verdict_comes_first_and_then_what_moved(page: str) -> None:
    assert VERDICTS[DriftState.DRIFTED] in page
    order = [page.index(f">{head}<") for head in ("What moved", "What to do", "Before and now", "Is it right?")]
    assert order == sorted(order)
    assert re.search(r"<li>\d\d % of the tweets hold an emoji, 0\.\d % did</li>", page)


def test_it_says_how_to_act_and_what_it_cannot_see(page: str) -> None:
    assert all(action.replace("'", "&#x27;") in page for action in ACTIONS[DriftState.DRIFTED])
    assert "come to mean something else" in page


def test_every_monitor_has_its_statistic_and_threshold(page: str, decision: DriftDecision) -> None:
    for monitor in decision.monitors:
        row = re.search(rf'<tr class="(\w+)"><td>{monitor.name}</td><td>([\d.-]+)</td><td>([\d.]+)</td>', page)
        assert row is not None, monitor.name
        assert row[1] == ("moved" if monitor.moved else "still")
        assert float(row[2]) == pytest.approx(monitor.statistic, abs=1e-3)


def test_it_says_what_was_compared_with_what_and_when(page: str) -> None:
    assert (
        "The last 3 windows of 200 tweets, the last of them from 2026-03-03 12:00 to 2026-03-04 18:00 UTC, beside "
        "2,000 made tweets." in page
    )
    assert "Of the last 60 answers drawn by lot 50 are judged, and 16 % of these rejected" in page


def test_windows_of_a_few_hours_say_that_day_and_night_differ(decision: DriftDecision, page: str) -> None:
    short = replace(decision.windows[-1], until=NOON + timedelta(days=2, hours=3))
    assert "shorter than a day" in report_page(replace(decision, windows=[short]), "m", "1")
    assert "shorter than a day" not in page


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    tags = Tags(page)
    assert tags.opened == []
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in tags.tags}
    sources = [value for _, attributes in tags.tags for name, value in attributes.items() if name in ("src", "href")]
    assert len(sources) == 2 and all(value and value.startswith("data:image/png;base64,") for value in sources)
    assert "://" not in page
    assert "default-src 'none'; img-src data:" in page


def test_words_of_tweets_and_names_are_text_not_markup(decision: DriftDecision) -> None:
    evil = "<script>alert(1)</script>"
    monitors = [replace(monitor, words=evil, name=evil[:20]) for monitor in decision.monitors]
    told = replace(decision, reasons=[evil], reference=evil, monitors=monitors)
    page = report_page(told, evil, evil)
    assert "<script" not in page and page.count("&lt;script&gt;") >= 4


def test_a_stable_look_says_that_nothing_has_to_be_done(decision: DriftDecision) -> None:
    calm = replace(decision, state=DriftState.STABLE, reasons=[])
    page = report_page(calm, "m", "1")
    assert VERDICTS[DriftState.STABLE] in page and "Nothing has to be done." in page
    assert "What moved" not in page


def test_the_pictures_show_the_shares_and_their_course(decision: DriftDecision) -> None:
    bars = draw_before_and_now(decision.monitors).axes[0]
    names = [label.get_text() for label in bars.get_yticklabels()]
    assert names == ["share negative", "unknown words", "French", "emoji", "links", "handles", "hashtags"]
    course = draw_windows(decision).axes[0]
    drawn = [line for line in course.get_lines() if len(line.get_xdata()) == 3]
    assert [line.get_label() for line in drawn] == ["share negative", "confidence", "expected accuracy"]
    assert len(course.patches) == 2  # the windows in which something moved


def test_three_labels_have_a_course_each() -> None:
    assert [is_course(name) for name in ("share neutral", "emoji", "confidence")] == [True, False, True]
