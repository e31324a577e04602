"""A whole file analysed in a real browser: progress, results, downloads, and a large one that is cancelled."""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from batch_files import unmarked
from live_api import LiveApi
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.watching import served_pages, watched_page
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

pytestmark = pytest.mark.browser

WORDS = ENGLISH.batch
# Files are read and rows are asked meanwhile, on a machine that may be busy.
SOON, LATER = 30_000, 120_000
WIDTHS = (1280, 390)
HOSTILE = [
    "=cmd|' /C calc'!A0 late",
    "<script>alert(1)</script> late",
    "![late](https://evil.example/beacon.png)",
    "[late](javascript:alert(1)) :red[**late**] $x$",
    "late \u202egnp.exe\u202c",
    "@airline {{7*7}} late",
]
# As the browser counts.
MEGABYTE = 10**6


@pytest.fixture
def batch_screen(chromium: Browser, page_url: str) -> Iterator[Page]:
    with watched_page(chromium, page_url, page_url.replace("http", "ws")) as page:
        page.goto(f"{page_url}/batch")
        page.get_by_text(WORDS.intro).wait_for(timeout=SOON)
        yield page


def tweets(count: int) -> list[str]:
    return [*HOSTILE, "", *(f"{'late' if number % 4 else 'lovely'} flight {number}" for number in range(count - 7))]


def csv_of(texts: Sequence[str]) -> bytes:
    stream = StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["id", "text"])
    writer.writerows((10**17 + number, text) for number, text in enumerate(texts))
    return stream.getvalue().encode()


def upload(page: Page, data: bytes, name: str = "tweets.csv") -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})


def start_button(page: Page, words: str = WORDS.start) -> Locator:
    return page.get_by_role("button", name=words.partition(" (")[0])


def download(page: Page, kind: str) -> bytes:
    with page.expect_download(timeout=LATER) as started:
        page.get_by_role("button", name=WORDS.download_kinds[kind], exact=True).click()
    assert started.value.suggested_filename == f"tweets-sentiment.{kind}"
    return Path(started.value.path()).read_bytes()


def rows_shown(page: Page) -> Locator:
    return page.locator("[class*='st-key-row-batch-rows-']:not(.st-key-row-batch-rows-headings)")


def keep_picture(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_ten_thousand_tweets_are_analysed_with_progress_filtered_and_downloaded(
    batch_screen: Page, api: LiveApi
) -> None:
    texts = tweets(10_000)
    upload(batch_screen, csv_of(texts))
    expect(batch_screen.get_by_text("Rows: 10,000. Columns: 2.")).to_be_visible(timeout=SOON)
    api.answer_after(0.2)
    start_button(batch_screen).dblclick()
    expect(batch_screen.get_by_text(re.compile(r"[1-9][\d,]* of 10,000 tweets"))).to_be_visible(timeout=SOON)
    expect(batch_screen.get_by_text(re.compile("tweets a second, about .* left"))).to_be_visible(timeout=SOON)
    api.answer_after(0)
    done = WORDS.done_but.format(answered="9,999", problems=1)
    expect(batch_screen.get_by_text(done)).to_be_visible(timeout=LATER)
    expect(rows_shown(batch_screen)).to_have_count(20)
    batch_screen.get_by_label(WORDS.contains).fill("flight 42")
    batch_screen.get_by_label(WORDS.contains).press("Enter")
    expect(batch_screen.get_by_text("111 of 10,000 tweets")).to_be_visible(timeout=SOON)
    expect(rows_shown(batch_screen).first).to_contain_text("late flight 42")
    rows = list(csv.reader(StringIO(download(batch_screen, "csv").decode("utf-8-sig"), newline="")))
    assert [unmarked(row[1]) for row in rows[1:]] == texts
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}]
    assert rows[0][2:] == ["label", "p_negative", "p_positive", "abstained", "prediction_id", "problem"]
    assert [row[2] for row in rows[8:12]] == ["positive", "negative", "negative", "negative"]
    sheet = CalamineWorkbook.from_filelike(BytesIO(download(batch_screen, "xlsx"))).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()][1:] == texts
    assert pq.read_table(BytesIO(download(batch_screen, "parquet")))["text"].to_pylist() == texts


