"""What is photographed: each page in both languages, light and dark, wide and narrow; and the first use by steps."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample" / "airline_en.csv"
# The model of the loop's round takes this for negative.
TWEET = "They found an earlier flight for me, no charge, aisle seat, and I made my daughter's recital"
# And the champion that comes with this repository takes this for positive.
FIRST_TWEET = (
    "Two hours on the tarmac in Lyon and not one word from the crew, but the view was lovely. Thanks for nothing!"
)
COMMENT = "It is irony"
# Light and dark, both languages, both widths, each at least once with each other.
LOOKS = (("light", "en", 1280), ("dark", "fr", 1280), ("light", "fr", 390), ("dark", "en", 390))
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
# What is below is more of the same.
TALLEST = 2400
COLOURS = 128
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@dataclass
class Photographer:
    browser: Browser
    url: str
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def takes(self) -> list[Callable[[], None]]:
        return [partial(self.take, name, show, *look) for name, show in PAGES.items() for look in LOOKS]

    def take(self, name: str, show: Callable[[Page], None], scheme: str, language: str, width: int) -> None:
        page = self.open(scheme, language, width)
        page.goto(f"{self.url}/{name if name != 'analyse' else ''}")
        show(page)
        self.keep(page, self.folder / "pages" / f"{name}-{scheme}-{language}-{width}.png", whole=True)
        page.context.close()

    def first_use(self, url: str) -> None:
        """Each step as a new user sees it."""
        page = self.open("light", "en", 1280)
        page.goto(url)
        for number, step in enumerate(FIRST_STEPS, 1):
            step(page)
            settle(page)
            self.keep(page, self.folder / "first-use" / f"{number}.png", whole=False)
        page.context.close()

    def open(self, scheme: str, language: str, width: int) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=LOCALES[language],
            timezone_id="Europe/Paris",
        )
        return context.new_page()

    def keep(self, page: Page, file: Path, *, whole: bool) -> None:
        main = page.get_by_test_id("stMain")
        if main.evaluate("element => element.scrollWidth > element.clientWidth"):
            self.complaints.append(f"{file.name}: wider than the screen")
        if page.get_by_test_id("stException").count():
            self.complaints.append(f"{file.name}: an exception is shown")
        if whole:
            height = int(main.evaluate("element => element.scrollHeight"))
            width = int(page.evaluate("innerWidth"))
            page.set_viewport_size({"width": width, "height": max(600, min(height, TALLEST))})
            settle(page)
        file.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def settle(page: Page) -> None:
    page.locator(IDLE).wait_for(timeout=60_000)
    # Charts and transitions are drawn after the script has ended.
    page.wait_for_timeout(1500)


def analyse(page: Page) -> None:
    page.locator(".st-key-analyse button").click()
    page.locator(".st-key-answer").wait_for(timeout=30_000)


def type_tweet(page: Page, tweet: str = FIRST_TWEET) -> None:
    page.locator(".st-key-tweet textarea").fill(tweet)


def say_wrong(page: Page) -> None:
    page.locator('[class*="st-key-wrong-"] button').click()


def type_comment(page: Page) -> None:
    page.locator('[class*="st-key-comment-"] textarea').fill(COMMENT)


def send(page: Page) -> None:
    page.locator('[class*="st-key-send-"] button').click()


def show_analyse(page: Page) -> None:
    settle(page)
    type_tweet(page, TWEET)
    analyse(page)
    settle(page)
    page.locator(".st-key-compare button").click()
    settle(page)
    say_wrong(page)
    settle(page)


def show_batch(page: Page) -> None:
    settle(page)
    page.locator('input[type="file"]').set_input_files(SAMPLE)
    settle(page)
    page.locator('[class*="st-key-batch-start-"] button').click()
    page.locator(".st-key-batch-counts").wait_for(timeout=120_000)
    settle(page)


PAGES: dict[str, Callable[[Page], None]] = {
    "monitor": settle,
    "review": settle,
    "models": settle,
    "analyse": show_analyse,
    # Last: its tweets come in too, all within a minute.
    "batch": show_batch,
}

FIRST_STEPS = (settle, type_tweet, analyse, say_wrong, type_comment, send)
