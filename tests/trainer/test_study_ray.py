"""A search over Ray's workers: a real Ray of two workers on this machine, real fits, a real MLflow store."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import PIPE

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from trainer.candidates import Candidate, FittedCandidate
from trainer.candidates.search_space import Report, Searchable, Trial, report_to, to_nobody
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.dataset import Dataset, Tweets, load_dataset
from trainer.errors import TrainerError
from trainer.ray_cluster import joined_cluster
from trainer.registry import experiment_id
from trainer.settings import Settings
from trainer.studies.search import Search, search
from trainer.studies.search_ray import RETRIES, require_shared_store, search_on_ray
from trainer.study import open_study

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Observed:
    """The classic candidate, which leaves a file a fit, `<settings>-<process>-<number>`, in `folder`.

    `together`: a fit waits until another has begun; `dies`, `fails`: the first one does; `deadly`: all die;
    `same`: all settings are.
    """

    folder: Path
    name: str = "observed"
    together: bool = field(default=False, repr=False)
    dies: bool = field(default=False, repr=False)
    deadly: bool = field(default=False, repr=False)
    fails: bool = field(default=False, repr=False)
    same: bool = field(default=False, repr=False)
    level: float = 0
    report: Report = field(default=to_nobody, repr=False, compare=False)

    def search_space(self, trial: Trial) -> Candidate:
        level = trial.suggest_float("level", 0, 0 if self.same else 1)
        return replace(self, level=level, report=report_to(trial))

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedCandidate:
        is_first = begin_first(self.folder.with_suffix(".begun"))
        (self.folder / f"{self.level}-{os.getpid()}-{time.monotonic_ns()}").touch()
        while self.together and len(list(self.folder.iterdir())) < 2:
            time.sleep(0.05)
        if is_first and self.fails:
            raise TrainerError("the words ran out")
        self.report(0, self.level)
        if self.deadly or (is_first and self.dies):
            os.kill(os.getpid(), signal.SIGKILL)
        self.report(1, self.level)
        return TfidfLogreg().fit(train, validation, seed=seed, checkpoints=checkpoints)


def begin_first(mark: Path) -> bool:
    """Whether nobody has yet, in whichever process."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.fixture(scope="module")
def workers() -> Iterator[int]:
    with joined_cluster(workers=2) as workers:
        yield workers


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return load_dataset("sample", data_dir=Path("nowhere"))


