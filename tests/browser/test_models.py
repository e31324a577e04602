"""Promoting and rolling back in a real browser, before the real service and a real MLflow."""

import os
from pathlib import Path

import pytest
import requests
from live_api import LiveApi
from playwright.sync_api import Browser, Locator, Page, expect
from rejections import client_of, wait_until

from tests.browser.watching import served_pages, watched_page
from tests.inference.conftest import RegisteredModel
from tests.inference.drifting import body
from ui.words.english.wording import ENGLISH

pytestmark = pytest.mark.browser

WORDS, MOVES = ENGLISH.models, ENGLISH.moves
# The page looks every second here; the machine may be busy.
SOON = 15_000
WIDTHS = (1280, 390)
HOSTILE = "<img src=https://evil.example/a.png> ![x](https://evil.example/a.png) [x](https://evil.example) \u202e"


def champion(screen: Page, version: str) -> Locator:
    return screen.get_by_role("heading", name=WORDS.champion.format(version=version))


def promotion(screen: Page) -> Locator:
    return screen.locator(".st-key-promotion")


def rollback(screen: Page) -> Locator:
    return screen.locator(".st-key-rollback")


def ask(form: Locator, button: str, reason: str, name: str | None = None) -> None:
    form.get_by_label(MOVES.reason).fill(reason)
    if name is not None:
        form.get_by_label(MOVES.name).fill(name)
    form.get_by_role("button", name=button).click()


def promote(screen: Page, reason: str = "Better on delays", name: str = "Ana") -> None:
    ask(promotion(screen), MOVES.promote_asks, reason, name)
    promotion(screen).get_by_role("button", name=MOVES.promote_now.format(version="2")).dblclick()


def journal_lines(screen: Page, count: int) -> list[list[str]]:
    """Once so many are there: the journal is drawn after the champion."""
    rows = screen.locator("[class*='st-key-row-journal-']")
    expect(rows).to_have_count(count + 1, timeout=SOON)
    return [row.get_by_test_id("stText").all_inner_texts() for row in rows.all()[1:]]


def drawn_to_the_end(screen: Page) -> None:
    """What a refresh brought is drawn whole once the next one begins, at the top."""
    freshness = screen.locator(".st-key-freshness")
    expect(freshness).not_to_have_text(freshness.inner_text(), timeout=SOON)


def live_traffic(api: LiveApi) -> None:
    """Until the challenger has read along, and a person has judged a tweet on which they disagree."""
    client = client_of(api)
    judged = client.predict("two hours late and nobody said a word")
    client.send_feedback(judged.prediction_id, "confirmed", idempotency_key="k")

    def is_judged() -> bool:
        for tweet in ("late again", "thanks for nothing", "a great crew", "fine"):
            client.predict(tweet)
        return any(each.champion_right for each in client.read_shadow())

    wait_until(is_judged, "the challenger did not read along")


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(500)
        screen.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_challenger_is_promoted_answers_and_is_rolled_back(model_screen: Page, model_api: LiveApi) -> None:
    client = client_of(model_api)
    assert client.predict("late").model.version == "1"
    ask(promotion(model_screen), MOVES.promote_asks, "Better on delays", "Ana")
    said = MOVES.promote_confirm.format(version="2", champion="1")
    expect(promotion(model_screen).get_by_text(said)).to_be_visible(timeout=SOON)
    promotion(model_screen).get_by_role("button", name=MOVES.promote_now.format(version="2")).dblclick()
    expect(model_screen.get_by_text(MOVES.promoted.format(version="2"))).to_be_visible(timeout=SOON)
    expect(champion(model_screen, "2")).to_be_visible(timeout=SOON)
    wait_until(lambda: client.predict("late").model.version == "2", "version 2 does not answer")
    assert client.predict("late").label == "positive"
    # The name is known by now.
    ask(rollback(model_screen), MOVES.roll_back_asks, "Delays read as praise")
    said = MOVES.roll_back_confirm.format(version="1", champion="2")
    expect(rollback(model_screen).get_by_text(said)).to_be_visible(timeout=SOON)
    rollback(model_screen).get_by_role("button", name=MOVES.roll_back_now).dblclick()
    expect(model_screen.get_by_text(MOVES.rolled_back.format(version="1"))).to_be_visible(timeout=SOON)
    expect(champion(model_screen, "1")).to_be_visible(timeout=SOON)
    wait_until(lambda: client.predict("late").model.version == "1", "version 1 does not answer again")
    back, forth, first = journal_lines(model_screen, 3)
    assert back[1:] == ["Rolled back", "2 → 1", "Ana", "Delays read as praise"]
    assert forth[1:] == ["Promoted", "1 → 2", "Ana", "Better on delays"]
    assert first[1:4] == ["Found", "– → 1", WORDS.nobody]


