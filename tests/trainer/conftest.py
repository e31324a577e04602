"""What the trainer's tests share: a store, and one small fit that many tests look at."""

from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from trainer.bundle import Bundle, write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate
from trainer.card import DatasetCard
from trainer.dataset import Tweets
from trainer.registry import connect
from trainer.settings import Settings

LABELS = ("negative", "positive")
LINES = {
    0: ("the flight was late again", "they lost my bag", "rude crew and cold food", "never again", "late late late :("),
    1: (
        "the crew was lovely",
        "great flight, thank you",
        "on time and kind",
        "love this airline :)",
        "thank you so much",
    ),
}


@pytest.fixture(scope="session")
def tweets() -> Tweets:
    """Fifty tweets, ten phrases five times over with a number, so that phrases repeat."""
    texts = [f"{line} number {turn}" for turn in range(5) for lines in LINES.values() for line in lines]
    labels = [label for _ in range(5) for label, lines in LINES.items() for _ in lines]
    return Tweets(texts, np.array(labels, dtype=np.int64))


@pytest.fixture(scope="session")
def fitted(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> FittedCandidate:
    return CANDIDATES["tfidf_logreg"].fit(tweets, tweets, seed=7, checkpoints=tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def bundle(fitted: FittedCandidate, tmp_path: Path) -> Bundle:
    return write_bundle(
        tmp_path / "bundle",
        name="tfidf_logreg",
        labels=LABELS,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="trainer train tfidf_logreg --dataset lines",
        dataset=DatasetCard(name="lines", fingerprint="0" * 64, train=50, validation=50, test=0),
    )


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for MLflow on SQLite; making its database takes seconds, so it is made once."""
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture
def settings(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of one test: a registered model of its own in the shared store, bundles in the test's folder."""
    variables = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{store}/mlflow.db",
        "TRAINER_ARTIFACTS_DIR": str(store / "artifacts"),
        "TRAINER_BUNDLES_DIR": str(tmp_path / "bundles"),
        "TRAINER_MODEL_NAME": f"model-{tmp_path.name}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def client(settings: Settings) -> MlflowClient:
    return connect(settings)
