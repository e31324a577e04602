"""The page Monitor in a real browser: charts that follow what comes in, while what is typed stays."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_api import LiveApi
from past_activity import live_through, past_of
from playwright.sync_api import Browser, Locator, Page, expect
from pydantic import SecretStr
from rejections import client_of, raise_alert, reject

from tests.browser.watching import served_pages, watched_page
from tests.inference.receivers import Webhook
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

pytestmark = pytest.mark.browser

WORDS = ENGLISH.monitor
# The page looks every second here; the machine may be busy.
SOON = 20_000


@pytest.fixture
def screen(alert_screen: Page, alert_pages: tuple[str, int]) -> Page:
    """In front of an API that nobody asked anything of."""
    alert_screen.goto(f"{alert_pages[0]}/monitor")
    expect(alert_screen.get_by_text(WORDS.no_tweets, exact=True)).to_be_visible(timeout=SOON)
    return alert_screen


@pytest.fixture
def busy_api(alert_pages: tuple[str, int], receiver: Webhook, tmp_path: Path) -> Iterator[LiveApi]:
    """With some thousand tweets of the last weeks."""
    live = LiveApi(tmp_path / "busy", port=alert_pages[1], audit_share=0.2, alert_urls=SecretStr("json://127.0.0.1:9"))
    with past_of(tmp_path / "busy") as past:
        live_through(past, 16)
    live.start()
    yield live
    live.close()


def figure(screen: Page, label: str) -> Locator:
    return screen.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def chart(screen: Page, name: str) -> Locator:
    """Its drawing, in which each bar is a mark."""
    return screen.locator(f".st-key-chart-{name} svg")


def bars(screen: Page, name: str) -> Locator:
    return chart(screen, name).locator(".mark-rect path")


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(1_000)
        screen.screenshot(path=Path(folder) / f"{name}.png")


def test_figures_and_charts_follow_what_comes_in_and_what_is_rejected(screen: Page, alert_api: LiveApi) -> None:
    client = client_of(alert_api)
    client.predict("late and never sorry")
    expect(figure(screen, WORDS.tweets)).to_have_text("1", timeout=SOON)
    expect(bars(screen, "volume")).to_have_count(1)
    client.predict("lovely, thanks")
    expect(figure(screen, WORDS.tweets)).to_have_text("2", timeout=SOON)
    expect(figure(screen, WORDS.negative_share)).to_have_text("50.0%")
    expect(bars(screen, "volume")).to_have_count(2, timeout=SOON)
    expect(screen.get_by_text(WORDS.nobody_judged, exact=True)).to_be_visible()
    reject(alert_api, "late again")
    expect(figure(screen, WORDS.all_verdicts)).to_have_text("100.0%", timeout=SOON)
    expect(screen.get_by_text("1 of 1 (95 % interval: 20.7% to 100.0%)").first).to_be_visible()
    expect(bars(screen, "rejections")).to_have_count(1)


def test_who_types_an_acknowledgement_is_not_interrupted_by_tweets_that_come_in(
    screen: Page, alert_api: LiveApi
) -> None:
    raise_alert(alert_api)
    note = screen.get_by_label(ENGLISH.alerts.note)
    expect(note).to_be_visible(timeout=SOON)
    screen.get_by_label(ENGLISH.alerts.name).fill("Ana")
    note.press_sequentially("Ask the")
    expect(figure(screen, WORDS.tweets)).to_have_text("3", timeout=SOON)
    for number in range(3):
        client_of(alert_api).predict(f"late for the {number}th time")
        expect(figure(screen, WORDS.tweets)).to_have_text(str(number + 4), timeout=SOON)
        screen.keyboard.type(f" {number}")
    expect(note).to_have_value("Ask the 0 1 2")
    screen.get_by_role("button", name=ENGLISH.alerts.acknowledge).dblclick()
    expect(screen.get_by_text(ENGLISH.alerts.thanks)).to_be_visible(timeout=SOON)
    expect(screen.get_by_text("Acknowledged by Ana: Ask the 0 1 2")).to_have_count(1)


def test_slow_charts_do_not_keep_an_alert_from_appearing_or_an_api_that_comes_back_from_being_seen(
    screen: Page, alert_api: LiveApi
) -> None:
    client_of(alert_api).predict("late and never sorry")
    expect(figure(screen, WORDS.tweets)).to_have_text("1", timeout=SOON)
    alert_api.answer_after(0.5)
    raise_alert(alert_api)
    expect(screen.get_by_role("heading", name=ENGLISH.alerts.rules["burst"])).to_be_visible(timeout=SOON)
    alert_api.stop()
    expect(screen.get_by_text("Could not be refreshed")).to_have_count(2, timeout=SOON)
    expect(figure(screen, WORDS.tweets)).to_have_text("4")
    expect(bars(screen, "volume").first).to_be_visible()
    alert_api.start()
    client_of(alert_api).predict("late once more")
    expect(figure(screen, WORDS.tweets)).to_have_text("5", timeout=SOON)
    expect(screen.get_by_text("Could not be refreshed")).to_have_count(0, timeout=SOON)


def test_the_address_of_earlier_messages_leads_here_as_the_first_after_a_start(
    chromium: Browser, alert_api: LiveApi
) -> None:
    for address in ("alerts", "monitor"):
        with served_pages(alert_api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as page:
            page.goto(f"{url}/{address}")
            expect(page.get_by_role("heading", name=WORDS.page, exact=True)).to_be_visible(timeout=SOON)
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(page.get_by_role("link", name=WORDS.page, exact=True)).to_have_count(1)


def test_what_is_behind_a_chart_is_told_without_seeing_it(
    chromium: Browser, alert_pages: tuple[str, int], busy_api: LiveApi
) -> None:
    url = alert_pages[0]
    with watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/monitor")
        expect(page.get_by_label(re.compile("^Bars of the number of tweets over time")).first).to_be_visible(
            timeout=SOON
        )
        page.get_by_text(WORDS.as_table).click()
        rows = page.get_by_role("row")
        expect(rows.first.get_by_role("columnheader")).to_have_count(10, timeout=SOON)
        assert rows.count() > 100


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "fr-FR")])
def test_it_fits_at_any_width_with_thousands_of_tweets(
    chromium: Browser, alert_pages: tuple[str, int], busy_api: LiveApi, width: int, scheme: str, locale: str
) -> None:
    url, words = alert_pages[0], (FRENCH if locale == "fr-FR" else ENGLISH).monitor
    context = chromium.new_context(
        viewport={"width": width, "height": 2400},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=locale,
        timezone_id="Asia/Kolkata",
    )
    try:
        page = context.new_page()
        page.goto(f"{url}/monitor")
        for period in ("week", "day", "quarter", "month"):
            page.get_by_role("radio", name=words.periods[period], exact=True).click(timeout=SOON)
            expect(page.get_by_text(re.compile("Asia/(Kolkata|Calcutta)"))).to_be_visible(timeout=SOON)
            expect(bars(page, "volume").first).to_be_visible(timeout=SOON)
            expect(bars(page, "rejections").first).to_be_visible(timeout=SOON)
            main = page.get_by_test_id("stMain")
            assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
            keep_picture(page, f"monitor-{scheme}-{width}-{period}")
    finally:
        context.close()
