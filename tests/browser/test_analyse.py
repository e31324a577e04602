"""A person's journey through the page, in a real browser."""

import os
from pathlib import Path

import pytest
from live_api import LiveApi
from playwright.sync_api import Page, expect

from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)
BIDI = "\u202e\u202c\u2066\u2069"
HOSTILE = [
    "<script>alert(1)</script> late",
    "<img src=https://evil.example/a.png onerror=alert(1)> late",
    "![late](https://evil.example/beacon.png)",
    "[late](javascript:alert(1)) :red[**late**] $\\frac{1}{2}$",
    "late \u202egnp.exe\u202c \u2066hidden\u2069",
    "{{7*7}} ${7*7} '; DROP TABLE feedback; -- late",
]


def analyse(screen: Page, text: str) -> None:
    # On a busy machine the field is there before the page listens to keys.
    screen.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    screen.get_by_label("Tweet", exact=True).fill(text)
    screen.keyboard.press("Control+Enter")
    expect(screen.locator(".st-key-quoted")).to_be_visible(timeout=15_000)


def fill_rejection(screen: Page, comment: str) -> None:
    screen.get_by_role("button", name=ENGLISH.wrong).click()
    screen.get_by_label(ENGLISH.comment).fill(comment)


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(500)
        screen.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_tweet_is_analysed_rejected_and_stored_once_despite_a_double_click(screen: Page, api: LiveApi) -> None:
    text = "late again, and again"
    analyse(screen, text)
    expect(screen.get_by_role("heading", name="Negative")).to_be_visible()
    fill_rejection(screen, "It is irony")
    expect(screen.get_by_role("radio", name="Positive")).to_be_checked()
    screen.get_by_role("button", name=ENGLISH.send, exact=True).dblclick()
    expect(screen.get_by_text("the right answer is positive")).to_be_visible()
    screen.wait_for_timeout(500)
    assert [(row.label, row.comment) for row in api.feedback_for(text)] == [("positive", "It is irony")]
    expect(screen.get_by_role("button", name=ENGLISH.correct)).to_be_disabled()


def test_impatient_clicks_on_correct_while_the_api_is_slow_store_one_row(screen: Page, api: LiveApi) -> None:
    text = "late for the third time"
    analyse(screen, text)
    earlier = len(api.keys_sent)
    api.answer_after(0.8)
    for _ in range(5):
        screen.get_by_role("button", name=ENGLISH.correct).click(force=True, no_wait_after=True)
    expect(screen.get_by_text(ENGLISH.thanks_confirmed)).to_be_visible(timeout=15_000)
    assert len(set(api.keys_sent[earlier:])) == 1
    assert [row.verdict for row in api.feedback_for(text)] == ["confirmed"]


def test_a_click_followed_at_once_by_another_button_is_not_lost(screen: Page, api: LiveApi) -> None:
    text = "late, and the crew was lovely"
    analyse(screen, text)
    api.answer_after(0.5)
    screen.get_by_role("button", name=ENGLISH.correct).click(no_wait_after=True)
    screen.get_by_role("button", name=ENGLISH.analyse, exact=True).click(no_wait_after=True)
    expect(screen.get_by_text(ENGLISH.thanks_confirmed)).to_be_visible(timeout=15_000)
    assert [row.verdict for row in api.feedback_for(text)] == ["confirmed"]


@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_impatient_clicks_on_analyse_are_one_prediction(screen: Page, api: LiveApi, seconds: float) -> None:
    text = f"late, and impatient for {seconds} seconds"
    screen.get_by_label("Tweet", exact=True).fill(text)
    api.answer_after(seconds)
    for _ in range(4):
        screen.get_by_role("button", name=ENGLISH.analyse, exact=True).click(force=True, no_wait_after=True)
    expect(screen.get_by_role("heading", name="Negative")).to_be_visible(timeout=15_000)
    screen.wait_for_timeout(2500)
    assert api.predictions_of(text) == 1


def test_a_verdict_given_while_the_api_is_away_is_kept_and_stored_once(screen: Page, api: LiveApi) -> None:
    text = "late, never again"
    analyse(screen, text)
    fill_rejection(screen, "They said so nicely")
    api.stop()
    screen.get_by_role("button", name=ENGLISH.send, exact=True).click()
    expect(screen.get_by_text(ENGLISH.kept_verdict)).to_be_visible()
    keep_picture(screen, "api-away")
    expect(screen.get_by_label(ENGLISH.comment)).to_have_value("They said so nicely")
    expect(screen.get_by_role("radio", name="Positive")).to_be_checked()
    api.start()
    screen.get_by_role("button", name=ENGLISH.try_again).dblclick()
    expect(screen.get_by_text("the right answer is positive")).to_be_visible()
    screen.wait_for_timeout(500)
    assert [row.comment for row in api.feedback_for(text)] == ["They said so nicely"]


