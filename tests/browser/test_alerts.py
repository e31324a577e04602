"""Alerts raised for real by three rejections, looked at and acknowledged in a real browser."""

import os
from pathlib import Path

import pytest
from live_api import LiveApi
from playwright.sync_api import Browser, Locator, Page, expect
from rejections import TWEETS, client_of, raise_alert

from tests.browser.watching import served_pages, watched_page
from tests.inference.receivers import Webhook
from ui.words.english.wording import ENGLISH

pytestmark = pytest.mark.browser

WORDS = ENGLISH.alerts
# The page looks every second here; the machine may be busy.
SOON = 15_000
WIDTHS = (1280, 390)


def name_field(screen: Page) -> Locator:
    return screen.get_by_label(WORDS.name)


def note_field(screen: Page) -> Locator:
    return screen.get_by_label(WORDS.note)


def burst(screen: Page) -> Locator:
    return screen.get_by_role("heading", name=WORDS.rules["burst"])


def rate(screen: Page) -> Locator:
    return screen.get_by_role("heading", name=WORDS.rules["rate"])


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(500)
        screen.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_an_alert_appears_by_itself_is_acknowledged_and_its_message_arrived(
    alert_screen: Page, alert_api: LiveApi, receiver: Webhook
) -> None:
    raise_alert(alert_api)
    expect(burst(alert_screen)).to_be_visible(timeout=SOON)
    expect(alert_screen.get_by_text(TWEETS[0])).to_be_visible()
    expect(alert_screen.get_by_text(f"{WORDS.purposes['opened']}: arrived")).to_be_visible(timeout=SOON)
    assert [body["title"] for body in receiver.bodies] == [WORDS.rules["burst"]]
    name_field(alert_screen).fill("Ana")
    note_field(alert_screen).fill("Ask the crew of AP12")
    alert_screen.get_by_role("button", name=WORDS.acknowledge).dblclick()
    expect(alert_screen.get_by_text(WORDS.thanks)).to_be_visible()
    expect(alert_screen.get_by_text("Acknowledged by Ana: Ask the crew of AP12")).to_have_count(1)
    alert_screen.reload()
    expect(alert_screen.get_by_text("by Ana, ")).to_be_visible(timeout=SOON)
    expect(alert_screen.get_by_text(WORDS.reply_intro_again)).to_be_visible()


def test_who_types_is_not_interrupted_by_a_second_alert_or_an_api_that_goes_away(
    alert_screen: Page, alert_api: LiveApi
) -> None:
    raise_alert(alert_api)
    expect(burst(alert_screen)).to_be_visible(timeout=SOON)
    note_field(alert_screen).press_sequentially("Ask the crew")
    raise_alert(alert_api, *(f"late for the {number}th time" for number in range(40)))
    expect(rate(alert_screen)).to_be_visible(timeout=SOON)
    expect(note_field(alert_screen)).to_have_count(2)
    alert_screen.keyboard.type(" of AP12,")
    alert_api.stop()
    expect(alert_screen.get_by_text("does not answer")).to_be_visible(timeout=SOON)
    alert_screen.keyboard.type(" and call back")
    expect(note_field(alert_screen).last).to_have_value("Ask the crew of AP12, and call back")


def test_an_acknowledgement_typed_while_the_api_is_away_is_kept_and_stored_once(
    alert_screen: Page, alert_api: LiveApi
) -> None:
    alert = raise_alert(alert_api)
    expect(burst(alert_screen)).to_be_visible(timeout=SOON)
    alert_api.stop()
    name_field(alert_screen).fill("Ana")
    note_field(alert_screen).fill("Ask the crew")
    alert_screen.get_by_role("button", name=WORDS.acknowledge).click()
    expect(alert_screen.get_by_text(WORDS.kept_reply)).to_be_visible()
    keep_picture(alert_screen, "alerts-api-away")
    expect(name_field(alert_screen)).to_have_value("Ana")
    expect(note_field(alert_screen)).to_have_value("Ask the crew")
    alert_api.start()
    alert_screen.get_by_role("button", name=ENGLISH.try_again).dblclick()
    expect(alert_screen.get_by_text(WORDS.thanks)).to_be_visible(timeout=SOON)
    history = client_of(alert_api).read_alert(alert.alert_id).history
    assert [(event.by, event.note) for event in history if event.event == "acknowledged"] == [("Ana", "Ask the crew")]


def test_a_test_message_is_sent_once_despite_a_double_click(alert_screen: Page, receiver: Webhook) -> None:
    alert_screen.get_by_role("button", name=WORDS.trial_send).dblclick()
    expect(alert_screen.get_by_text(f"{WORDS.purposes['test']}: arrived")).to_be_visible(timeout=SOON)
    alert_screen.wait_for_timeout(500)
    assert len(receiver.bodies) == 1


def test_a_tweet_being_typed_on_the_other_page_is_left_alone(alert_screen: Page) -> None:
    alert_screen.get_by_role("link", name=ENGLISH.analyse).click()
    tweet = alert_screen.get_by_label(ENGLISH.tweet, exact=True)
    tweet.fill("half a tweet")
    # The page of alerts would have looked again by now, more than once.
    alert_screen.wait_for_timeout(3_000)
    expect(tweet).to_have_value("half a tweet")
    expect(alert_screen.get_by_role("heading")).to_have_text([ENGLISH.page_title])


def test_the_link_of_a_message_works_as_the_first_address_after_a_start(chromium: Browser, alert_api: LiveApi) -> None:
    with served_pages(alert_api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/alerts")
        expect(page.get_by_role("heading", name=WORDS.none_yet)).to_be_visible(timeout=SOON)
        expect(page.get_by_role("link", name=ENGLISH.analyse)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("text", ["<img src=https://evil.example/a.png> late", "![late](https://evil.example/a.png)"])
def test_hostile_text_is_shown_as_text(alert_screen: Page, alert_api: LiveApi, text: str) -> None:
    alert = raise_alert(alert_api, text, text, text)
    client_of(alert_api).acknowledge(alert.alert_id, text, text)
    expect(alert_screen.get_by_text("Acknowledged by ")).to_be_visible(timeout=SOON)
    assert alert_screen.locator("a[href*='evil'], img[src*='evil']").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_alert_overflows_at_any_width(alert_screen: Page, alert_api: LiveApi, width: int, scheme: str) -> None:
    alert_screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    alert_screen.set_viewport_size({"width": width, "height": 2000})
    keep_picture(alert_screen, f"alerts-{scheme}-{width}-none")
    alert = raise_alert(alert_api, "late " + "w" * 300, "late again", "never")
    client_of(alert_api).acknowledge(alert.alert_id, "Ana" + "a" * 120, "n" * 300)
    alert_screen.get_by_role("button", name=WORDS.trial_send).click()
    expect(alert_screen.get_by_text("Acknowledged by ")).to_be_visible(timeout=SOON)
    keep_picture(alert_screen, f"alerts-{scheme}-{width}-open")
    main = alert_screen.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
