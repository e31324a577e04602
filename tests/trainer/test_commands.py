"""The commands, as a user types them, on this repository's own tweets."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from trainer.settings import Settings

ROOT = Path(__file__).parents[2]


def trainer(*arguments: str, code: int = 0) -> str:
    """Run a command; give back what it printed, both streams."""
    answer = subprocess.run(
        [sys.executable, "-m", "trainer", *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == code, answer.stderr
    return answer.stdout + answer.stderr


def test_from_tweets_to_champion(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    said = trainer("train", "tfidf_logreg", "--dataset", "sample")
    assert "registered as" in said
    assert "trainer gate 1" in said
    folder = tmp_path / "bundles" / "tfidf_logreg"
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert card["command"] == "trainer train tfidf_logreg --dataset sample"
    assert [scores["dataset"] for scores in card["metrics"]] == ["sample"]
    size = card["metrics"][0]["size"]
    assert f"| sample, test | {size} |" in trainer("evaluate", str(folder))
    assert "version 1 is the champion" in trainer("register", str(folder), "--champion-if-none")
    assert "version 2 was refused beside version 1" in trainer("train", "tfidf_forest", "--dataset", "sample")

    run = MlflowClient(settings.tracking_uri).search_runs([experiment_id(settings)], order_by=["start_time DESC"])[1]
    assert run.data.params["dataset"] == "sample"
    assert {"fit_seconds", "sample.test.accuracy", "sample.test.auc", "sample.test.microseconds_per_tweet"} <= set(
        run.data.metrics
    )
    plots = {file.path for file in MlflowClient(settings.tracking_uri).list_artifacts(run.info.run_id, "plots")}
    assert plots == {f"plots/sample.test.{name}.png" for name in ("roc", "confusion", "calibration")}


def experiment_id(settings: Settings) -> str:
    mlflow.set_tracking_uri(settings.tracking_uri)
    experiment = mlflow.get_experiment_by_name(settings.experiment)
    assert experiment is not None
    return str(experiment.experiment_id)


def test_a_file_of_ones_own(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    lines = [f"{word} flight {turn}\t{mood}" for turn in range(60) for word, mood in (("late", 0), ("great", 1))]
    (tmp_path / "mine (1).tsv").write_text("tweet\tmood\n" + "\n".join(lines), encoding="utf-8")
    columns = ("--text-column", "tweet", "--label-column", "mood")
    printed = trainer("train", "tfidf_logreg", "--dataset", str(tmp_path / "mine (1).tsv"), *columns)
    assert "| mine_1, test |" in printed
    card = json.loads((tmp_path / "bundles" / "tfidf_logreg" / "model.json").read_text(encoding="utf-8"))
    assert (
        card["command"] == "trainer train tfidf_logreg --dataset 'mine (1).tsv' --text-column tweet --label-column mood"
    )


def test_show_prints_and_writes_the_fingerprint(settings: Settings, tmp_path: Path) -> None:
    printed = trainer("dataset", "sample", "--output", str(tmp_path / "sample"))
    card = json.loads((tmp_path / "sample" / "dataset.json").read_text(encoding="utf-8"))
    assert f"fingerprint {card['fingerprint']}" in printed
    assert "kept" in printed
    sides = {name: pd.read_parquet(tmp_path / "sample" / f"{name}.parquet") for name in ("train", "validation", "test")}
    assert sum(len(side) for side in sides.values()) == sum(split["tweets"] for split in card["report"]["splits"])
    assert set(sides["test"]["label"]) == {"negative", "positive"}


def test_list_names_every_set(settings: Settings) -> None:
    printed = trainer("dataset", "list")
    assert all(
        name in printed for name in ("sentiment140", "us_airline", "semeval", "tweeteval", "umsab_french", "sample")
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("train", "tfidf_logreg", "--dataset", "sentiment140"), "TRAINER_DATA_DIR"),
        (("train", "gpt"), "no candidate 'gpt'"),
        (("train", "tfidf_logreg", "--dataset", "nothing"), "there is no dataset 'nothing'"),
        (("evaluate", "nowhere"), "not a bundle"),
        (("register", "nowhere"), "not a bundle"),
        (("evaluate", "README.md"), "not a bundle"),
        (("gate", "7"), "no version 7"),
        (("promote", "7", "--reason", "x"), "the API does not answer at http://127.0.0.1:9"),
        (("journal", "--at", "2026-03-01"), "start it (`make run`), or set TRAINER_API_URL"),
        (("evaluate", "models/champion", "--recorded", "--write", "/nowhere/x.md"), "/nowhere/x.md"),
        (("train", "tfidf_logreg", "--dataset", "sample", "--limit", "5"), "too small to train on"),
        (("train", "tfidf_logreg", "--dataset", "sample", "--labels", "neutral,positive"), "must hold 'negative'"),
    ],
)
def test_a_mistake_is_one_line(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], line: str
) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("TRAINER_API_URL", "http://127.0.0.1:9")
    printed = trainer(*arguments, code=1)
    assert line in printed.splitlines()[-1]
    assert printed.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in printed


def test_a_wrong_variable_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_SEED", "abc")
    assert trainer("dataset", "list", code=1).startswith("error: Settings: ")


def test_a_store_that_cannot_be_opened_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "foo://bar")
    assert trainer("gate", "1", code=1).count("error: ") == 1


def test_promoting_needs_a_reason(settings: Settings) -> None:
    assert "--reason" in trainer("promote", "1", code=2)