def test_a_tweet_typed_while_the_api_is_away_is_kept_and_analysed_later(screen: Page, api: LiveApi) -> None:
    api.stop()
    screen.get_by_label("Tweet", exact=True).fill("late without an API")
    screen.keyboard.press("Control+Enter")
    expect(screen.get_by_text(ENGLISH.kept_tweet)).to_be_visible()
    expect(screen.get_by_label("Tweet", exact=True)).to_have_value("late without an API")
    api.start()
    screen.get_by_role("button", name=ENGLISH.try_again).click()
    expect(screen.get_by_role("heading", name="Negative")).to_be_visible()


def test_the_words_that_made_the_difference_are_marked(screen: Page) -> None:
    analyse(screen, "late, never so late, lovely plane")
    marks = screen.locator(".st-key-quoted mark")
    expect(marks).to_have_text(["late,", "never", "late,", "lovely"])
    assert [mark.get_attribute("class") for mark in marks.all()] == ["for", "for", "for", "against"]


def test_what_is_being_typed_stays_when_the_language_changes(screen: Page) -> None:
    screen.get_by_label("Tweet", exact=True).fill("half a sen")
    screen.get_by_text(FRENCH.own_name, exact=True).click()
    expect(screen.get_by_role("heading", name=FRENCH.page_title)).to_be_visible()
    expect(screen.get_by_label("Tweet", exact=True)).to_have_value("half a sen")


def test_the_counter_follows_the_typing_and_a_pasted_text_is_not_cut(screen: Page) -> None:
    field = screen.get_by_label("Tweet", exact=True)
    field.press_sequentially("late")
    expect(screen.get_by_text("4 / 1000 characters")).to_be_visible()
    field.fill("x" * 1204)
    expect(screen.get_by_text("1204 / 1000 characters")).to_be_visible()
    screen.get_by_role("button", name=ENGLISH.analyse, exact=True).click()
    expect(screen.get_by_text("This tweet is too long: 1,204 characters")).to_be_visible()
    expect(field).to_have_value("x" * 1204)


def test_an_example_fills_the_field_and_the_counter(screen: Page) -> None:
    example = ENGLISH.examples[0]
    screen.get_by_role("button", name=example).click()
    expect(screen.get_by_label("Tweet", exact=True)).to_have_value(example)
    expect(screen.get_by_text(f"{len(example)} / 1000 characters")).to_be_visible()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_in_answer_comment_and_history(screen: Page, api: LiveApi, text: str) -> None:
    analyse(screen, text)
    fill_rejection(screen, text)
    screen.get_by_role("button", name=ENGLISH.send, exact=True).click()
    expect(screen.get_by_text("Thank you")).to_be_visible()
    visible = text.translate(dict.fromkeys(map(ord, BIDI)))
    expect(screen.locator(".st-key-quoted mark").first).to_be_visible()
    assert screen.locator(".st-key-quoted p").first.inner_text() == visible
    for place in (".st-key-stored-comment", ".st-key-past-0"):
        assert screen.locator(f"{place} [data-testid=stText]").first.inner_text() == visible
    foreign = "a[href*='evil'], img[src*='evil'], a[href^='javascript'], [data-testid=stMain] script, .katex"
    assert screen.locator(foreign).count() == 0
    assert [row.comment for row in api.feedback_for(text)] == [text]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_at_any_width(screen: Page, width: int, scheme: str) -> None:
    screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    screen.set_viewport_size({"width": width, "height": 1600})
    screen.reload()
    screen.get_by_label("Tweet", exact=True).wait_for()
    keep_picture(screen, f"{scheme}-{width}-empty")
    analyse(screen, "late again " + "w" * 200)
    keep_picture(screen, f"{scheme}-{width}-answer")
    fill_rejection(screen, "It is irony")
    keep_picture(screen, f"{scheme}-{width}-rejection")
    screen.get_by_role("button", name=ENGLISH.send, exact=True).click()
    expect(screen.get_by_text("Thank you")).to_be_visible()
    analyse(screen, "a plane")
    expect(screen.get_by_text(ENGLISH.unsure)).to_be_visible()
    keep_picture(screen, f"{scheme}-{width}-history")
    main = screen.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    expect(screen.get_by_text("Deploy")).to_have_count(0)
