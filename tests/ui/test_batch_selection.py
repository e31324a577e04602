"""Which rows of the results are shown: each choice alone, several together, and in every order."""

import numpy as np
import pytest
from batch_work import texts_of

from ui.api.predictions import ModelReference, Prediction
from ui.batch.answers import Answers
from ui.batch.selection import Filter, Order, orders, select_rows
from ui.batch.texts import Fate, Texts

TEXTS = ["late Flight", "lovely crew", None, "LATE (again)", "a.b flight", "é vol"]
NEGATIVE = [0.9, 0.2, None, 0.9, 0.55, None]
MODEL = ModelReference(name="m", version="1", digest="d")


@pytest.fixture
def texts() -> Texts:
    return texts_of(TEXTS)


@pytest.fixture
def answers() -> Answers:
    answers = Answers(len(TEXTS))
    for row, share in enumerate(NEGATIVE):
        if share is not None:
            answers.note(np.array([row]), [prediction(share)])
    answers.set_apart(2, Fate.EMPTY)
    return answers


def prediction(share: float) -> Prediction:
    label = "negative" if share > 0.5 else "positive"
    return Prediction(
        label=label,
        probability=max(share, 1 - share),
        probabilities={"negative": share, "positive": 1 - share},
        abstained=0.4 < share < 0.6,
        model=MODEL,
        prediction_id="0190",
    )


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (Filter(), [0, 1, 2, 3, 4, 5]),
        (Filter(label="negative"), [0, 3, 4]),
        (Filter(label="positive"), [1]),
        (Filter(label="neutral"), []),
        (Filter(is_unanswered=True), [2, 5]),
        (Filter(is_unsure=True), [4]),
        (Filter(contains="late"), [0, 3]),
        (Filter(contains="FLIGHT"), [0, 4]),
        (Filter(contains="(again)"), [3]),
        (Filter(contains="a.b"), [4]),
        (Filter(contains="É"), [5]),
        (Filter(contains="nowhere"), []),
        (Filter(label="negative", contains="late"), [0, 3]),
        (Filter(is_unanswered=True, contains="vol"), [5]),
        (Filter(is_unanswered=True, is_unsure=True), []),
        (Filter(order=Order.LEAST_SURE), [4, 1, 0, 3, 2, 5]),
        (Filter(order=Order.MOST_NEGATIVE), [0, 3, 4, 1, 2, 5]),
        (Filter(label="negative", order=Order.LEAST_SURE), [4, 0, 3]),
    ],
)
def test_rows_are_chosen_and_put_in_order(texts: Texts, answers: Answers, wanted: Filter, rows: list[int]) -> None:
    assert list(select_rows(texts, answers, wanted)) == rows


@pytest.mark.parametrize("order", list(Order))
def test_before_any_answer_the_order_is_that_of_the_file(texts: Texts, order: Order) -> None:
    assert list(select_rows(texts, Answers(len(TEXTS)), Filter(order=order))) == [0, 1, 2, 3, 4, 5]


def test_most_negative_is_offered_where_a_model_says_negative(answers: Answers) -> None:
    assert Order.MOST_NEGATIVE in orders(answers)
    assert Order.MOST_NEGATIVE not in orders(Answers(3))