def test_who_types_is_not_interrupted_by_what_comes_in_or_an_api_that_goes_away(
    model_screen: Page, model_api: LiveApi
) -> None:
    reason = promotion(model_screen).get_by_label(MOVES.reason)
    reason.press_sequentially("Better on")
    live_traffic(model_api)
    expect(model_screen.get_by_text("The last disagreements")).to_be_visible(timeout=SOON)
    model_api.stop()
    expect(model_screen.get_by_text("does not answer. What you see here is of ")).to_be_visible(timeout=SOON)
    expect(reason).to_be_focused()
    reason.press_sequentially(" delays")
    expect(reason).to_have_value("Better on delays")
    keep_picture(model_screen, "models-api-away")
    model_api.start()
    expect(model_screen.get_by_text("does not answer. What you see here is of ")).to_be_hidden(timeout=SOON)
    expect(reason).to_have_value("Better on delays")


def test_what_was_unfolded_stays_open_when_the_page_refreshes(model_screen: Page, model_api: LiveApi) -> None:
    live_traffic(model_api)
    fold = model_screen.get_by_text("The last disagreements")
    fold.click(timeout=SOON)
    tweet = model_screen.get_by_text("two hours late and nobody said a word")
    expect(tweet).to_be_visible()
    drawn_to_the_end(model_screen)
    expect(tweet).to_be_visible()


def test_another_page_and_back_keeps_what_is_about_to_be_sent(model_screen: Page) -> None:
    ask(promotion(model_screen), MOVES.promote_asks, "Better on delays", "Ana")
    expect(promotion(model_screen).get_by_text("Ana: Better on delays")).to_be_visible(timeout=SOON)
    model_screen.get_by_role("link", name=ENGLISH.monitor.page).click()
    expect(model_screen.get_by_role("heading", name=ENGLISH.alerts.none_yet)).to_be_visible(timeout=SOON)
    model_screen.get_by_role("link", name=WORDS.page).click()
    expect(promotion(model_screen).get_by_text("Ana: Better on delays")).to_be_visible(timeout=SOON)
    promotion(model_screen).get_by_role("button", name=MOVES.back).click()
    expect(promotion(model_screen).get_by_label(MOVES.reason)).to_have_value("Better on delays", timeout=SOON)
    expect(promotion(model_screen).get_by_label(MOVES.name)).to_have_value("Ana")


def test_the_page_works_as_the_first_address_after_a_start(chromium: Browser, model_api: LiveApi) -> None:
    with served_pages(model_api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/models")
        expect(champion(page, "1")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("link", name=ENGLISH.analyse)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_hostile_text_is_shown_as_text(model_screen: Page, challenged: RegisteredModel) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(challenged.url, challenged.url)
    client.update_model_version(challenged.name, "2", HOSTILE)
    client.set_model_version_tag(challenged.name, "2", "candidate", HOSTILE)
    expect(model_screen.get_by_text("<img src=https://evil.example/a.png>").first).to_be_visible(timeout=SOON)
    drawn_to_the_end(model_screen)
    model_screen.get_by_text(WORDS.card, exact=True).nth(1).click()
    promote(model_screen, HOSTILE, "Ana")
    expect(model_screen.get_by_text(MOVES.promoted.format(version="2"))).to_be_visible(timeout=SOON)
    assert model_screen.locator("a[href*='evil'], img[src*='evil']").count() == 0
    assert "\u202e" not in model_screen.get_by_test_id("stMain").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_at_any_width(model_screen: Page, model_api: LiveApi, width: int, scheme: str) -> None:
    model_screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    model_screen.set_viewport_size({"width": width, "height": 3600})
    live_traffic(model_api)
    client_of(model_api).predict("late " + "w" * 300)
    assert requests.post(f"{model_api.url}/v1/drift-reports", json=body(), timeout=10).status_code == 201
    expect(model_screen.get_by_text(WORDS.drift_words["drifted"])).to_be_visible(timeout=SOON)
    keep_picture(model_screen, f"models-{scheme}-{width}")
    for fold in ("Every check", "The last disagreements", "Every monitor"):
        model_screen.get_by_text(fold).click(timeout=SOON)
    model_screen.get_by_text(WORDS.card, exact=True).nth(1).click()
    promote(model_screen, "r" * 300, "n" * 120)
    expect(model_screen.get_by_text(MOVES.promoted.format(version="2"))).to_be_visible(timeout=SOON)
    keep_picture(model_screen, f"models-{scheme}-{width}-promoted")
    main = model_screen.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
