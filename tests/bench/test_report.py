"""The tables that are written from a run, and where they are written to."""

import math
from pathlib import Path

import pytest

from bench import documents
from bench.closed_loop import ClosedLoop
from bench.latency import Latency, summarize
from bench.markdown import number, share
from bench.measuring import Measured, Offline
from bench.open_loop import OpenLoop
from bench.overload_report import overload_table
from bench.peers.catalogue import BATCH, SINGLE
from bench.peers.peer import Peer
from bench.report import long_report, short_report
from bench.rounds import Results
from bench.summary import summarize_results
from bench.texts import ROOT
from bench.weight import Weight
from trainer.errors import TrainerError

NOTHING = Latency(0, math.nan, math.nan, math.nan)


def peer(name: str, *, has_batches: bool = True) -> Peer:
    return Peer(
        name=name,
        title=f"the {name}",
        launch=lambda *_: pytest.fail("nothing is started"),
        ready_path="/",
        single=SINGLE,
        batch=BATCH if has_batches else None,
        check=lambda _: None,
    )


def window(clients: int, per_second: float, *, shed: int = 0) -> ClosedLoop:
    waited = Latency(100, 1000 * clients / per_second, 3000 * clients / per_second, 50.0)
    return ClosedLoop(clients, per_second, waited, {200: 100, 503: shed}, 0, driver_busy=0.2)


def measured(
    *per_second: float, batch: float | None = 40.0, shed: int = 0, overload: OpenLoop | None = None
) -> Measured:
    singles = [window(clients, rate, shed=shed) for clients, rate in zip((1, 16, 64), per_second, strict=True)]
    return Measured(singles, window(2, batch) if batch else None, overload, Weight(100.0, None), 1.5)


def overload(recovery: float | None) -> OpenLoop:
    served = summarize([0.01] * 99 + [0.2])
    return OpenLoop(
        4000.0,
        {200: 1900.0, 503: 2100.0},
        1800.0,
        served,
        served,
        NOTHING,
        NOTHING,
        served,
        served,
        recovery,
        1,
        2,
        90,
        0.3,
    )


@pytest.fixture
def results() -> Results:
    """The API does half of the limit, and its second round was half as quick as the first."""
    return Results(
        clients=(1, 16, 64),
        measured={
            peer("constant"): [measured(1000, 4000, 4000)] * 3,
            peer("champion"): [measured(500, rate, 1500, shed=1) for rate in (2000, 1000, 2500)],
            peer("keras", has_batches=False): [measured(5, 10, 8, batch=None)] * 3,
        },
        offline=[Offline(10_000, 20_480)] * 3,
        left_out=["bert did not start"],
    )


def test_a_row_is_the_median_of_its_rounds_and_says_how_far_they_lie_apart(results: Results) -> None:
    _, champion, keras = summarize_results(results)
    assert champion.compared.per_second == 2000
    assert champion.spread == pytest.approx(0.375)
    assert champion.tweets_per_second == 256 * 40
    assert champion.compared.failures == 3
    assert keras.batch is None and math.isnan(keras.tweets_per_second)


def test_the_long_report_has_every_peer_with_its_share_of_the_limits(results: Results) -> None:
    long = long_report(results)
    singles, batches = (long.split(head)[1].split("###")[0] for head in ("### One tweet", "### 256 tweets"))
    [champion] = [line for line in singles.splitlines() if line.startswith("| the champion ")]
    assert "| 2,000 | 8.00 | 24.0 |" in champion
    assert champion.endswith("| 9 | 100 | – | 1.50 | 50% | ±38% |")
    assert "| the champion | 10,240 | 50.0 | 150 | 0 | 50% |" in batches
    assert "keras" not in batches
    assert "| sorted by length, 64 a call | 20,480 |" in long
    assert "Left out: bert did not start" in long
    assert "Medians of 3 rounds; the driver's core was busy for 20% of a window at most." in long


def test_the_short_report_has_a_row_a_peer_as_wide_as_its_head(results: Results) -> None:
    head, line, *rows = short_report(results).splitlines()
    assert [row.split(" | ")[0] for row in rows] == ["| the constant", "| the champion", "| the keras"]
    assert {row.count("|") for row in (head, line, *rows)} == {head.count("|")}


def test_a_run_of_one_peer_has_dashes_for_what_it_is_not_compared_with(results: Results) -> None:
    alone = Results(results.clients, {peer("champion"): [measured(500, 2000, 1500)]}, [], [])
    assert "| 1.50 | – | ±0.00% |" in long_report(alone)
    assert "bare loop, without HTTP" not in long_report(alone)


def test_overload_is_told_by_the_worst_recovery() -> None:
    table = overload_table(
        "the API", [measured(1000, 2000, 1800, overload=overload(after)) for after in (0.3, 0.9, 0.4)]
    )
    assert "| most that it answered in closed loop, a second | 2,000 |" in table
    assert "of the most that it answered | 90% |" in table
    assert "| 503: p50, p99 ms since due | – |" in table
    assert "| normal again after | 0.90 s |" in table
    assert "| requests without an answer, in all rounds | 6 |" in table
    never = overload_table("the API", [measured(1000, 2000, 1800, overload=overload(after)) for after in (0.3, None)])
    assert "| normal again after | not within 5 s |" in never
    assert overload_table("the API", [measured(1000, 2000, 1800)]) == ""


@pytest.mark.parametrize(
    ("figure", "text"), [(12345.6, "12,346"), (99.96, "100.0"), (12.34, "12.3"), (0.125, "0.12"), (math.nan, "–")]
)
def test_figures_have_the_digits_that_mean_something(figure: float, text: str) -> None:
    assert number(figure) == text


def test_shares_are_percentages() -> None:
    assert (share(0.456), share(0.0012), share(math.nan)) == ("46%", "0.12%", "–")


def test_quantiles_are_of_values_that_occurred() -> None:
    found = summarize([number / 1000 for number in range(100, 0, -1)])
    assert (found.p50_ms, found.p99_ms, found.max_ms) == pytest.approx((50, 99, 100))
    assert summarize([0.007]).p50_ms == 7
    assert str(summarize([])) == "no answer"


def test_both_documents_get_their_table_and_a_document_without_marks_is_refused_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    readme, long = tmp_path / "README.md", tmp_path / "benchmarks.md"
    for document in (readme, long):
        document.write_text("before\n<!-- written by `make bench` -->\nold\n<!-- end of bench -->\nafter\n")
    monkeypatch.setattr(documents, "LONG", long)
    documents.require_documents(readme)
    documents.write_documents(readme, short_report(results), long_report(results))
    for document in (readme, long):
        content = document.read_text()
        assert "the champion" in content and "old" not in content
        assert content.startswith("before\n") and content.endswith("after\n")
    readme.write_text("no marks")
    with pytest.raises(TrainerError, match="must hold the lines"):
        documents.require_documents(readme)


def test_the_repository_has_the_marks() -> None:
    documents.require_documents(ROOT / "README.md")
