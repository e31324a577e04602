"""The threshold follows the costs, the band holds the share asked for, and a training writes both into the bundle."""

import mlflow
import numpy as np
import numpy.typing as npt
import pytest
from mlflow import MlflowClient
from pydantic import ValidationError
from scipy.special import logit

from trainer.bundle import Bundle, load_bundle
from trainer.dataset import Tweets
from trainer.decision import (
    build_costs,
    certainty,
    choose_decision,
    decide_band,
    log_odds,
    threshold_for,
)
from trainer.decision_plots import cost_curve
from trainer.served_model import negative_share
from trainer.settings import Settings
from trainer.training import settle_decision

TWO, THREE = ["negative", "positive"], ["positive", "negative", "neutral"]


def draw_honest(labels: int, tweets: int = 20_000) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Probabilities, and truths drawn from them: a model that is calibrated by construction."""
    rng = np.random.default_rng(7)
    probabilities = rng.dirichlet(np.ones(labels), tweets)
    truth = (rng.random((tweets, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, labels - 1)
    return probabilities.astype(np.float32), truth.astype(np.int64)


@pytest.mark.parametrize(("cost", "threshold"), [(1, 0.5), (1.5, 0.4), (3, 0.25), (9, 0.1), (0.25, 0.8)])
def test_the_dearer_a_miss_the_lower_the_threshold(cost: float, threshold: float) -> None:
    assert threshold_for(cost) == threshold


@pytest.mark.parametrize("labels", [TWO, THREE])
@pytest.mark.parametrize("cost", [0.5, 1.5, 4])
def test_with_honest_probabilities_no_threshold_is_cheaper(labels: list[str], cost: float) -> None:
    probabilities, truth = draw_honest(len(labels))
    costs = build_costs(truth, probabilities, labels, cost)
    cheapest = min(costs.at(threshold) for threshold in np.linspace(0.02, 0.98, 97))
    assert costs.at(threshold_for(cost)) <= cheapest + 0.003
    assert costs.at(threshold_for(cost)) < costs.at(0.5)


def test_costs_of_four_tweets() -> None:
    """At 0.5 one negative is missed; at 0.4 it is found, at the price of a false alarm."""
    probabilities = np.array([[0.9, 0.1], [0.45, 0.55], [0.42, 0.58], [0.1, 0.9]], dtype=np.float32)
    costs = build_costs(np.array([0, 0, 1, 1]), probabilities, TWO, 1.5)
    assert (costs.at(0.5), costs.at(0.4)) == (1.5 / 4, 1 / 4)


def test_where_cost_is_one_the_cost_is_the_share_of_mistakes() -> None:
    probabilities, truth = draw_honest(3)
    assert build_costs(truth, probabilities, THREE, 1).at(0.5) == pytest.approx(
        (probabilities.argmax(axis=1) != truth).mean()
    )


@pytest.mark.parametrize("asked", [0.05, 0.1, 0.4])
def test_the_band_holds_the_share_asked_for(asked: float) -> None:
    share = np.random.default_rng(7).beta(0.5, 0.5, 1_000)
    decision = choose_decision(share, missed_negative_cost=1.5, abstain_share=asked)
    low, high = decision.abstain_band
    assert ((share >= low) & (share <= high)).mean() == pytest.approx(asked, abs=0.002)
    assert logit(decision.threshold) - logit(low) == pytest.approx(logit(high) - logit(decision.threshold), abs=1e-4)


def test_tweets_alike_are_left_together_and_a_share_of_none_leaves_none() -> None:
    share = np.array([0.4] * 5 + [0.9] * 5)
    assert decide_band(share, 0.5, 0.2) == (pytest.approx(0.4, abs=2e-6), pytest.approx(0.6, abs=2e-6))
    assert decide_band(share, 0.5, 0) == (0.5, 0.5)


def test_a_model_that_is_sure_of_every_tweet_it_knows_still_answers_others() -> None:
    share = np.array([0.0, 1.0, 1.0])
    assert np.isfinite(certainty(share, 0.4)).all() and np.isfinite(log_odds(share)).all()
    low, high = decide_band(share, 0.4, 0.5)
    assert 0.03 < low < 0.4 < high < 0.94


@pytest.mark.parametrize("labels", [TWO, THREE])
def test_it_is_the_rule_that_is_served(bundle: Bundle, labels: list[str]) -> None:
    probabilities, _ = draw_honest(len(labels), 500)
    served = bundle.classifier
    served.labels, served.threshold, served.abstain_band = labels, 0.3, (0.2, 0.45)
    chosen, abstained = served.decide(probabilities)
    share = negative_share(probabilities, labels)
    assert ((share >= 0.3) == (chosen == labels.index("negative"))).all()
    assert (((share >= 0.2) & (share <= 0.45)) == abstained).all()


def test_a_training_settles_it_and_logs_what_it_saves(
    bundle: Bundle, tweets: Tweets, client: MlflowClient, settings: Settings
) -> None:
    with mlflow.start_run() as run:
        settled = settle_decision(bundle, tweets, settings.model_copy(update={"missed_negative_cost": 1.5}))
    assert load_bundle(bundle.folder).digest == settled.digest != bundle.digest
    assert settled.card.threshold == settled.classifier.threshold == 0.4
    low, high = settled.card.abstain_band
    assert 0 < low < 0.4 < high < 1
    logged = client.get_run(run.info.run_id).data
    assert (logged.params["missed_negative_cost"], logged.params["threshold"]) == ("1.5", "0.4")
    saved = logged.metrics["validation.cost_at_half"] - logged.metrics["validation.cost"]
    assert logged.metrics["validation.cost_saved"] == pytest.approx(saved)


@pytest.mark.parametrize("variable", ["TRAINER_MISSED_NEGATIVE_COST", "TRAINER_ABSTAIN_SHARE"])
@pytest.mark.parametrize("value", ["-1", "nan", "1000"])
def test_a_cost_or_share_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_cost_curve_marks_the_threshold_and_one_half() -> None:
    probabilities, truth = draw_honest(2)
    figure = cost_curve(build_costs(truth, probabilities, TWO, 1.5), 0.4)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text()[:5] for text in legend.get_texts()] == ["0.50:", "0.40:"]
