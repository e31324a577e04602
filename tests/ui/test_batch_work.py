"""The work on a file: every row gets its own answer, whatever stops on the way, and what was answered is kept."""

import gc
import json

import numpy as np
import pyarrow as pa
import pytest
from batch_work import MANY, job_for, labels_of, late_and_lovely, run, texts_of, wait_until
from live_api import LiveApi
from odd_api import odd_api

from ui.api.client import Client
from ui.api.errors import ApiMisunderstood, ApiRefused, ApiUnavailable
from ui.api.predictions import Prediction
from ui.batch.board import BatchBoard
from ui.batch.job import Ending, Job
from ui.batch.pace import Pace
from ui.batch.sheet import Table
from ui.batch.texts import Fate, build_texts
from ui.settings import Settings


class Clumsy(Client):
    def predict_batch(self, texts: object) -> list[Prediction]:
        raise ZeroDivisionError


def test_each_row_gets_its_own_answer_in_the_order_of_the_file(api: LiveApi) -> None:
    texts = late_and_lovely(MANY)
    job = run(job_for(api.url, texts))
    assert (job.ending, job.failure, job.left) == (Ending.DONE, None, 0)
    assert labels_of(job) == ["negative" if text.startswith("late") else "positive" for text in texts]
    assert len({job.answers.prediction_id(row) for row in range(MANY)}) == MANY
    assert np.allclose(job.answers.probabilities.sum(axis=1), 1)
    assert [model.name for model in job.answers.models] == ["word_weights"]


def test_a_stored_prediction_is_the_one_of_its_row(api: LiveApi) -> None:
    texts = late_and_lovely(MANY)
    job = run(job_for(api.url, texts))
    for row in (0, 255, 256, MANY - 1):
        assert job.client.explain(job.answers.prediction_id(row)).text == texts[row]


def test_what_cannot_be_sent_is_set_apart_and_the_others_are_answered(api: LiveApi) -> None:
    texts = ["late", "", " \u3000\n", None, "x" * 1001, "a\0b", "e\u0301" * 1000, "\u0344" * 600, "lovely"]
    job = run(job_for(api.url, texts))
    expected = ["ANSWERED", "EMPTY", "EMPTY", "EMPTY", "TOO_LONG", "NUL", "ANSWERED", "TOO_LONG", "ANSWERED"]
    assert [Fate(fate).name for fate in job.answers.fates] == expected
    assert job.ending is Ending.DONE


def test_rows_that_are_torn_are_not_sent(api: LiveApi) -> None:
    job = run(Job(Client(Settings(api_url=api.url)), texts_of(["late", "late", "lovely"], torn=[1]), 1000))
    assert [Fate(fate).name for fate in job.answers.fates] == ["ANSWERED", "TORN", "ANSWERED"]


def test_bytes_that_are_no_characters_are_not_sent(api: LiveApi) -> None:
    values = [b"late", b"\xed\xa0\x80late", b"late \xff", "très tard".encode(), None]
    column = pa.Array.from_buffers(pa.string(), 5, pa.array(values, pa.binary()).buffers())
    texts = build_texts(Table(pa.table({"text": column}), np.zeros(5, np.bool_), ","), "text")
    job = run(Job(Client(Settings(api_url=api.url)), texts, 1000))
    assert [Fate(fate).name for fate in job.answers.fates] == ["ANSWERED", "BROKEN", "BROKEN", "ANSWERED", "EMPTY"]


def test_long_tweets_of_emoji_are_sent_in_groups_that_the_api_takes(api: LiveApi) -> None:
    job = run(job_for(api.url, ["\U0001f600" * 1000] * 60))
    assert job.answers.count(Fate.ANSWERED) == 60


