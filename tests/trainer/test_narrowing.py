"""A bundle of fewer labels out of one of more."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.bundle import Bundle, BundleRefused, load_bundle
from trainer.calibration import fit_temperature
from trainer.candidates import CANDIDATES
from trainer.dataset import Dataset, load_dataset
from trainer.fit_record import FitRecord, write_record
from trainer.narrowing import columns_of, log_of, narrow
from trainer.settings import Settings
from trainer.training import Training, export

THREE = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("wide")
    dataset = load_dataset("sample", data_dir=folder, labels=THREE)
    fitted = CANDIDATES["tfidf_logreg"].fit(dataset.train, dataset.validation, seed=7, checkpoints=folder)
    bundle = export("tfidf_logreg", fitted, dataset, folder=folder, command="trainer train")
    write_record(folder, FitRecord(fit_seconds=12.5, peak_megabytes=300, history=[]))
    return bundle


def narrowed(source: Bundle, binary: Dataset, client: MlflowClient, settings: Settings, folder: Path) -> Training:
    return narrow(source, binary, [], client, settings, folder=folder, command="trainer narrow")


def test_what_is_left_has_the_wide_bundles_odds(
    wide: Bundle, binary: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    bundle = narrowed(wide, binary, client, settings, tmp_path / "narrow").bundle
    texts = [*binary.test.texts, "", "word " * 300]
    whole, left = wide.classifier.probabilities(texts), bundle.classifier.probabilities(texts)
    validation = wide.classifier.probabilities(binary.validation.texts)[:, [0, 2]]
    temperature = fit_temperature(log_of(validation), binary.validation.labels)
    odds = np.log(whole[:, 0]) - np.log(whole[:, 2])
    np.testing.assert_allclose(np.log(left[:, 0]) - np.log(left[:, 1]), odds / temperature, atol=1e-3)
    np.testing.assert_allclose(left.sum(axis=1), 1, atol=1e-6)


def test_it_is_a_bundle_like_any_other(
    wide: Bundle, binary: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    digest = wide.digest
    result = narrowed(wide, binary, client, settings, tmp_path / "narrow")
    card = load_bundle(tmp_path / "narrow").card
    assert card.labels == ["negative", "positive"]
    assert card.command == "trainer train && trainer narrow"
    assert [scores.dataset for scores in card.metrics] == ["sample"]
    assert card.metrics[0].accuracy > 0.5
    assert result.fit_seconds == 12.5, "what the fit cost is still known"
    assert result.registered.is_new
    assert load_bundle(wide.folder).digest == digest, "the wide bundle stays as it is"


def test_the_command_says_how_to_make_it_again(
    wide: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    typed = ["narrow", str(wide.folder), "--dataset", "sample", "--limit", "900", "--output", str(tmp_path / "narrow")]
    printed = CliRunner().invoke(app, typed, catch_exceptions=False).output
    assert "fitted in 12.5 s" in printed and "registered as" in printed
    assert load_bundle(tmp_path / "narrow").card.command == (
        "trainer train && trainer narrow --dataset sample --limit 900"
    )


def test_the_wide_bundle_is_not_written_over(wide: Bundle, settings: Settings) -> None:
    answer = CliRunner().invoke(app, ["narrow", str(wide.folder), "--output", str(wide.folder)])
    assert isinstance(answer.exception, BundleRefused)
    assert load_bundle(wide.folder).digest == wide.digest


def test_what_nobody_knows_about_the_fit_is_not_made_up(
    wide: Bundle, binary: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    shutil.copytree(wide.folder, tmp_path / "wide", ignore=shutil.ignore_patterns("training.json"))
    result = narrowed(load_bundle(tmp_path / "wide"), binary, client, settings, tmp_path / "narrow")
    assert result.fit_seconds is None
    assert not (tmp_path / "narrow" / "training.json").exists()


@pytest.mark.parametrize("labels", [THREE, ("negative", "great")])
def test_labels_that_are_not_some_of_the_bundles_are_refused(labels: tuple[str, ...], wide: Bundle) -> None:
    with pytest.raises(BundleRefused, match="negative, neutral, positive"):
        columns_of(labels, wide)