@pytest.fixture
def dataset(sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Under a fingerprint of the test's own: the tests share one MLflow store."""
    monkeypatch.setenv("TRAINER_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    return replace(sample, fingerprint=tmp_path.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where fits leave their files."""
    (tmp_path / "fits").mkdir()
    return tmp_path / "fits"


@dataclass
class Desk:
    """Where searches of one dataset are started, as the command starts them, and what MLflow has of them."""

    dataset: Dataset
    client: MlflowClient
    settings: Settings
    storage: str
    workers: int
    run_id: str = ""  # the study's

    def on_ray(self, candidate: Searchable, trials: int) -> Search:
        with open_study("search", self.dataset, self.client, self.settings) as self.run_id:
            wanted = {"run_id": self.run_id, "trials": trials, "storage": self.storage}
            return search_on_ray(candidate, self.dataset, self.settings, **wanted, workers=self.workers)

    def here(self, candidate: Searchable, trials: int) -> Search:
        with open_study("search", self.dataset, self.client, self.settings) as self.run_id:
            wanted = {"run_id": self.run_id, "trials": trials, "storage": self.storage}
            return search(candidate, self.dataset, self.client, self.settings, **wanted)

    def study(self) -> Run:
        return self.client.get_run(self.run_id)

    def statuses(self) -> list[str]:
        """Of the trials' runs."""
        return children(self.client, self.settings, self.run_id)


def children(client: MlflowClient, settings: Settings, run_id: str) -> list[str]:
    found = client.search_runs([experiment_id(client, settings)], f"tags.`mlflow.parentRunId` = '{run_id}'")
    return sorted(run.info.status for run in found)


@pytest.fixture
def desk(workers: int, dataset: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path) -> Desk:
    return Desk(dataset, client, settings, f"sqlite:///{tmp_path}/search.db", workers)


def test_two_trials_at_once_and_those_that_fall_behind_are_given_up(desk: Desk, folder: Path) -> None:
    found = desk.on_ray(Observed(folder, together=True), 12)
    fits = [file.name.split("-") for file in folder.iterdir()]
    assert len(fits) == len(found.losses) + found.stopped == 12
    assert len({process for _, process, _ in fits}) >= 2
    assert str(os.getpid()) not in {process for _, process, _ in fits}
    assert found.stopped > 0
    assert desk.statuses() == ["FINISHED"] * len(found.results) + ["KILLED"] * found.stopped
    assert set(found.best) == {"level"}
    assert not list(desk.settings.checkpoints_dir.glob("*"))


def test_either_engine_goes_on_with_what_the_other_began(desk: Desk, folder: Path) -> None:
    candidate = Observed(folder)
    first = desk.on_ray(candidate, 2)
    second = desk.here(candidate, 3)
    third = desk.on_ray(candidate, 5)
    assert len(list(folder.iterdir())) == 5
    assert first.losses.items() <= second.losses.items() <= third.losses.items()
    assert len(third.losses) + third.stopped == 5
    assert desk.on_ray(candidate, 5) == third
    assert len(list(folder.iterdir())) == 5


def test_the_trial_of_a_killed_worker_is_tried_again_and_counted_once(desk: Desk, folder: Path) -> None:
    found = desk.on_ray(Observed(folder, dies=True), 3)
    assert len(found.results) == len(found.losses) == 3
    assert len(list(folder.iterdir())) == 4
    assert desk.statuses() == ["FAILED"] + ["FINISHED"] * 3


def test_the_error_of_a_fit_ends_the_search_which_goes_on_when_asked_again(desk: Desk, folder: Path) -> None:
    candidate = Observed(folder, fails=True)
    with pytest.raises(TrainerError, match="^the words ran out$"):
        desk.on_ray(candidate, 4)
    assert desk.study().info.status == "FAILED"
    assert set(desk.statuses()) <= {"FAILED", "FINISHED"}
    assert len(desk.on_ray(candidate, 2).results) == 2


def test_equal_settings_are_fitted_once(desk: Desk, folder: Path) -> None:
    found = desk.on_ray(Observed(folder, same=True), 4)
    assert len(found.results) == 4
    assert len(list(folder.iterdir())) == 1
    assert desk.statuses() == ["FINISHED"]


def test_the_study_s_own_run_is_left_as_it_was(desk: Desk, folder: Path) -> None:
    desk.here(Observed(folder), 1)
    before = desk.study()
    with open_study("search", desk.dataset, desk.client, desk.settings):
        search_on_ray(
            Observed(folder), desk.dataset, desk.settings, run_id=desk.run_id, trials=3, workers=2, storage=desk.storage
        )
        within = desk.study()
    assert len(desk.statuses()) == 3
    assert within.info.status == "RUNNING"
    assert within.data.to_dictionary() == before.data.to_dictionary()
    assert desk.study().info.status == "FINISHED"


def test_a_fit_that_kills_each_worker_ends_the_search(desk: Desk, folder: Path) -> None:
    with pytest.raises(TrainerError, match="trial 0 was lost with its worker, again and again"):
        desk.on_ray(Observed(folder, deadly=True), 1)
    assert len(list(folder.iterdir())) == 1 + RETRIES


def test_ctrl_c_leaves_a_search_that_goes_on(client: MlflowClient, settings: Settings, tmp_path: Path) -> None:
    """As it is typed; a terminal sends the signal to all that the command has started. It goes on without Ray."""
    command = [sys.executable, "-m", "trainer", "study", "search", "--dataset", "sample"]
    command += ["--storage", f"sqlite:///{tmp_path}/search.db", "--output", str(tmp_path / "found")]
    on_ray = [*command, "--engine", "ray", "--workers", "2", "--trials", "500"]
    cut = subprocess.Popen(on_ray, cwd=ROOT, start_new_session=True, text=True, stderr=PIPE)
    try:
        until(lambda: "FINISHED" in statuses_of_sample(client, settings))
        os.killpg(cut.pid, signal.SIGINT)
        _, said = cut.communicate(timeout=120)
    finally:
        cut.kill()
    assert cut.returncode == 130, said
    before = statuses_of_sample(client, settings)
    assert "RUNNING" not in before
    trials = len(before) - before.count("FAILED") + 2
    whole = subprocess.run([*command, "--trials", str(trials)], cwd=ROOT, text=True, capture_output=True, check=True)
    after = statuses_of_sample(client, settings)
    told = re.search(r"Best of (\d+) finished trials \((\d+) given up\)", whole.stdout)
    assert told and int(told[1]) + int(told[2]) == trials
    # Each of the two workers may have ended a fit as the signal came: MLflow has it, the search never heard of it.
    assert trials <= len(after) - after.count("FAILED") <= trials + 2
    assert "WARNING" not in whole.stderr


def statuses_of_sample(client: MlflowClient, settings: Settings) -> list[str]:
    wanted = "attributes.run_name = 'study search tfidf_logreg'"
    studies = client.search_runs([experiment_id(client, settings)], wanted)
    return children(client, settings, studies[0].info.run_id) if studies else []


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def test_other_machines_need_mlflow_s_server(settings: Settings) -> None:
    require_shared_store(settings, [])
    require_shared_store(settings.model_copy(update={"tracking_uri": "http://mlflow:5000"}), ["second"])
    with pytest.raises(TrainerError, match=r"second, third cannot log into sqlite.*MLFLOW_TRACKING_URI"):
        require_shared_store(settings, ["second", "third"])
