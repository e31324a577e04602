"""Scores, checked against figures worked out by hand."""

import numpy as np
import pytest

from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.evaluation import calibration_error, evaluate, score
from trainer.plots import draw

LABELS = ["negative", "positive"]


def test_scores_of_four_tweets() -> None:
    truth = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]], dtype=np.float32)
    scores = score(truth, probabilities, np.array([0, 1, 1, 1]), LABELS, dataset="four", split="test")
    assert scores.accuracy == 0.75
    assert scores.auc == 1.0
    assert scores.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-4)
    assert scores.log_loss == pytest.approx(-np.log([0.9, 0.4, 0.7, 0.8]).mean(), abs=1e-4)
    assert (scores.accuracy_low, scores.accuracy_high) == (0.3006, 0.9544)  # Wilson, 3 of 4
    assert scores.macro_recall == 0.75


def test_the_price_of_the_threshold_can_be_told_from_the_model() -> None:
    """A threshold of 0.3 calls the second tweet negative, whose most probable label is the right one."""
    probabilities = np.array([[0.9, 0.1], [0.35, 0.65], [0.2, 0.8]], dtype=np.float32)
    scores = score(np.array([0, 1, 1]), probabilities, np.array([0, 0, 1]), LABELS, dataset="three", split="test")
    assert (scores.accuracy, scores.argmax_accuracy) == (0.6667, 1.0)
    assert scores.macro_recall == 0.75


def test_a_model_that_is_as_sure_as_it_is_right_is_calibrated() -> None:
    probabilities = np.array([[0.75, 0.25]] * 4, dtype=np.float32)
    assert calibration_error(np.array([0, 0, 0, 1]), probabilities) == pytest.approx(0)
    assert calibration_error(np.array([1, 1, 1, 1]), probabilities) == pytest.approx(0.75)


def test_it_reads_the_bundle_and_raw_text(bundle: Bundle, tweets: Tweets) -> None:
    evaluation = evaluate(bundle, tweets, dataset="lines", split="test")
    assert evaluation.scores.size == 50
    assert evaluation.scores.accuracy >= 0.9
    assert evaluation.microseconds_per_tweet > 0


def test_the_threshold_decides(bundle: Bundle) -> None:
    bundle.classifier.threshold = 0.2
    probabilities = np.array([[0.3, 0.7], [0.1, 0.9], [0.5, 0.5]], dtype=np.float32)
    chosen, abstained = bundle.classifier.decide(probabilities)
    assert chosen.tolist() == [0, 1, 0]
    assert abstained.tolist() == [False, False, True]


def test_every_plot_is_drawn(bundle: Bundle, tweets: Tweets) -> None:
    plots = dict(draw(evaluate(bundle, tweets, dataset="lines", split="test")))
    assert set(plots) == {"roc", "confusion", "calibration"}
    assert all("lines test, 50 tweets" in plot.axes[0].get_title() for plot in plots.values())
