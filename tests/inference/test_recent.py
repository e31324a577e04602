"""Answers that are remembered: of the same text only, the newest few thousand, and never another model's."""

from collections.abc import Callable
from pathlib import Path

from inference.classifier import load_classifier
from inference.decision import Classification
from inference.recent import HALF_TEXTS, LONGEST_TEXT, RecentAnswers

ANSWER = Classification("negative", 0.9, {"negative": 0.9, "positive": 0.1}, False)


def test_a_text_that_was_answered_is_known_and_no_other() -> None:
    recent = RecentAnswers()
    assert recent.get("late") is None
    assert recent.keep("late", ANSWER) is ANSWER
    assert recent.get("late") is ANSWER
    assert recent.get("Late") is None


def test_the_oldest_are_forgotten_and_the_newest_are_not() -> None:
    recent = RecentAnswers()
    for number in range(10 * HALF_TEXTS):
        recent.keep(str(number), ANSWER)
    known = [number for number in range(10 * HALF_TEXTS) if recent.get(str(number))]
    assert HALF_TEXTS <= len(known) <= 2 * HALF_TEXTS
    assert known == list(range(known[0], 10 * HALF_TEXTS))


def test_long_texts_take_no_room() -> None:
    recent = RecentAnswers()
    recent.keep("x" * (LONGEST_TEXT + 1), ANSWER)
    assert recent.get("x" * (LONGEST_TEXT + 1)) is None


def test_a_model_does_not_know_what_another_answered(make_bundle: Callable[..., Path]) -> None:
    first = load_classifier(make_bundle("first"))
    second = load_classifier(make_bundle("second", weights=[0, 0, -2, 3, -2, -3, 0]))
    for _ in range(2):
        assert [each.label for each in first.predict(["late", "late"])] == ["negative", "negative"]
        assert [each.label for each in second.predict(["late"])] == ["positive"]
