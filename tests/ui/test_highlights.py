"""Which words made the difference: found, named, and never read as markup."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_api import LiveApi
from odd_api import odd_api
from person import marked, press, shown, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.analyse.highlights import Piece, pieces_of, side_of, strongest
from ui.api.predictions import Contribution, Explanation
from ui.words.english.wording import ENGLISH


def explanation(text: str, *tokens: tuple[int, int, float]) -> Explanation:
    found = [Contribution(start=start, end=end, contribution=added) for start, end, added in tokens]
    return Explanation(text=text, label="negative", tokens=found)


def test_the_parts_of_a_word_count_together() -> None:
    found = pieces_of(explanation("unbeliev able!", (0, 2, 0.5), (2, 8, 0.25), (9, 13, 1.0), (13, 14, -0.5)))
    assert found == [Piece("unbeliev ", 0.75), Piece("able!", 0.5)]


def test_blanks_at_both_ends_and_of_all_kinds_stay() -> None:
    text = "  late\u00a0again \n"
    assert "".join(piece.text for piece in pieces_of(explanation(text))) == text


@given(st.text(max_size=40))
def test_nothing_of_a_text_is_left_out(text: str) -> None:
    assert "".join(piece.text for piece in pieces_of(explanation(text))) == text


def test_a_word_that_hardly_counts_is_not_marked() -> None:
    assert side_of(Piece("a", 0.1), 1.0) == "none"
    assert side_of(Piece("a", 0.04), 0.04) == "none"
    assert (side_of(Piece("a", 0.2), 1.0), side_of(Piece("a", -0.2), 1.0)) == ("for", "against")


def test_the_strongest_words_are_named_first() -> None:
    pieces = [Piece("late ", 1.0), Piece("so ", 0.3), Piece("never ", 2.0), Piece("thanks", -1.5), Piece("very ", 0.4)]
    assert strongest(pieces, "for", 2.0) == ["never", "late", "very"]
    assert strongest(pieces, "against", 2.0) == ["thanks"]


@pytest.mark.parametrize(("word", "name"), [("late, ", "late"), ("(never!) ", "never"), ("😡 ", "😡"), ("?! ", "?!")])
def test_a_word_is_named_without_the_signs_around_it(word: str, name: str) -> None:
    assert strongest([Piece(word, 1.0), Piece(word.upper(), 0.9)], "for", 1.0)[0] == name


def test_words_that_spoke_for_the_answer_are_told_from_those_against_it(page: AppTest) -> None:
    type_and_analyse(page, "late, never so late, lovely plane")
    sides = {piece.strip(" ,"): side for piece, side in marked(page)}
    assert (sides["late"], sides["lovely"], sides["plane"]) == ("for", "against", "none")
    assert "Spoke for negative: late, never\n" in shown(page)
    assert "Spoke against negative: lovely\n" in shown(page)


def test_hiding_characters_are_left_out_of_the_marked_words(page: AppTest) -> None:
    type_and_analyse(page, "late \u202eyrev\u200b again")
    assert "".join(piece for piece, _ in marked(page)) == "late yrev again"


def test_without_an_explanation_the_tweet_is_quoted_as_it_is(open_page: Callable[[str], AppTest]) -> None:
    predicted = (
        b'{"prediction_id": "1", "label": "negative", "probability": 0.9, "abstained": false, '
        b'"probabilities": {"negative": 0.9, "positive": 0.1}, "model": {"name": "m", "version": "1", "digest": "d"}}'
    )
    with odd_api(200, predicted) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
    assert marked(page) == []
    assert "late again" in shown(page) and ENGLISH.unexplained in shown(page)
    assert not page.exception


def test_an_explanation_is_asked_for_once(page: AppTest, api: LiveApi) -> None:
    type_and_analyse(page, "late again")
    assert marked(page)
    api.stop()
    press(page, "wrong")
    assert marked(page) and ENGLISH.unexplained not in shown(page)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_words_are_in_the_language_of_the_page(page: AppTest, language: str) -> None:
    page.segmented_control(key="language").set_value(language).run()
    type_and_analyse(page, "late again")
    assert {"en": "Spoke for negative: late", "fr": "Parlait pour négatif : late"}[language] in shown(page)
