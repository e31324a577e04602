"""The page Batch as a person uses it: a file in, choices made for them to correct, the answers, and what goes wrong."""

from collections.abc import Callable, Sequence

import pytest
from batch_files import csv_bytes, parquet_bytes, xlsx_bytes
from batch_work import late_and_lovely, wait_until
from live_api import LiveApi
from person import keys, press, shown
from pyarrow import table as arrow_table
from streamlit.testing.v1 import AppTest

from ui.api.client import Client
from ui.batch.board import BatchBoard
from ui.batch.job import Ending
from ui.batch.selection import Order
from ui.batch.texts import Fate
from ui.settings import Settings
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

WORDS = ENGLISH.batch
HOSTILE = "late ![x](https://evil.example/a.png) <b>\u202e</b> :red[x] $x$"
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def open_batch(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    def script() -> None:
        from ui.pages.batch import batch_page
        from ui.words.language import language_switch

        language_switch()
        batch_page()

    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        return AppTest.from_function(script, default_timeout=20).run()

    return open_at


def upload(page: AppTest, data: bytes, name: str = "tweets.csv") -> BatchBoard:
    page.file_uploader(key="batch-file").set_value((name, data, "application/octet-stream")).run()
    return board_of(page)


def board_of(page: AppTest) -> BatchBoard:
    board = page.session_state["batch_board"]
    assert isinstance(board, BatchBoard)
    return board


def finish(page: AppTest) -> None:
    """As the browser looks again once a second."""
    job = board_of(page).job
    assert job is not None and job.wait(60)
    page.run()


def analyse(page: AppTest, rows: Sequence[Sequence[str]], name: str = "tweets.csv") -> BatchBoard:
    board = upload(page, csv_bytes(rows), name)
    press(page, "batch-start")
    finish(page)
    return board


def table_rows(page: AppTest) -> list[list[str]]:
    """Of the results: row, tweet, answer."""
    texts = [element.value for element in page.text]
    start = next(number for number, text in enumerate(texts) if text.startswith(ENGLISH.model.partition("{")[0])) + 1
    return [texts[number : number + 3] for number in range(start, len(texts), 3)]


def with_header(texts: Sequence[str]) -> list[list[str]]:
    return [["id", "text"], *([str(number), text] for number, text in enumerate(texts))]


def test_the_page_says_what_it_takes(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    assert "50 MB and 200,000 rows" in shown(page)
    assert keys(page) == []


def test_the_limit_is_the_one_that_is_set(open_batch: OpenPage, api: LiveApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_BATCH_LIMIT", "2")
    page = open_batch(api.url)
    upload(page, csv_bytes(with_header(["a", "b", "c"])))
    assert WORDS.too_many_rows.format(limit="2") in shown(page)
    assert keys(page) == []


def test_the_column_of_the_tweets_is_guessed_and_its_first_rows_are_shown(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    upload(page, csv_bytes([["id", "note", "text"], ["1", "x", "late"], ["2", "y", HOSTILE]]))
    column = page.selectbox[0]
    assert column.options[column.value] == "text (column 3)"
    shown_texts = [element.value for element in page.text]
    assert shown_texts == ["tweets.csv. Rows: 2. Columns: 3.", "1", "late", "2", HOSTILE.replace("\u202e", "")]


def test_another_column_and_no_header_can_be_chosen(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    board = upload(page, csv_bytes([["id", "note", "text"], ["1", "lovely", "late"]]))
    page.selectbox[0].set_value(1).run()
    assert board.chosen is not None and board.chosen.column == "note"
    page.checkbox[0].uncheck().run()
    assert board.chosen.table.names == ["column 1", "column 2", "column 3"]
    assert board.chosen.table.rows == 2


def test_another_sheet_can_be_chosen(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    board = upload(page, xlsx_bytes([["text"], ["late"]], [["tweet"], ["lovely"], ["fine"]], []), "a.xlsx")
    page.selectbox[0].set_value(1).run()
    assert board.chosen is not None and (board.chosen.column, board.chosen.table.rows) == ("tweet", 2)
    page.selectbox[0].set_value(2).run()
    assert WORDS.empty_file in shown(page) and "batch-start" not in "".join(keys(page))
    page.selectbox[0].set_value(0).run()
    assert WORDS.empty_file not in shown(page) and board.chosen.column == "text"


def test_a_file_is_analysed_counted_and_shown(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    board = analyse(page, with_header(["late", "lovely", "a plane", "", HOSTILE]))
    assert board.job is not None and board.job.ending is Ending.DONE
    said = shown(page)
    assert WORDS.done_but.format(answered=4, problems=1) in said
    assert "Unsure, a person should read them: 1 (25.0%)" in said
    assert "Not analysed: 1 (no text: 1)" in said
    assert table_rows(page) == [
        ["1", "late", "Negative 95.3%"],
        ["2", "lovely", "Positive 95.3%"],
        ["3", "a plane", "Negative 50.0%\nunsure"],
        ["4", "", "no text"],
        ["5", HOSTILE.replace("\u202e", ""), "Negative 95.3%"],
    ]


def test_results_come_in_pages_filtered_and_in_order(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    analyse(page, with_header([*late_and_lovely(43), "late late", ""]))
    assert "45 of 45 tweets" in shown(page) and len(table_rows(page)) == 20
    assert page.selectbox[0].options == [WORDS.show_all, "Negative", "Positive", WORDS.unanswered_short]
    page.selectbox[1].set_value(Order.MOST_NEGATIVE).run()
    assert table_rows(page)[0][:2] == ["44", "late late"]
    page.selectbox[0].set_value(3).run()
    assert table_rows(page) == [["45", "", "no text"]]
    page.selectbox[0].set_value(0).run()
    page.text_input[0].set_value("flight 42").run()
    assert [row[0] for row in table_rows(page)] == ["43"]
    page.text_input[0].set_value("nowhere").run()
    assert WORDS.found_none in shown(page)


def test_the_distribution_can_be_read_without_seeing_it(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    analyse(page, with_header(["late", "late", "never", "lovely"]))
    [chart] = page.get("vega_lite_chart")
    assert "Negative: 3 (75.0%); Positive: 1 (25.0%)" in str(chart.proto)


def test_what_is_downloaded_is_said_in_words(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    analyse(page, with_header(["late", "=1+1 lovely", "-1 late", "x" * 40_000]))
    said = shown(page)
    assert WORDS.csv_marked.format(count=2) in said
    assert "Longer ones (1) are cut" in said
    assert [each.label for each in page.download_button] == ["csv", "Excel", "parquet"]


def test_a_file_without_danger_says_so(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    analyse(page, with_header(["late"]))
    assert WORDS.csv_unmarked in shown(page)
    assert WORDS.done.format(count=1) in shown(page)


def test_parquet_with_other_columns_offers_those_of_text(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    upload(page, parquet_bytes(arrow_table({"n": [1], "said": ["late"], "who": ["me"]})), "a.parquet")
    assert page.selectbox[0].options == ["said (column 2)", "who (column 3)"]
    assert len(page.checkbox) == 0
    press(page, "batch-start")
    finish(page)
    assert WORDS.done.format(count=1) in shown(page)


def test_progress_is_shown_and_cancelling_keeps_what_was_answered(open_batch: OpenPage, api: LiveApi) -> None:
    api.answer_after(0.1)
    page = open_batch(api.url)
    board = upload(page, csv_bytes(with_header(late_and_lovely(20_000))))
    press(page, "batch-start")
    job = board.job
    assert job is not None
    wait_until(lambda: job.done > 0, "nothing was answered")
    page.run()
    assert WORDS.stays in shown(page)
    press(page, "batch-cancel")
    finish(page)
    assert f"of {ENGLISH.number(20_000)} tweets. What was answered is kept" in shown(page)
    assert len(table_rows(page)) == 20
    api.answer_after(0)
    press(page, "batch-go-on")
    finish(page)
    assert WORDS.done.format(count="20,000") in shown(page)
    assert job is board.job and job.answers.count(Fate.ANSWERED) == 20_000


def test_an_api_that_is_away_says_so_and_the_work_goes_on_when_it_is_back(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    board = upload(page, csv_bytes(with_header(["late", "lovely"])))
    api.stop()
    press(page, "batch-start")
    job = board.job
    assert job is not None
    wait_until(lambda: job.is_waiting, "it does not wait")
    page.run()
    assert WORDS.api_waits in shown(page)
    job.patience_seconds = 0
    finish(page)
    assert "does not answer" in shown(page) and WORDS.kept in shown(page)
    api.start()
    press(page, "batch-go-on")
    finish(page)
    assert WORDS.done.format(count=2) in shown(page)


def test_a_file_that_cannot_be_read_can_be_replaced(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    upload(page, b"nonsense", "a.xlsx")
    assert [error.value for error in page.error] == [WORDS.broken_workbook]
    upload(page, csv_bytes(with_header(["late"])))
    assert not page.error and "batch-start" in "".join(keys(page))


def test_the_results_stay_when_the_language_changes_and_the_file_is_taken_away(
    open_batch: OpenPage, api: LiveApi
) -> None:
    page = open_batch(api.url)
    analyse(page, with_header(["late", ""]))
    page.segmented_control[0].set_value("fr").run()
    assert FRENCH.batch.done_but.format(answered=1, problems=1) in shown(page)
    page.file_uploader(key="batch-file").set_value(None).run()
    assert FRENCH.batch.done_but.format(answered=1, problems=1) in shown(page)


def test_notes_about_a_file_are_said(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    upload(page, csv_bytes([["id", "text"], ["1", "très tard"]], "cp1252") + b"2,x,y\r\n")
    said = shown(page)
    assert WORDS.read_as_windows in said and WORDS.torn_rows.format(count=1, lines=3) in said


def test_a_name_of_a_column_is_shown_without_its_markup(open_batch: OpenPage, api: LiveApi) -> None:
    page = open_batch(api.url)
    upload(page, csv_bytes([["[x](https://evil.example) :red[y] text", "n"], ["late", "1"]]), "![a](b).csv")
    assert page.selectbox[0].options[0] == "x https evil example red y text (column 1)"


def test_each_session_has_a_board_of_its_own(open_batch: OpenPage, api: LiveApi) -> None:
    first, second = open_batch(api.url), open_batch(api.url)
    upload(first, csv_bytes(with_header(["late"])))
    assert board_of(second).source is None
    assert BatchBoard(Settings(), Client(Settings())).job is None
