"""Studies, on this repository's own tweets and a real MLflow store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.candidates import Candidate, FittedCandidate
from trainer.candidates.search_space import Report, Searchable, Trial, report_to, to_nobody
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.dataset import Dataset, DatasetError, Tweets, load_dataset
from trainer.errors import TrainerError
from trainer.settings import Settings
from trainer.studies import embeddings, learning_curve, preparation, search
from trainer.study import ARM, Arm, Result, open_study, run_arms
from trainer.study_report import draw_arms, table, write_report

FITS: list[str] = []


@dataclass(frozen=True)
class Observed:
    """The classic candidate, which writes down when it is fitted and may be interrupted or report its steps."""

    name: str
    interrupted: bool = field(default=False, repr=False)
    level: float = 0
    report: Report = field(default=to_nobody, repr=False, compare=False)

    def search_space(self, trial: Trial) -> Candidate:
        return replace(self, level=trial.suggest_float("level", 0, 1), report=report_to(trial))

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedCandidate:
        FITS.append(self.name)
        checkpoints.mkdir(parents=True, exist_ok=True)
        if self.interrupted:
            raise KeyboardInterrupt
        for step in range(2):
            self.report(step, self.level)
        return TfidfLogreg().fit(train, validation, seed=seed, checkpoints=checkpoints)


@pytest.fixture(scope="module")
def sample() -> Dataset:
    """The sample without its test side, which no study may need."""
    dataset = load_dataset("sample", data_dir=Path("nowhere"))
    return replace(dataset, test=Tweets([], np.zeros(0, dtype=np.int64)))


@pytest.fixture
def dataset(sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """The same under a fingerprint of the test's own: the tests share one MLflow store."""
    FITS.clear()
    monkeypatch.setenv("TRAINER_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    return replace(sample, fingerprint=tmp_path.name)


def run_study(arms: Sequence[Arm], client: MlflowClient, settings: Settings) -> list[Result]:
    with open_study("test", arms[0].dataset, client, settings) as run_id:
        return run_arms(arms, client, settings, run_id=run_id)


def children(dataset: Dataset, client: MlflowClient, settings: Settings, name: str = "test") -> list[Run]:
    with open_study(name, dataset, client, settings) as run_id:
        experiment = client.get_run(run_id).info.experiment_id
    return list(client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{run_id}'"))


def test_every_arm_is_a_child_run_scored_on_validation_only(
    dataset: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    arms = [Arm(name, Observed(name), dataset) for name in ("first", "second")]
    results = run_study(arms, client, settings)
    runs = children(dataset, client, settings)
    assert {run.info.run_name for run in runs} == {"first", "second"}
    assert all("sample.validation.log_loss" in run.data.metrics for run in runs)
    assert not any(".test." in name for run in runs for name in run.data.metrics)
    assert client.search_registered_models(f"name = '{settings.model_name}'") == []
    assert [(each.arm, each.train_tweets, each.scores.size) for each in results] == [
        (name, len(dataset.train), len(dataset.validation)) for name in ("first", "second")
    ]
    with open_study("test", dataset, client, settings) as run_id:
        write_report(tmp_path / "report", table(results), draw_arms(results))
    assert "| first | 1,229 | 0." in (tmp_path / "report" / "table.md").read_text(encoding="utf-8")
    kept = {file.path for file in client.list_artifacts(run_id, "study")}
    assert kept == {"study/table.md", "study/plot.png"} and (tmp_path / "report" / "plot.png").is_file()


def test_an_interrupted_study_goes_on_with_the_arm_that_was_cut(
    dataset: Dataset, client: MlflowClient, settings: Settings
) -> None:
    arms = [Arm(name, Observed(name, interrupted=name == "second"), dataset) for name in ("first", "second")]
    with pytest.raises(KeyboardInterrupt):
        run_study(arms, client, settings)
    assert len(list(settings.checkpoints_dir.iterdir())) == 1  # of the arm that was cut
    healthy = [Arm(name, Observed(name), dataset) for name in ("first", "second")]
    first = run_study(healthy, client, settings)
    assert FITS == ["first", "second", "second"]
    assert list(settings.checkpoints_dir.iterdir()) == []
    assert run_study(healthy, client, settings) == first
    assert FITS == ["first", "second", "second"]


def test_another_setting_dataset_or_seed_is_another_fit(dataset: Dataset, settings: Settings) -> None:
    arm = Arm("arm", TfidfLogreg(), dataset)
    others = [
        Arm("arm", TfidfLogreg(max_words=9), dataset),
        Arm("arm", TfidfLogreg(), replace(dataset, fingerprint="other")),
        Arm("arm", TfidfLogreg(), replace(dataset, labels=("positive", "negative"))),
    ]
    assert len({arm.key(7), arm.key(8), *(other.key(7) for other in others)}) == 5
    assert Arm("renamed", TfidfLogreg(report=lambda step, loss: None), dataset).key(7) == arm.key(7)


def test_a_side_without_a_label_is_refused_before_the_first_fit(
    dataset: Dataset, client: MlflowClient, settings: Settings
) -> None:
    tiny = learning_curve.cut(dataset, 1)
    with pytest.raises(DatasetError, match="too small to train on"):
        run_study([Arm("whole", Observed("whole"), dataset), Arm("tiny", Observed("tiny"), tiny)], client, settings)
    assert FITS == []


def test_preparation_has_nine_arms_and_todays_baseline_is_the_first(dataset: Dataset) -> None:
    arms = preparation.build_arms(dataset)
    assert arms[0].candidate == TfidfLogreg()
    assert len({arm.key(7) for arm in arms}) == len({arm.name for arm in arms}) == 9


def test_embeddings_have_an_arm_per_candidate(dataset: Dataset) -> None:
    assert [arm.name for arm in embeddings.build_arms(dataset, [Observed("a"), Observed("b")])] == ["a", "b"]


def test_a_curve_cuts_the_train_side_only(dataset: Dataset, caplog: pytest.LogCaptureFixture) -> None:
    arms = learning_curve.build_arms(dataset, [TfidfLogreg()], [100, 200, 9_999_999])
    assert [arm.dataset.train.texts for arm in arms] == [dataset.train.texts[:100], dataset.train.texts[:200]]
    assert all(arm.dataset.validation == dataset.validation for arm in arms)
    assert arms[0].key(7) != arms[1].key(7)
    assert "sizes=9999999" in caplog.text


@pytest.mark.parametrize("sizes", ["", "ten", "100,,200", "0", "-5", "1e5"])
def test_odd_sizes_are_explained(sizes: str) -> None:
    with pytest.raises(TrainerError, match="numbers of tweets"):
        learning_curve.parse_sizes(sizes)


def test_a_curve_without_any_size_left_is_refused(dataset: Dataset) -> None:
    with pytest.raises(TrainerError, match="ask for smaller --sizes"):
        learning_curve.build_arms(dataset, [TfidfLogreg()], [9_999_999])


def test_a_search_prunes_goes_on_and_names_the_best(
    dataset: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.studies.search.FIRST_TRIALS", 1)

    def searched(trials: int) -> search.Search:
        with open_study("search", dataset, client, settings) as run_id:
            storage = f"sqlite:///{tmp_path}/new/search.db"
            return search.search(
                Observed("observed"), dataset, client, settings, run_id=run_id, trials=trials, storage=storage
            )

    assert len(searched(2).losses) + searched(2).stopped == 2
    assert len(FITS) == 2
    found = searched(5)
    assert len(FITS) == len(found.losses) + found.stopped == 5
    assert found.stopped > 0
    assert [each.scores.log_loss for each in found.results] == sorted(found.losses.values())
    assert set(found.best) == {"level"}
    assert f"Best of {len(found.losses)} finished trials ({found.stopped} given up)" in search.summary(found)
    assert len(search.draw_search(found).axes) == 1
    runs = children(dataset, client, settings, "search")
    assert [run.info.status for run in runs].count("KILLED") == found.stopped
    assert len({run.data.tags[ARM] for run in runs}) == 5


def test_the_classic_candidate_offers_its_settings() -> None:
    import optuna

    trial = optuna.create_study().ask()
    candidate = search.find_searchable("tfidf_logreg").search_space(trial)
    assert isinstance(candidate, Searchable) and candidate.name == "tfidf_logreg"
    assert set(trial.params) == {"stop_words", "word_form", "longest_phrase", "max_words", "min_count"}


def test_the_curve_as_a_user_types_it(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    arguments = ["study", "curve", "--dataset", "sample", "--sizes", "400", "--output", str(tmp_path / "curve")]
    answer = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "| tfidf_logreg, 400 tweets | 400 | 0." in answer.output
    assert {file.name for file in (tmp_path / "curve").iterdir()} == {"table.md", "plot.png"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["curve", "gpt"], "no candidate 'gpt'"),
        (["embeddings", "gpt"], "no candidate 'gpt'"),
        (["search", "gpt"], "no candidate 'gpt'"),
        (["curve", "--sizes", "many"], "--sizes 'many'"),
        (["search", "--workers", "2"], "for --engine ray"),
        (["search", "--address", "auto"], "for --engine ray"),
    ],
)
def test_a_mistake_is_said_before_anything_is_loaded(arguments: list[str], line: str) -> None:
    with pytest.raises(TrainerError, match=line):
        CliRunner().invoke(app, ["study", *arguments], catch_exceptions=False)
