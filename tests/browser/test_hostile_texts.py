"""Five hundred hostile tweets through the real pages: seen as text, stored byte for byte, downloaded safe.

No dialog opens and no other host is asked: `watched_page` looks at every request.
"""

import csv
import time
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_files import unmarked
from hostile_texts import COUNT, HOST, hostile_texts
from live_api import LiveApi
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from inference.tables import predictions
from tests.browser.watching import watched_page
from ui.batch.file_form import shortened
from ui.batch.results import ROWS_A_PAGE
from ui.elements.inert import readable
from ui.words.english.wording import ENGLISH

pytestmark = pytest.mark.browser

WORDS = ENGLISH.batch
SOON, LATER = 30_000, 120_000
# What only markup that is carried out would leave on a page.
CARRIED_OUT = (
    f"a[href*='{HOST}'], img[src*='{HOST}'], [src*='{HOST}'], [href*='{HOST}'], a[href^='javascript'], iframe, object, "
    "[data-testid=stMain] script, [data-testid=stMain] form[action], marquee, .katex"
)
# Through the form where tweets are typed one by one.
TYPED = 25


@pytest.fixture
def batch_screen(chromium: Browser, page_url: str) -> Iterator[Page]:
    with watched_page(chromium, page_url, page_url.replace("http", "ws")) as page:
        page.goto(f"{page_url}/batch")
        page.get_by_text(WORDS.intro).wait_for(timeout=SOON)
        yield page


def one_line(text: str) -> str:
    return " ".join(text.split())


def seen_on_this_page(page: Page) -> list[str]:
    rows = "[class*='st-key-row-batch-rows-']:not(.st-key-row-batch-rows-headings)"
    cells = f"{rows} > :nth-child(2) [data-testid=stText]"
    return [one_line(text) for text in page.locator(cells).all_text_contents()]


def seen_in_time(page: Page, wanted: list[str]) -> list[str]:
    """What is there once it is what it should be, or in the end."""
    deadline = time.monotonic() + SOON / 1000
    while (seen := seen_on_this_page(page)) != wanted and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    return seen


def downloaded(page: Page, kind: str) -> bytes:
    with page.expect_download(timeout=LATER) as started:
        page.get_by_role("button", name=WORDS.download_kinds[kind], exact=True).click()
    return Path(started.value.path()).read_bytes()


def analyse_file(page: Page, texts: list[str]) -> None:
    stream = BytesIO()
    pq.write_table(pa.table({"text": texts}), stream)
    file = {"name": "tweets.parquet", "mimeType": "application/octet-stream", "buffer": stream.getvalue()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=WORDS.start.partition(" (")[0]).click(timeout=SOON)
    expect(page.get_by_text(WORDS.done.format(count=f"{COUNT:,}"))).to_be_visible(timeout=LATER)


def stored_texts(api: LiveApi) -> set[str]:
    with api.reading() as connection:
        return set(connection.execute(select(predictions.c.text)).scalars())


def test_a_file_of_them_is_seen_stored_and_downloaded_as_it_is(batch_screen: Page, api: LiveApi) -> None:
    texts = hostile_texts()
    analyse_file(batch_screen, texts)
    for start in range(0, COUNT, ROWS_A_PAGE):
        wanted = [one_line(readable(shortened(text))) for text in texts[start : start + ROWS_A_PAGE]]
        if start:
            batch_screen.get_by_role("button", name="Next page").click()
        assert seen_in_time(batch_screen, wanted) == wanted
        assert batch_screen.locator(CARRIED_OUT).count() == 0
    api.predictions_of(texts[-1])
    assert set(texts) <= stored_texts(api)
    rows = list(csv.reader(StringIO(downloaded(batch_screen, "csv").decode("utf-8-sig"), newline="")))
    assert [unmarked(row[0]) for row in rows[1:]] == texts
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]
    sheet = CalamineWorkbook.from_filelike(BytesIO(downloaded(batch_screen, "xlsx"))).get_sheet_by_index(0)
    assert len(sheet.to_python()) == COUNT + 1
    assert pq.read_table(BytesIO(downloaded(batch_screen, "parquet")))["text"].to_pylist() == texts


def test_typed_one_by_one_they_are_answered_rejected_and_kept_as_text(screen: Page, api: LiveApi) -> None:
    texts = hostile_texts()[:: COUNT // TYPED]
    for text in texts:
        screen.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        # A field of a page has no carriage returns.
        typed = text.replace("\r", "\n")
        screen.get_by_label("Tweet", exact=True).fill(typed)
        screen.keyboard.press("Control+Enter")
        newest = screen.locator(".st-key-past-0").get_by_test_id("stText")
        expect(newest).to_have_text(one_line(readable(typed)), timeout=SOON)
        screen.get_by_role("button", name=ENGLISH.wrong).click()
        screen.get_by_label(ENGLISH.comment).fill(typed)
        screen.get_by_role("button", name=ENGLISH.send, exact=True).click()
        expect(screen.get_by_text("Thank you")).to_be_visible(timeout=SOON)
        assert screen.locator(CARRIED_OUT).count() == 0
        assert [row.comment for row in api.feedback_for(typed)][-1] == typed
