"""Text by others is counted as the API counts it and loses what could mislead a reader."""

import pytest

from ui.elements.inert import count_characters, plain_word, readable


def test_an_accent_written_in_two_pieces_counts_once() -> None:
    assert count_characters("e\u0301") == 1


def test_an_emoji_counts_once() -> None:
    assert count_characters("😀") == 1


def test_characters_that_reorder_or_hide_text_are_not_shown() -> None:
    assert readable("pay\u202eevil\u2066\u200b\x07 now") == "payevil now"


@pytest.mark.parametrize(
    "character",
    ["\u200e", "\u200f", "\u061c", "\u00ad", "\u2062", "\u2028", "\u180e", "\u3164", "\u115f", "\ufff9", "\U000e0041"],
)
def test_no_invisible_character_is_shown(character: str) -> None:
    assert readable(f"a{character}b") == "ab"


def test_lines_scripts_and_emoji_families_stay_as_written() -> None:
    text = "one\n\ttwo 👨‍👩‍👧 میروم שלום"
    assert readable(text) == text


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("very_negative", "very negative"),
        ("![x](https://example.org/a.png)", "x https example org a png"),
        ("<b>mixed</b>", "b mixed b"),
        (":red[loud]", "red loud"),
        ("***", ""),
    ],
)
def test_a_label_is_reduced_to_words(label: str, shown: str) -> None:
    assert plain_word(label) == shown
