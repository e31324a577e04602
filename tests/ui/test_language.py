"""The languages: each says everything, with the same gaps to fill, and the page speaks the one that was chosen."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

import pytest
from live_api import LiveApi
from person import shown, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH
from ui.words.language import CHOSEN, language_of


def sentences(words: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield path, words
    elif isinstance(words, dict):
        for key, value in words.items():
            yield from sentences(value, f"{path}.{key}")
    elif isinstance(words, tuple):
        for number, value in enumerate(words):
            yield from sentences(value, f"{path}.{number}")
    elif is_dataclass(words):
        for each in fields(words):
            yield from sentences(getattr(words, each.name), f"{path}.{each.name}")


def gaps(sentence: str) -> set[str]:
    return set(re.findall(r"\{[a-z_]+\}", sentence))


def test_both_languages_say_the_same_things() -> None:
    assert dict(sentences(ENGLISH)).keys() == dict(sentences(FRENCH)).keys()


def test_no_sentence_is_empty_and_each_has_the_same_gaps() -> None:
    french = dict(sentences(FRENCH))
    for path, english in sentences(ENGLISH):
        assert english and french[path], path
        assert gaps(english) == gaps(french[path]), path


def test_whole_sentences_are_translated() -> None:
    french = dict(sentences(FRENCH))
    same = [path for path, english in sentences(ENGLISH) if french[path] == english and len(english.split()) > 3]
    assert same == []


def test_french_puts_narrow_spaces_where_french_puts_spaces() -> None:
    assert FRENCH.number(1234567.5, 1) == "1\u202f234\u202f567,5"
    assert FRENCH.percent(0.123, 1) == "12,3\u202f%"
    assert (ENGLISH.number(1234567), ENGLISH.percent(0.5)) == ("1,234,567", "50%")


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR-fr", "fr"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_browser_says_which_language_comes_first(locale: str | None, language: str) -> None:
    assert language_of(locale) == language


def choose(page: AppTest, language: str) -> None:
    switch = next(each for each in page.segmented_control if each.key == CHOSEN)
    switch.set_value(language).run()


def test_the_page_speaks_the_language_that_is_chosen(api: LiveApi, open_page: Callable[[str], AppTest]) -> None:
    page = open_page(api.url)
    assert page.title[0].value == ENGLISH.page_title
    choose(page, "fr")
    assert page.title[0].value == FRENCH.page_title
    type_and_analyse(page, "late never")
    assert FRENCH.question in shown(page) and ENGLISH.question not in shown(page)


def test_what_is_typed_and_what_was_answered_stays_when_the_language_changes(page: AppTest) -> None:
    type_and_analyse(page, "late never")
    choose(page, "fr")
    assert page.text_area(key="tweet").value == "late never"
    assert FRENCH.labels["negative"].word in shown(page)


def test_what_a_click_had_to_say_is_said_in_the_language_of_now(page: AppTest) -> None:
    type_and_analyse(page, "  ")
    assert ENGLISH.tweet_missing in shown(page)
    choose(page, "fr")
    assert FRENCH.tweet_missing in shown(page)