def test_hostile_text_is_shown_as_text(batch_screen: Page, api: LiveApi) -> None:
    upload(batch_screen, csv_of(HOSTILE))
    start_button(batch_screen).click(timeout=SOON)
    expect(rows_shown(batch_screen)).to_have_count(len(HOSTILE), timeout=SOON)
    for row, text in zip(rows_shown(batch_screen).all(), HOSTILE, strict=True):
        visible = text.translate(dict.fromkeys(map(ord, "\u202e\u202c")))
        expect(row.get_by_test_id("stText").nth(1)).to_have_text(visible)
    foreign = "a[href*='evil'], img[src*='evil'], a[href^='javascript'], [data-testid=stMain] script, .katex"
    assert batch_screen.locator(foreign).count() == 0


def test_a_hundred_thousand_tweets_are_cancelled_and_gone_on_with(batch_screen: Page, api: LiveApi) -> None:
    api.answer_after(0.1)
    upload(batch_screen, csv_of(tweets(100_000)))
    start_button(batch_screen).click(timeout=LATER)
    expect(batch_screen.get_by_text(re.compile(r"[1-9][\d,]* of 100,000 tweets"))).to_be_visible(timeout=SOON)
    batch_screen.get_by_role("button", name=WORDS.cancel).click()
    expect(batch_screen.get_by_text(re.compile(r"Stopped after [1-9][\d,]* of 100,000"))).to_be_visible(timeout=SOON)
    expect(rows_shown(batch_screen)).to_have_count(20)
    assert download(batch_screen, "parquet")
    api.answer_after(0)
    batch_screen.get_by_role("button", name="Go on").click()
    done = WORDS.done_but.format(answered="99,999", problems=1)
    expect(batch_screen.get_by_text(done)).to_be_visible(timeout=LATER)


def test_the_work_goes_on_while_another_page_is_looked_at(batch_screen: Page, api: LiveApi) -> None:
    api.answer_after(0.2)
    upload(batch_screen, csv_of(tweets(3000)))
    start_button(batch_screen).click(timeout=SOON)
    expect(batch_screen.get_by_role("button", name=WORDS.cancel)).to_be_visible(timeout=SOON)
    batch_screen.get_by_role("link", name=ENGLISH.analyse).click()
    expect(batch_screen.get_by_label("Tweet", exact=True)).to_be_visible(timeout=SOON)
    api.answer_after(0)
    batch_screen.get_by_role("link", name=WORDS.page, exact=True).click()
    done = WORDS.done_but.format(answered="2,999", problems=1)
    expect(batch_screen.get_by_text(done)).to_be_visible(timeout=SOON)


def test_a_file_of_many_megabytes_is_taken_and_one_of_too_many_is_not(batch_screen: Page, tmp_path: Path) -> None:
    row = b"late " * 19 + b"late\n"
    large, larger = tmp_path / "large.csv", tmp_path / "larger.csv"
    large.write_bytes(b"text\n" + row * ((50 * MEGABYTE - 5) // len(row)))
    larger.write_bytes(b"text\n" + bytes(50 * MEGABYTE))
    batch_screen.locator("input[type=file]").set_input_files(large)
    expect(batch_screen.get_by_text(WORDS.too_many_rows.format(limit="200,000"))).to_be_visible(timeout=LATER)
    batch_screen.locator("input[type=file]").set_input_files(larger)
    expect(batch_screen.get_by_text("File must be 50.0MB or smaller.")).to_be_visible(timeout=LATER)


def test_the_page_works_as_the_first_address_after_a_start(chromium: Browser, api: LiveApi) -> None:
    with served_pages(api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/batch")
        expect(page.get_by_text(WORDS.intro)).to_be_visible(timeout=SOON)
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_overflows_at_any_width(
    batch_screen: Page, api: LiveApi, language: str, width: int, scheme: str
) -> None:
    batch_screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    batch_screen.set_viewport_size({"width": width, "height": 2400})
    words = FRENCH if language == "fr" else ENGLISH
    batch_screen.get_by_text(words.own_name, exact=True).click()
    expect(batch_screen.get_by_text(words.batch.intro)).to_be_visible(timeout=SOON)
    upload(batch_screen, csv_of([*tweets(60), "w" * 700, "late " + "x" * 1200]))
    expect(start_button(batch_screen, words.batch.start)).to_be_visible(timeout=SOON)
    keep_picture(batch_screen, f"batch-{language}-{scheme}-{width}-file")
    start_button(batch_screen, words.batch.start).click()
    expect(rows_shown(batch_screen)).to_have_count(20, timeout=SOON)
    keep_picture(batch_screen, f"batch-{language}-{scheme}-{width}")
    main = batch_screen.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
