"""The review queue judged in a real browser, by keys alone, while the API comes and goes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_api import LiveApi
from playwright.sync_api import Browser, Locator, Page, expect
from rejections import wait_until
from review_queue import TWEETS, fill, said

from tests.browser.watching import served_pages, watched_page
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH
from ui.words.wording import Wording

pytestmark = pytest.mark.browser

WORDS = ENGLISH.review
# The page looks every second here; the machine may be busy.
SOON = 15_000
# Sooner after a tweet came a key was meant for the one before.
GLANCE = 600
WIDTHS = (1280, 390)


@pytest.fixture
def review_screen(chromium: Browser, alert_pages: tuple[str, int], alert_api: LiveApi) -> Iterator[Page]:
    """The page of review, with five tweets."""
    fill(alert_api)
    url = alert_pages[0]
    with watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/review")
        tweet(page).wait_for(timeout=30_000)
        yield page


def tweet(screen: Page) -> Locator:
    return screen.locator(".st-key-review-tweet").get_by_test_id("stText")


def comment(screen: Page) -> Locator:
    return screen.get_by_label(WORDS.comment)


def settle(screen: Page) -> None:
    # What was drawn before is kept for as long as the page is drawn.
    screen.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    expect(screen.locator("[data-retained]")).to_have_count(0)


def press(screen: Page, *keys: str) -> str:
    """The tweet before which they were pressed, once it has been in sight for a moment."""
    settle(screen)
    screen.wait_for_timeout(GLANCE)
    before = tweet(screen).inner_text()
    for key in keys:
        screen.keyboard.press(key)
    return before


def judge(screen: Page, key: str) -> str:
    """The tweet that was judged, once the next one is there."""
    before = press(screen, key)
    expect(tweet(screen)).not_to_have_text(before, timeout=SOON)
    return before


def stored(api: LiveApi, count: int) -> dict[str, str]:
    """The label of each tweet; each has one verdict."""
    wait_until(lambda: len(said(api)) >= count, "it was not stored")
    found = said(api)
    assert len(found) == count
    return {each.text: each.label for each in found}


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(500)
        screen.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_five_tweets_are_judged_by_keys_alone(review_screen: Page, alert_api: LiveApi) -> None:
    judged = {judge(review_screen, key): key for key in ("1", "2", "1", "2")}
    judged[press(review_screen, "1")] = "1"
    expect(review_screen.get_by_role("heading", name=WORDS.none_left)).to_be_visible(timeout=SOON)
    expect(review_screen.get_by_text("5 of 20 today")).to_be_visible()
    labels = {"1": "negative", "2": "positive"}
    assert stored(alert_api, len(TWEETS)) == {text: labels[key] for text, key in judged.items()}


def test_a_tweet_that_comes_in_appears_by_itself_after_the_last(review_screen: Page, alert_api: LiveApi) -> None:
    for key in "1111":
        judge(review_screen, key)
    press(review_screen, "1")
    expect(review_screen.get_by_role("heading", name=WORDS.none_left)).to_be_visible(timeout=SOON)
    fill(alert_api, "late for the sixth time")
    expect(tweet(review_screen)).to_have_text("late for the sixth time", timeout=SOON)
    press(review_screen, "1")
    assert "late for the sixth time" in stored(alert_api, 6)


def test_a_comment_is_typed_without_a_key_judging(review_screen: Page, alert_api: LiveApi) -> None:
    before = press(review_screen, "Enter")
    expect(comment(review_screen)).to_be_focused()
    review_screen.keyboard.type("12 hours, 0 words")
    review_screen.keyboard.press("Backspace")
    review_screen.keyboard.press("Enter")
    expect(comment(review_screen)).not_to_be_focused()
    assert press(review_screen) == before and not said(alert_api)
    judge(review_screen, "1")
    assert list(stored(alert_api, 1)) == [before]
    assert said(alert_api)[0].comment == "12 hours, 0 word"
    settle(review_screen)
    expect(comment(review_screen)).to_have_value("")


def test_a_name_is_typed_without_a_key_judging(review_screen: Page, alert_api: LiveApi) -> None:
    before = press(review_screen)
    name = review_screen.get_by_label(ENGLISH.names.optional)
    name.click()
    review_screen.keyboard.type("Ana 210")
    review_screen.keyboard.press("Enter")
    expect(review_screen.get_by_text("Ana 210", exact=True)).to_be_visible()
    assert press(review_screen) == before and not said(alert_api)
    judge(review_screen, "2")
    stored(alert_api, 1)
    assert said(alert_api)[0].reviewer is not None


def test_the_same_key_twice_judges_one_tweet(review_screen: Page, alert_api: LiveApi) -> None:
    before = press(review_screen, "1", "1", "1")
    expect(tweet(review_screen)).not_to_have_text(before, timeout=SOON)
    following = press(review_screen)
    assert list(stored(alert_api, 1)) == [before]
    judge(review_screen, "1")
    assert list(stored(alert_api, 2)) == [before, following]


def test_a_key_that_is_held_down_judges_one_tweet(review_screen: Page, alert_api: LiveApi) -> None:
    before = press(review_screen)
    review_screen.keyboard.down("1")
    expect(tweet(review_screen)).not_to_have_text(before, timeout=SOON)
    following = press(review_screen)
    for _ in range(3):
        review_screen.keyboard.down("1")
    review_screen.keyboard.up("1")
    assert press(review_screen) == following
    assert list(stored(alert_api, 1)) == [before]


def test_skip_and_undo_have_their_keys(review_screen: Page, alert_api: LiveApi) -> None:
    skipped = judge(review_screen, "0")
    judged = judge(review_screen, "1")
    judge(review_screen, "Backspace")
    expect(tweet(review_screen)).to_have_text(judged)
    expect(review_screen.get_by_text("You said negative. That counts until")).to_be_visible()
    judge(review_screen, "2")
    for _ in range(3):
        judge(review_screen, "2")
    expect(tweet(review_screen)).to_have_text(skipped)
    wait_until(lambda: len(said(alert_api)) == 5, "it was not stored")
    assert [each.label for each in said(alert_api) if each.text == judged] == ["negative", "positive"]


def test_answers_given_while_the_api_is_away_are_stored_once_each_in_order(
    review_screen: Page, alert_api: LiveApi
) -> None:
    judged = [judge(review_screen, "1")]
    stored(alert_api, 1)
    alert_api.stop()
    judged += [judge(review_screen, "2"), judge(review_screen, "1")]
    expect(review_screen.get_by_text("2 answers wait to be stored.").first).to_be_visible(timeout=SOON)
    keep_picture(review_screen, "review-api-away")
    alert_api.start()
    expect(review_screen.get_by_role("button", name=WORDS.send_now)).to_have_count(0, timeout=SOON)
    judged.append(judge(review_screen, "1"))
    stored(alert_api, 4)
    assert [(each.text, each.label) for each in said(alert_api)] == list(
        zip(judged, ["negative", "positive", "negative", "negative"], strict=True)
    )


def test_a_slow_api_does_not_keep_the_next_tweet_away(review_screen: Page, alert_api: LiveApi) -> None:
    alert_api.answer_after(3)
    judged = [judge(review_screen, "1")]
    # The first answer is still on its way.
    screen, following = review_screen, tweet(review_screen).inner_text()
    screen.wait_for_timeout(GLANCE)
    screen.keyboard.press("1")
    expect(tweet(screen)).not_to_have_text(following, timeout=2_500)
    alert_api.answer_after(0)
    assert list(stored(alert_api, 2)) == [*judged, following]


def test_whoever_uses_tab_finds_the_same_button_again(review_screen: Page, alert_api: LiveApi) -> None:
    before = press(review_screen)
    positive = review_screen.get_by_role("button", name="Positive")
    for _ in range(30):
        review_screen.keyboard.press("Tab")
        if positive.evaluate("button => button === document.activeElement"):
            break
    review_screen.keyboard.press("Enter")
    expect(tweet(review_screen)).not_to_have_text(before, timeout=SOON)
    settle(review_screen)
    expect(positive).to_be_focused()
    following = press(review_screen, "Enter")
    expect(tweet(review_screen)).not_to_have_text(following, timeout=SOON)
    assert stored(alert_api, 2) == {before: "positive", following: "positive"}
    expect(review_screen.locator(".st-key-review-tweet")).to_have_attribute("aria-live", "polite")


def test_single_keys_can_be_switched_off(review_screen: Page, alert_api: LiveApi) -> None:
    review_screen.get_by_text(WORDS.single_keys).click()
    expect(review_screen.get_by_label("Shortcut 1")).to_have_count(0)
    review_screen.get_by_role("heading", name=WORDS.page).click()
    before = press(review_screen, "1", "2", "0", "Backspace", "Enter")
    assert press(review_screen) == before and not said(alert_api)
    review_screen.get_by_role("button", name="Negative").click()
    assert list(stored(alert_api, 1)) == [before]


def test_it_is_there_as_the_first_address_after_a_start(chromium: Browser, alert_api: LiveApi) -> None:
    with served_pages(alert_api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/review")
        expect(page.get_by_role("heading", name=WORDS.none_yet)).to_be_visible(timeout=SOON)
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("fr", FRENCH)])
def test_nothing_overflows_at_any_width(
    review_screen: Page, alert_api: LiveApi, width: int, scheme: str, language: str, words: Wording
) -> None:
    screen = review_screen
    screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    screen.set_viewport_size({"width": width, "height": 1600})
    screen.get_by_role("radio", name=words.own_name).click()
    expect(screen.get_by_role("heading", name=words.review.page)).to_be_visible()
    keep_picture(screen, f"review-{scheme}-{width}-{language}")
    fill(alert_api, "late again " + "w" * 200)
    judge(screen, "1")
    alert_api.stop()
    judge(screen, "2")
    expect(screen.get_by_role("button", name=words.review.send_now)).to_be_visible(timeout=SOON)
    keep_picture(screen, f"review-{scheme}-{width}-{language}-away")
    main = screen.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
