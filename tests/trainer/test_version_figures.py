"""The figures beside a registered version: taken from its bundle, measured, and stored on a real MLflow store."""

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tests.trainer.made_bundles import recarded
from trainer import serving_cost
from trainer.bundle import Bundle, add_metrics, load_bundle
from trainer.card import Scores
from trainer.registry import connect, experiment_id, register
from trainer.settings import Settings
from trainer.training import hand_in
from trainer.version_figures import measure_figures, write_tag

AIRLINE = Scores(
    dataset="us_airline",
    split="test",
    size=1092,
    accuracy=0.9322,
    accuracy_low=0.9158,
    accuracy_high=0.9457,
    macro_f1=0.8905,
    auc=0.967,
    log_loss=0.1798,
    calibration_error=0.0225,
)
SAMPLE = AIRLINE.model_copy(update={"dataset": "sample", "size": 335, "accuracy": 0.6537})


@pytest.fixture
def scored(bundle: Bundle) -> Bundle:
    return add_metrics(bundle, [AIRLINE, SAMPLE])


def tags(client: MlflowClient, settings: Settings, version: str = "1") -> dict[str, str]:
    found: dict[str, str] = client.get_model_version(settings.model_name, version).tags
    return found


def lose(client: MlflowClient, settings: Settings, *keys: str) -> None:
    """As a version is that was registered before there were such tags."""
    for key in keys:
        client.delete_model_version_tag(settings.model_name, "1", key)


def test_the_figures_are_those_of_the_bundle_under_its_own_names(scored: Bundle) -> None:
    figures = json.loads(write_tag(measure_figures(scored)))
    assert list(figures) == ["metrics", "microseconds", "megabytes"]
    airline, sample = figures["metrics"]
    assert airline == {
        "dataset": "us_airline",
        "split": "test",
        "size": 1092,
        "accuracy": 0.9322,
        "accuracy_low": 0.9158,
        "accuracy_high": 0.9457,
        "macro_f1": 0.8905,
    }
    assert (sample["dataset"], sample["size"], sample["accuracy"]) == ("sample", 335, 0.6537)


def test_the_size_is_that_of_the_three_files(scored: Bundle) -> None:
    (scored.folder / "training.json").write_text("x" * 1_000_000, encoding="utf-8")
    files = ("model.json", "tokenizer.json", "model.onnx")
    size = sum((scored.folder / file).stat().st_size for file in files)
    assert measure_figures(scored).megabytes == round(size / 1e6, 3) > 0


def test_the_time_is_that_of_one_golden_tweet_a_call_as_the_comparison_measures_it(
    scored: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert measure_figures(scored).microseconds > 0
    asked = []

    def measured(bundle: Bundle, texts: list[str]) -> float:
        asked.extend(texts)
        return 63.84

    monkeypatch.setattr(serving_cost, "microseconds_alone", measured)
    assert measure_figures(scored).microseconds == 63.8
    assert asked == [golden.text for golden in scored.card.golden]


def test_a_bundle_that_was_never_evaluated_has_its_costs_alone(bundle: Bundle) -> None:
    figures = measure_figures(bundle)
    assert figures.metrics == []
    assert min(figures.microseconds, figures.megabytes) > 0


@pytest.mark.parametrize("count", [5, 500])
def test_a_tag_stays_short_and_keeps_the_first_sets(bundle: Bundle, count: int) -> None:
    sets = [AIRLINE.model_copy(update={"dataset": f"set {number}"}) for number in range(count)]
    tag = write_tag(measure_figures(add_metrics(bundle, sets)))
    assert len(tag) < 5_000
    kept = [each["dataset"] for each in json.loads(tag)["metrics"]]
    assert kept == [each.dataset for each in sets[: len(kept)]]
    assert len(kept) == count or len(kept) > 20


# --- beside the version


def test_a_registered_bundle_has_its_figures_and_its_experiment(
    scored: Bundle, client: MlflowClient, settings: Settings
) -> None:
    register(scored, client, settings)
    found = tags(client, settings)
    figures = json.loads(found["figures"])
    assert [each["dataset"] for each in figures["metrics"]] == ["us_airline", "sample"]
    assert figures["megabytes"] == round(scored.megabytes, 3)
    assert found["experiment_id"] == experiment_id(client, settings)


def test_what_a_run_hands_in_has_the_figures_and_the_experiment_of_that_run(
    scored: Bundle, client: MlflowClient, settings: Settings
) -> None:
    run = client.create_run(experiment_id(client, settings))
    hand_in(scored, [], [], client, settings, run_id=run.info.run_id, record=None)
    assert client.get_model_version(settings.model_name, "1").run_id == run.info.run_id
    assert tags(client, settings)["experiment_id"] == run.info.experiment_id
    assert "figures" in tags(client, settings)


def test_registering_again_measures_nothing_anew(
    scored: Bundle, client: MlflowClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(scored, client, settings)
    before = tags(client, settings)
    monkeypatch.setattr(serving_cost, "microseconds_alone", lambda *_: 1e9)
    assert not register(load_bundle(scored.folder), client, settings).is_new
    assert tags(client, settings) == before


def test_a_version_of_before_gets_what_it_lacks_when_it_is_registered_again(
    scored: Bundle, client: MlflowClient, settings: Settings
) -> None:
    register(scored, client, settings)
    before = tags(client, settings)
    lose(client, settings, "figures", "experiment_id")
    register(scored, client, settings)
    found = tags(client, settings)
    assert found.keys() == before.keys()
    assert found["experiment_id"] == before["experiment_id"]
    assert json.loads(found["figures"])["metrics"] == json.loads(before["figures"])["metrics"]


def test_a_tag_of_somebody_elses_is_left_as_it_is(scored: Bundle, client: MlflowClient, settings: Settings) -> None:
    register(scored, client, settings)
    client.set_model_version_tag(settings.model_name, "1", "figures", "seen on a slide")
    register(scored, client, settings)
    assert tags(client, settings)["figures"] == "seen on a slide"


def test_a_version_without_a_run_gets_its_figures_and_no_experiment(
    scored: Bundle, client: MlflowClient, settings: Settings
) -> None:
    client.create_registered_model(settings.model_name)
    by_hand = scored.folder.as_uri()
    client.create_model_version(settings.model_name, by_hand, tags={"digest": scored.digest})
    assert not register(scored, client, settings).is_new
    assert set(tags(client, settings)) == {"digest", "figures"}


def test_a_version_whose_run_is_gone_for_good_gets_its_figures_and_no_experiment(
    scored: Bundle, client: MlflowClient, settings: Settings
) -> None:
    client.create_registered_model(settings.model_name)
    client.create_model_version(
        settings.model_name, scored.folder.as_uri(), run_id="f" * 32, tags={"digest": scored.digest}
    )
    register(scored, client, settings)
    assert set(tags(client, settings)) == {"digest", "figures"}


def test_each_version_has_its_own(scored: Bundle, client: MlflowClient, settings: Settings, tmp_path: Path) -> None:
    register(scored, client, settings)
    better = AIRLINE.model_copy(update={"accuracy": 0.95})
    register(add_metrics(recarded(scored, tmp_path / "other"), [better]), client, settings)
    accuracies = [
        json.loads(tags(connect(settings), settings, version)["figures"])["metrics"][0]["accuracy"]
        for version in ("1", "2")
    ]
    assert accuracies == [0.9322, 0.95]
