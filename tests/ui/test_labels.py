"""A label is a word, an icon and a colour; an unknown one is still readable."""

from ui.elements.labels import label_markup, label_word, percent


def test_negative_has_word_icon_and_colour() -> None:
    assert label_markup("negative") == ":red[:material/sentiment_dissatisfied: Negative]"


def test_an_unknown_label_is_shown_in_words() -> None:
    assert label_word("very_negative") == "Very negative"


def test_a_label_of_signs_only_is_a_question_mark() -> None:
    assert label_word("<>") == "?"


def test_a_probability_is_a_percentage_with_one_decimal() -> None:
    assert percent(0.95257) == "95.3%"
