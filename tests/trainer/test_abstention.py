"""The risk/coverage curve, worked out by hand, and what the shipped band does."""

import numpy as np
import pytest

from trainer.abstention import abstention_of, curve_of, risk_coverage
from trainer.bundle import Bundle, set_decision
from trainer.dataset import Tweets
from trainer.decision_plots import risk_coverage as draw_risk_coverage
from trainer.evaluation import evaluate
from trainer.figures import abstention_table


def test_the_surest_are_answered_first() -> None:
    curve = risk_coverage(np.array([True, False, False, True]), np.array([0.1, 3.0, 2.0, 1.0]))
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert curve.risk.tolist() == [0, 0, 1 / 3, 1 / 2]
    assert curve.area == pytest.approx((1 / 3 + 1 / 2) / 4)


def test_the_order_of_equally_sure_tweets_says_nothing() -> None:
    wrong, sure = np.array([True, False, False, False]), np.array([1.0, 1.0, 1.0, 2.0])
    assert risk_coverage(wrong, sure).risk.tolist() == risk_coverage(wrong[[1, 2, 0, 3]], sure).risk.tolist()
    assert risk_coverage(wrong, sure).risk[-1] == 0.25


def test_a_model_that_knows_what_it_does_not_know_has_the_smaller_area() -> None:
    wrong = np.arange(100) < 20
    knows, ignores = risk_coverage(wrong, np.arange(100.0)), risk_coverage(wrong, -np.arange(100.0))
    assert knows.area < 0.2 < ignores.area


def test_the_band_lies_on_the_curve(bundle: Bundle, tweets: Tweets) -> None:
    wide = set_decision(bundle, 0.5, (0.2, 0.8))
    evaluation = evaluate(wide, tweets, dataset="lines", split="test")
    found, curve = abstention_of(evaluation), curve_of(evaluation)
    answered = round(found.coverage * len(tweets))
    assert 0 < answered == (~evaluation.abstained).sum()
    assert found.risk == pytest.approx(curve.risk[answered - 1])
    assert found.risk_of_all == pytest.approx(1 - evaluation.scores.accuracy, abs=1e-4)
    title = draw_risk_coverage(evaluation).axes[0].get_title()
    assert title == "lines test, 50 tweets"


def test_a_band_over_everything_answers_nothing(bundle: Bundle, tweets: Tweets) -> None:
    evaluation = evaluate(set_decision(bundle, 0.5, (0, 1)), tweets, dataset="lines", split="test")
    found = abstention_of(evaluation)
    assert (found.coverage, found.risk) == (0, None)
    assert "| lines, test | 100.0% | – |" in abstention_table([(evaluation.scores, found)])
