"""What telemetry costs callers: the three situations are what they are called, and the table says what was measured."""

from pathlib import Path

import pytest
import requests

from bench import blackhole, blackhole_measuring
from bench.blackhole import NAME, main, run_rounds
from bench.blackhole_measuring import Measured, Situation, check_telemetry, measure
from bench.blackhole_report import report
from bench.closed_loop import ClosedLoop
from bench.documents import LONG
from bench.ingestion import ingestion
from bench.latency import Latency
from bench.peers.peer import PeerFailed
from trainer.errors import TrainerError
from trainer.figures import marks, require_marks


def window(p50_ms: float, per_second: float, *, shed: int = 0) -> ClosedLoop:
    return ClosedLoop(1, per_second, Latency(100, p50_ms, 3 * p50_ms, 50.0), {200: 100, 503: shed}, 0, driver_busy=0.2)


def measured(p50_ms: float, *, shed: int = 0) -> Measured:
    return Measured(window(p50_ms, 2000), window(2 * p50_ms, 9000), window(4 * p50_ms, 500, shed=shed))


def round_of(off: float, answers: float, silent: float) -> dict[Situation, Measured]:
    return {
        Situation.OFF: measured(off),
        Situation.ANSWERS: measured(answers),
        Situation.SILENT: measured(silent, shed=1),
    }


def said_nothing(_: str) -> None:
    return None


def url_of(connection_string: str) -> str:
    return connection_string.partition("IngestionEndpoint=")[2]


def test_an_endpoint_that_answers_takes_all_of_it() -> None:
    with ingestion(is_silent=False) as connection_string:
        answer = requests.post(f"{url_of(connection_string)}v2.1/track", json=[{}, {}], timeout=5)
    assert (answer.status_code, answer.json()["itemsAccepted"]) == (200, 2)


def test_one_that_never_answers_takes_the_connection_and_says_nothing() -> None:
    with ingestion(is_silent=True) as connection_string, pytest.raises(requests.ReadTimeout):
        requests.post(f"{url_of(connection_string)}v2.1/track", json=[{}], timeout=0.5)


@pytest.mark.parametrize("situation", [Situation.ANSWERS, Situation.SILENT])
def test_callers_are_answered_whether_or_not_the_endpoint_answers(situation: Situation) -> None:
    found = measure(situation, 0.3)
    windows = (found.alone, found.crowd, found.rejections)
    assert [each.connections for each in windows] == [1, 16, 1]
    assert all(each.latency.answers > 0 and each.failures == 0 for each in windows)
    assert found.rejections.statuses.keys() == {201}


@pytest.mark.parametrize(
    ("situation", "copied"), [(Situation.SILENT, 3.0), (Situation.OFF, 3.0), (Situation.ANSWERS, 0)]
)
def test_an_endpoint_is_not_measured_as_what_it_is_not(
    situation: Situation, copied: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blackhole_measuring, "LEAVE_SECONDS", 0)
    monkeypatch.setattr(blackhole_measuring, "copied_by", lambda _: copied)
    with pytest.raises(PeerFailed, match=f"{situation.value}, and {copied:.0f} rejections were copied"):
        check_telemetry(situation, "http://127.0.0.1:1")


def test_every_other_round_goes_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[Situation] = []

    def note(situation: Situation, _: float) -> Measured:
        order.append(situation)
        return measured(1.0)

    monkeypatch.setattr(blackhole, "measure", note)
    found = run_rounds(2, 1.0, said_nothing)
    assert order == [*Situation, *reversed(Situation)]
    assert [set(each) for each in found] == [set(Situation)] * 2


def test_a_ratio_is_of_one_round_and_comes_with_its_least_and_most() -> None:
    head, _, off, answers, silent, dead, at_all = report(
        [round_of(1.0, 1.0, 1.0), round_of(10.0, 20.0, 22.0), round_of(2.0, 2.5, 2.0)]
    ).splitlines()[2:]
    assert off.startswith("| no telemetry | 2.00 | 6.00 | 4.00 |")
    assert answers.startswith("| endpoint answers | 2.50 |")
    assert silent.startswith("| endpoint never answers | 2.00 |") and silent.endswith("| 3 |")
    assert dead.startswith("| endpoint never answers ÷ endpoint answers | 1.00 (0.80 to 1.10) |")
    assert at_all.startswith("| endpoint answers ÷ no telemetry | 1.25 (1.00 to 2.00) |")
    assert {row.count("|") for row in (head, off, answers, silent, dead, at_all)} == {head.count("|")}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started, and this process may go on on every core."""
    monkeypatch.setattr(blackhole, "measure", lambda *_: measured(1.0))
    monkeypatch.setattr(blackhole, "pin", said_nothing)


@pytest.mark.usefixtures("made_up")
def test_it_is_written_between_its_marks_and_a_document_without_them_is_refused_beforehand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n{}\nold\n{}\nafter\n".format(*marks(NAME)))
    assert main(["--rounds", "2", "--write", str(document)]) == 0
    content, said = document.read_text(), capsys.readouterr().out
    assert said.strip() in content and "old" not in content
    assert content.startswith("before\n") and content.endswith("after\n")
    document.write_text("no marks")
    with pytest.raises(TrainerError, match="must hold the lines"):
        main(["--write", str(document)])
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("made_up")
def test_what_cannot_be_measured_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> Measured:
        raise PeerFailed("it did not start")

    monkeypatch.setattr(blackhole, "measure", fail)
    assert main(["--rounds", "1"]) == 1
    assert "error: it did not start" in capsys.readouterr().err


def test_the_document_has_the_marks() -> None:
    require_marks(LONG, NAME)
