"""Who promotes what passed: `trainer retrain` as it is typed, with MLflow and the API as they are run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tests.trainer.served_registry import mlflow_server
from tests.trainer.verdicts import People, answering, flipped, lounge_tweets, more_like
from trainer.api import Api
from trainer.bundle import load_bundle
from trainer.dataset import load_dataset
from trainer.registry import CHAMPION, version_of
from trainer.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as url:
        yield url


@dataclass(frozen=True)
class Loop:
    """The champion is registered on MLflow's server, which the API follows."""

    people: People
    client: MlflowClient
    settings: Settings
    environment: dict[str, str]

    def trainer(self, *arguments: str, code: int = 0, **changes: str) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "trainer", *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | self.environment | changes,
        )
        assert answer.returncode == code, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    @property
    def champion(self) -> str | None:
        return version_of(CHAMPION, self.client, self.settings)


@pytest.fixture
def loop(registry_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    environment = {
        "MLFLOW_TRACKING_URI": registry_url,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "TRAINER_MODEL_NAME": f"loop-{tmp_path.name}",
        "TRAINER_DATA_DIR": str(tmp_path),
        **{f"TRAINER_{name}_DIR": str(tmp_path / name) for name in ("BUNDLES", "CHECKPOINTS", "PROPOSALS")},
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings, client = Settings(), MlflowClient(registry_url, registry_url)
    made = Loop(None, client, settings, environment)  # type: ignore[arg-type]
    made.trainer("train", "tfidf_logreg", "--dataset", "sample")
    client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
    bundle = tmp_path / "BUNDLES" / "tfidf_logreg"
    following = {"mlflow_url": registry_url, "registered_model": settings.model_name, "poll_seconds": 0.2}
    with answering(tmp_path / "api", bundle, **following) as people:
        yield Loop(people, client, settings, environment | {"TRAINER_API_URL": people.url})


def test_by_default_a_person_promotes_and_is_told_how(loop: Loop) -> None:
    loop.people.judge(lounge_tweets(120))
    printed = loop.trainer("retrain")
    assert "Version 2 passed every check of the gate" in printed
    assert 'trainer promote 2 --reason "..."' in printed and "proposal.html" in printed
    assert loop.champion == "1"


def test_where_the_policy_says_so_the_gate_promotes_through_the_api(loop: Loop) -> None:
    loop.people.have_judged(lounge_tweets(120))
    printed = loop.trainer("retrain", TRAINER_PROMOTION_POLICY="gate")
    assert "champion: version 1 -> 2 by trainer retrain: learned from" in printed
    assert loop.champion == "2"
    journal = Api(loop.settings.model_copy(update={"api_url": loop.people.url})).journal()
    assert journal.champion is not None
    assert (journal.champion.by, journal.champion.to_version) == ("trainer retrain", "2")
    assert "macro-F1: sample 0." in (journal.champion.reason or "")


def test_what_the_gate_refuses_is_not_promoted_and_ends_with_an_error(loop: Loop, tmp_path: Path) -> None:
    loop.people.have_judged(flipped(more_like(load_dataset("sample", data_dir=tmp_path), 1000)), None)
    printed = loop.trainer("retrain", "--trust", "unnamed", code=1, TRAINER_PROMOTION_POLICY="gate")
    assert "error: version 2 does not pass the gate: " in printed and "macro-F1, sample test" in printed
    assert loop.champion == "1"
    assert load_bundle(tmp_path / "BUNDLES" / "tfidf_logreg-retrained")


def test_what_the_guards_refuse_ends_with_one_line(loop: Loop) -> None:
    loop.people.have_judged(lounge_tweets(60), None)
    last = loop.trainer("retrain", code=1).strip().splitlines()[-1]
    assert last.startswith("error: unnamed labelled 60 tweets, 100% of the batch")
    assert "--trust unnamed" in last
