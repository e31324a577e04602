"""The same on real tweets: a champion of SemEval meets an airline's, and people say what is right, or lie about it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from tests.trainer.verdicts import Labelled, People, answering, flipped
from trainer import retraining
from trainer.api import Api
from trainer.bundle import Bundle, load_bundle
from trainer.candidates import find_candidate
from trainer.cleaning import keys, repair_all
from trainer.dataset import Tweets, load_dataset
from trainer.evaluation import evaluate
from trainer.registry import CHAMPION, register
from trainer.retraining import Request
from trainer.settings import Settings
from trainer.training import export

pytestmark = pytest.mark.data

ROOT = Path(__file__).parents[2]
LABELS = ("negative", "positive")
TWELVE = [f"person-{number}" for number in range(12)]


@pytest.fixture(scope="module")
def folder(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SemEval, and what must not be trained on beside it; no test set about airlines."""
    folder = tmp_path_factory.mktemp("data")
    for file in (*data_dir.glob("semeval_pool*"), *data_dir.glob("tweeteval_val*")):
        (folder / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="module")
def airline(data_dir: Path) -> tuple[list[Labelled], list[Labelled]]:
    """The first half in the file's order, and what the second has that the first does not."""
    table = pd.read_csv(data_dir / "us_airline.csv", dtype=str)
    table = table[table.airline_sentiment.isin(LABELS)]
    texts = repair_all(list(table.text), has_airline_artefacts=True)
    told = [Labelled(text, label) for text, label in zip(texts, table.airline_sentiment, strict=True)]
    marks, middle = keys(texts), len(texts) // 2
    shown = set(marks[:middle])
    return told[:middle], [
        tweet for tweet, mark in zip(told[middle:], marks[middle:], strict=True) if mark not in shown
    ]


@pytest.fixture(scope="module")
def learned(folder: Path) -> Bundle:
    dataset = load_dataset("semeval", data_dir=folder)
    fitted = find_candidate("tfidf_logreg").fit(dataset.train, dataset.validation, seed=7, checkpoints=folder)
    return export("tfidf_logreg", fitted, dataset, folder=folder / "bundle", command="trainer train")


Retrain = Callable[..., retraining.Retraining]


@pytest.fixture
def meet(
    folder: Path, learned: Bundle, client: MlflowClient, settings: Settings, tmp_path: Path
) -> Callable[[], AbstractContextManager[tuple[People, Retrain]]]:
    @contextmanager
    def start():  # type: ignore[no-untyped-def]
        register(learned, client, settings)
        client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
        own = {
            "data_dir": folder,
            "behaviour_dir": ROOT / "data/behaviour",
            "proposals_dir": tmp_path / "proposals",
            "checkpoints_dir": tmp_path / "checkpoints",
        }
        with answering(tmp_path / "api", learned.folder) as people:
            chosen = settings.model_copy(update=own | {"api_url": people.url})
            yield people, lambda **request: retraining.retrain(Request(**request), Api(chosen), client, chosen)

    return start


def macro_f1(bundle: Bundle, tweets: list[Labelled]) -> float:
    labels = np.array([LABELS.index(tweet.label) for tweet in tweets], dtype=np.int64)
    asked = Tweets([tweet.text for tweet in tweets], labels)
    return evaluate(bundle, asked, dataset="unseen", split="test").scores.macro_f1


def test_what_people_corrected_helps_on_tweets_that_nobody_was_shown(
    meet, learned: Bundle, airline: tuple[list[Labelled], list[Labelled]], settings: Settings
) -> None:
    traffic, unseen = airline
    with meet() as (people, retrain):
        people.have_judged(traffic, *TWELVE)
        made = retrain()
    assert made.proposal.verdict.passed, made.proposal.verdict.failed
    challenger = load_bundle(settings.bundles_dir / "tfidf_logreg-retrained")
    assert macro_f1(challenger, unseen) >= macro_f1(learned, unseen) + 0.05
    [kept] = [each for each in made.proposal.sets if each.dataset == "semeval"]
    assert kept.challenger.macro_f1 >= kept.champion.macro_f1 - 0.005


def test_without_a_test_set_about_airlines_their_flipped_labels_fall_at_the_behavioural_tests(
    meet, airline: tuple[list[Labelled], list[Labelled]]
) -> None:
    liar = "m" * 64
    with meet() as (people, retrain):
        people.have_judged(flipped(airline[0][:2000]), liar)
        with pytest.raises(retraining.RetrainRefused, match="100% of the batch"):
            retrain()
        made = retrain(trusted=(liar,))
    assert not made.proposal.verdict.passed
    assert "behaviours" in {check.name for check in made.proposal.verdict.failed}
    lost = [each for each in made.proposal.behaviours_lost if each.capability == "said to an airline"]
    assert len(lost) >= 5
