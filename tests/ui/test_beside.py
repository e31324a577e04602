"""Champion and challenger on the same tweet."""

import json
from collections.abc import Callable

from live_api import LiveApi
from odd_api import odd_api
from person import keys, press, shown, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.api.client import Client
from ui.settings import Settings
from ui.words.english.wording import ENGLISH


def opinion(label: str, version: str, *, abstained: bool = False) -> dict[str, object]:
    others = {"negative": 0.25, "positive": 0.25}
    return {
        "label": label,
        "probability": 0.75,
        "probabilities": others | {label: 0.75},
        "abstained": abstained,
        "model": {"name": "![x](https://example.org)", "version": version, "digest": "d"},
    }


def both(challenger: dict[str, object] | None) -> bytes:
    """One answer to every question that the page asks."""
    champion = opinion("negative", "1")
    return json.dumps(champion | {"prediction_id": "1", "champion": champion, "challenger": challenger}).encode()


def test_both_models_are_shown_side_by_side(open_page: Callable[[str], AppTest]) -> None:
    with odd_api(200, both(opinion("positive", "2", abstained=True))) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
        press(page, "compare")
    said = shown(page)
    assert ENGLISH.compared in said and ENGLISH.unsure_short in said
    assert "Negative]** 75.0%" in said and "Positive]** 75.0%" in said
    versions = [text.value.rpartition(" ")[2] for text in page.text if "version" in text.value]
    assert versions == ["1", "1", "2"]
    rendered = [element.value for kind in (page.markdown, page.caption) for element in kind]
    assert not [value for value in rendered if "example" in value]
    assert "compare" not in keys(page)


def test_without_a_challenger_the_page_says_how_one_comes(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    press(page, "compare")
    assert ENGLISH.no_challenger in shown(page)
    assert not page.error


def test_with_the_api_away_the_question_can_be_asked_again(page: AppTest, api: LiveApi) -> None:
    type_and_analyse(page, "late again")
    api.stop()
    press(page, "compare")
    assert ENGLISH.kept_comparison in shown(page) and "compare" in keys(page)
    api.start()
    press(page, "compare")
    assert ENGLISH.no_challenger in shown(page) and not page.error


def test_what_the_api_refuses_is_not_asked_again(open_page: Callable[[str], AppTest]) -> None:
    with odd_api(200, both(None)) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
    with odd_api(422, b'{"detail": "no"}') as url:
        entry = page.session_state["session"].current
        entry.compare(Client(Settings(api_url=url)))
    page.run()
    assert ENGLISH.refused_comparison in shown(page) and "compare" not in keys(page)


def test_the_next_tweet_is_compared_anew(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    press(page, "compare")
    type_and_analyse(page, "lovely crew")
    assert "compare" in keys(page) and ENGLISH.no_challenger not in shown(page)
