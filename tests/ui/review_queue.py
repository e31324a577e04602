"""A review queue filled over the API, and what a person sees and does on its page, in the words of the tests."""

from dataclasses import dataclass
from datetime import timedelta

import requests
from live_api import LiveApi
from person import press
from rejections import client_of
from streamlit.testing.v1 import AppTest

from ui.elements.inert import readable
from ui.review.desk import Desk, Turn

TWEETS = ("late again", "never late", "lovely crew", "thanks a lot", "lovely and never late")


def fill(api: LiveApi, *tweets: str) -> None:
    client = client_of(api)
    for tweet in tweets or TWEETS:
        client.predict(tweet)


def desk_of(page: AppTest) -> Desk:
    desk = page.session_state["review_desk"]
    assert isinstance(desk, Desk)
    return desk


def tweet_on(page: AppTest) -> str:
    """That is before the person."""
    current = desk_of(page).current
    assert current is not None and current.item.text is not None
    assert readable(current.item.text) in [text.value for text in page.text]
    return current.item.text


def answer(page: AppTest, label: str) -> str:
    """The tweet that was answered."""
    tweet, turn = tweet_on(page), desk_of(page).current
    assert turn is not None
    press(page, f"answer-{list(turn.item.probabilities).index(label) + 1}-")
    return tweet


def confirm(page: AppTest) -> str:
    turn = desk_of(page).current
    assert turn is not None
    return answer(page, turn.item.label)


def without_glance(page: AppTest) -> AppTest:
    """Tests answer faster than anybody reads."""
    desk_of(page).glance = timedelta(0)
    return page


@dataclass(frozen=True)
class Said:
    text: str
    verdict: str
    label: str
    comment: str | None
    # A pseudonym; None for nobody in particular.
    reviewer: str | None


def said(api: LiveApi) -> list[Said]:
    """Every verdict that is stored, the oldest first."""
    items = requests.get(f"{api.url}/v1/feedback", params={"limit": 100}, timeout=5).json()["items"]
    return [Said(*(each[name] for name in ("text", "verdict", "label", "comment", "reviewer"))) for each in items]


def turn_of(page: AppTest) -> Turn:
    turn = desk_of(page).current
    assert turn is not None
    return turn


def verdicts(api: LiveApi) -> list[tuple[str, str, str]]:
    return [(each.text, each.verdict, each.label) for each in said(api)]


def other(label: str) -> str:
    return "positive" if label == "negative" else "negative"