def test_a_row_that_the_api_refuses_is_found_and_set_apart_with_its_reason(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    live = LiveApi(tmp_path_factory.mktemp("api"), text_max_characters=40)
    live.start()
    try:
        texts = late_and_lovely(MANY)
        texts[3] = texts[400] = "late " * 20
        job = run(job_for(live.url, texts))
    finally:
        live.close()
    assert job.ending is Ending.DONE
    assert list(np.flatnonzero(job.answers.fates == Fate.REFUSED)) == [3, 400]
    assert "must hold at most 40 characters" in job.answers.reasons[3]
    assert job.answers.count(Fate.ANSWERED) == MANY - 2


def test_stopped_half_way_it_keeps_what_was_answered_and_goes_on_with_the_rest(api: LiveApi) -> None:
    texts = late_and_lovely(20_000)
    job = job_for(api.url, texts)
    job.start()
    wait_until(lambda: job.done > 0, "nothing was answered")
    job.stop()
    assert job.wait(30)
    assert job.ending is Ending.STOPPED
    answered = job.answers.count(Fate.ANSWERED)
    assert 0 < answered == job.done < len(texts)
    before = {int(row): job.answers.prediction_id(int(row)) for row in np.flatnonzero(job.answers.is_answered)}
    run(job)
    assert (job.ending, job.left) == (Ending.DONE, 0)
    assert all(job.answers.prediction_id(row) == prediction_id for row, prediction_id in before.items())
    assert labels_of(job) == ["negative" if text.startswith("late") else "positive" for text in texts]


def test_an_outage_half_way_is_waited_for(api: LiveApi) -> None:
    api.answer_after(0.2)
    job = job_for(api.url, late_and_lovely(20_000))
    job.start()
    wait_until(lambda: job.done > 0, "nothing was answered")
    api.stop()
    wait_until(lambda: job.is_waiting or not job.is_running, "the outage was not noticed")
    assert job.is_running and job.left > 0
    api.start()
    assert job.wait(60)
    assert (job.ending, job.left, job.failure) == (Ending.DONE, 0, None)


def test_an_outage_that_lasts_ends_the_work_and_what_was_answered_is_kept(api: LiveApi) -> None:
    api.answer_after(0.2)
    job = job_for(api.url, late_and_lovely(20_000), patience_seconds=1.5)
    job.start()
    wait_until(lambda: job.done > 0, "nothing was answered")
    api.stop()
    assert job.wait(30)
    assert job.ending is Ending.FAILED and isinstance(job.failure, ApiUnavailable)
    assert 0 < job.answers.count(Fate.ANSWERED) == job.done < 20_000
    api.start()
    run(job)
    assert (job.ending, job.failure, job.left) == (Ending.DONE, None, 0)


def test_waiting_for_the_api_can_be_stopped_at_once() -> None:
    with odd_api(503, b"{}", {"Retry-After": "50"}) as url:
        job = job_for(url, ["late"])
        job.start()
        wait_until(lambda: job.is_waiting, "it does not wait")
        job.stop()
        assert job.wait(10)
    assert (job.ending, job.left, job.answers.count(Fate.WAITING)) == (Ending.STOPPED, 1, 1)


def test_what_the_api_asks_to_wait_is_not_waited_for_where_it_is_longer_than_a_minute() -> None:
    with odd_api(503, b'{"detail": "later"}', {"Retry-After": "61"}) as url:
        job = run(job_for(url, ["late"]))
    assert job.ending is Ending.FAILED and isinstance(job.failure, ApiUnavailable)


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_of_all_ends_the_work(status: int) -> None:
    with odd_api(status, b"{}") as url:
        job = run(job_for(url, late_and_lovely(10)))
    assert job.ending is Ending.FAILED and isinstance(job.failure, ApiRefused)
    assert job.answers.count(Fate.WAITING) == 10


@pytest.mark.parametrize("body", [b"{}", json.dumps({"predictions": []}).encode()])
def test_an_answer_that_is_not_in_the_contract_is_nobodys_answer(body: bytes) -> None:
    with odd_api(200, body) as url:
        job = run(job_for(url, late_and_lovely(10)))
    assert job.ending is Ending.FAILED and isinstance(job.failure, ApiMisunderstood)
    assert job.answers.count(Fate.ANSWERED) == 0


def test_a_fault_of_our_own_ends_the_work_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    job = run(Job(Clumsy(Settings()), texts_of(["late"]), 1000))
    assert job.ending is Ending.BROKEN
    assert "batch_failed" in caplog.text


def test_when_nobody_looks_it_stops_and_can_go_on(api: LiveApi) -> None:
    job = job_for(api.url, late_and_lovely(20_000))
    job.unwatched_seconds = -1
    run(job)
    assert job.ending is Ending.UNWATCHED and job.left == 20_000
    job.unwatched_seconds = 300
    assert run(job).ending is Ending.DONE


def test_the_work_ends_with_the_session(api: LiveApi) -> None:
    api.answer_after(0.2)
    board = BatchBoard(Settings(api_url=api.url), Client(Settings(api_url=api.url)))
    board.take("1", "a.csv", "\n".join(["text", *late_and_lovely(20_000)]).encode())
    board.start()
    job = board.job
    assert job is not None and job.is_running
    del board
    gc.collect()
    assert job.wait(30)
    assert job.left > 0


def test_another_file_ends_the_work_on_the_one_before(api: LiveApi) -> None:
    api.answer_after(0.2)
    board = BatchBoard(Settings(api_url=api.url), Client(Settings(api_url=api.url)))
    board.take("1", "a.csv", "\n".join(["text", *late_and_lovely(20_000)]).encode())
    board.start()
    job = board.job
    board.take("2", "b.csv", b"text\nlate\n")
    assert job is not None and job.wait(30) and job.left > 0
    assert board.job is None and board.chosen is not None and board.chosen.table.rows == 1


def test_two_clicks_are_one_start(api: LiveApi) -> None:
    board = BatchBoard(Settings(api_url=api.url), Client(Settings(api_url=api.url)))
    board.take("1", "a.csv", b"text\nlate\n")
    board.start()
    job = board.job
    board.start()
    assert board.job is job
    assert job is not None and job.wait(30)
    board.go_on()
    assert job.wait(30) and job.answers.count(Fate.ANSWERED) == 1


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.per_second(1.0) is None
    pace.mark(0.0, 100)
    assert pace.per_second(0.1) is None
    for second in range(1, 61):
        pace.mark(float(second), 100 + (10 * second if second <= 30 else 300 + 50 * (second - 30)))
    assert pace.per_second(60.0) == pytest.approx(50, rel=0.01)
    pace.mark(90.0, 1900)
    assert pace.per_second(1000.0) is None or pace.per_second(1000.0) < 1


def test_no_rows_are_done_at_once(api: LiveApi) -> None:
    assert run(job_for(api.url, ["", " "])).ending is Ending.DONE
