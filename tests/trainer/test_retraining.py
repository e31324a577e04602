"""From verdicts on a real API to a challenger with a verdict and a proposal; the champion learned our own sample."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from tests.trainer.verdicts import People, answering, flipped, lounge_tweets, more_like, more_tweets
from trainer import retraining
from trainer.api import Api
from trainer.bundle import Bundle, load_bundle, read_card
from trainer.candidates import find_candidate
from trainer.candidates.continuing import Continuing
from trainer.dataset import Dataset, DatasetNotFound, load_dataset
from trainer.feedback import Feedback
from trainer.poisoning import UNNAMED, Screening, UnknownPerson
from trainer.promotion import read_verdict
from trainer.registry import CHALLENGER, CHAMPION, register, version_of
from trainer.retraining import Batch, Champion, Request, Retraining, prepare
from trainer.retraining_runs import REFUSED, RetrainRefused
from trainer.settings import Settings
from trainer.training import export

ROOT = Path(__file__).parents[2]
LIAR = "m" * 64


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def learned(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that learned the sample alone."""
    folder = tmp_path_factory.mktemp("learned")
    fitted = find_candidate("tfidf_logreg").fit(sample.train, sample.validation, seed=7, checkpoints=folder)
    return export("tfidf_logreg", fitted, sample, folder=folder / "bundle", command="trainer train")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    own = {"proposals_dir": tmp_path / "proposals", "checkpoints_dir": tmp_path / "checkpoints"}
    return settings.model_copy(update={"data_dir": tmp_path, "behaviour_dir": ROOT / "data/behaviour"} | own)


@pytest.fixture
def people(learned: Bundle, tmp_path: Path) -> Iterator[People]:
    with answering(tmp_path / "api", learned.folder) as people:
        yield people


@pytest.fixture
def champion(learned: Bundle, client: MlflowClient, settings: Settings) -> Bundle:
    register(learned, client, settings)
    client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
    return learned


def retrain(people: People, client: MlflowClient, settings: Settings, **request: object) -> Retraining:
    settings = settings.model_copy(update={"api_url": people.url})
    return retraining.retrain(Request(**request), Api(settings), client, settings)  # type: ignore[arg-type]


def refused_runs(client: MlflowClient, settings: Settings, reason: str) -> list[Run]:
    experiment = client.get_experiment_by_name(settings.experiment)
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], f"tags.mlflow.runName = '{REFUSED}'")
    return [run for run in runs if run.data.tags["reason"] == reason]


def test_a_good_batch_makes_a_challenger_that_passes(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.judge(lounge_tweets(150))
    made = retrain(people, client, settings)
    proposal = made.proposal
    assert proposal.verdict.passed, proposal.verdict.failed
    assert (proposal.version, proposal.verdict.against_version, proposal.candidate) == ("2", "1", "tfidf_logreg")
    assert version_of(CHALLENGER, client, settings) == "2" and version_of(CHAMPION, client, settings) == "1"
    assert read_verdict("2", client, settings) == proposal.verdict
    [about] = [each for each in proposal.sets if each.dataset == "feedback"]
    assert about.challenger.macro_f1 > about.champion.macro_f1 + 0.05
    assert {each.dataset for each in proposal.sets} == {"sample", "feedback"}
    assert [(each.labels, len(each.name)) for each in proposal.learned.contributors] == [(30, 16)] * 5

    run = client.get_run(proposal.run_id)
    assert run.info.run_name == "retrain tfidf_logreg"
    assert {name: run.data.tags[name] for name in ("feedback.since", "feedback.until", "feedback.labels")} == {
        "feedback.since": "0",
        "feedback.until": "150",
        "feedback.labels": "150",
    }
    assert run.data.tags["gate.passed"] == "true" and run.data.params["dataset"].startswith("sample+feedback")
    logged = {file.path for file in client.list_artifacts(proposal.run_id, "proposal")}
    assert logged == {f"proposal/proposal.{kind}" for kind in ("md", "html", "json")}
    assert made.folder == settings.proposals_dir / "2" and (made.folder / "proposal.html").is_file()


def test_no_copy_of_peoples_tweets_stays_behind(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings, store: Path, tmp_path: Path
) -> None:
    def files() -> set[Path]:
        every = {path for folder in (tmp_path, store) for path in folder.rglob("*") if path.is_file()}
        return {path for path in every if tmp_path / "api" not in path.parents}

    # The store is that of other tests too.
    before = files() - {store / "mlflow.db"}
    tweets = lounge_tweets(150)
    people.have_judged(tweets)
    retrain(people, client, settings)
    ours = files() - before
    assert any(path.name == "proposal.json" for path in ours)
    # Nor as the hashed words that drift is compared with.
    assert not any(path.name == "reference.npz" for path in ours)
    contents = {path: path.read_bytes() for path in ours}
    found = {path for path, content in contents.items() for tweet in tweets if tweet.text.encode() in content}
    assert found == set()


def test_one_persons_flood_is_refused_and_seen_in_mlflow(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.have_judged(lounge_tweets(150))
    people.have_judged(flipped(more_tweets(2000)), LIAR)
    with pytest.raises(RetrainRefused, match="labelled 2,000 tweets, 93% of the batch.*--without m{16}`") as refusal:
        retrain(people, client, settings)
    assert version_of(CHALLENGER, client, settings) == "1"
    [run] = refused_runs(client, settings, str(refusal.value))
    assert run.data.tags["feedback.until"] == "2150"
    assert run.info.status == "FINISHED"
    # What is left without the person is learned.
    made = retrain(people, client, settings, without=("m" * 16,))
    assert made.proposal.verdict.passed and made.proposal.learned.labels == 150
    assert {each.reason: each.corrections for each in made.proposal.learned.left_out} == {
        "by people left out with --without": 2000
    }


def test_unnamed_verdicts_are_one_persons(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.judge(lounge_tweets(60), None)
    with pytest.raises(RetrainRefused, match="unnamed labelled 60 tweets, 100%"):
        retrain(people, client, settings)
    assert retrain(people, client, settings, trusted=(UNNAMED,)).proposal.learned.trusted == [UNNAMED]


def test_two_thousand_flipped_labels_of_a_trusted_person_fall_at_the_gate(
    people: People, champion: Bundle, sample: Dataset, client: MlflowClient, settings: Settings
) -> None:
    people.have_judged(flipped(more_like(sample, 2000)), LIAR)
    made = retrain(people, client, settings, trusted=(LIAR,))
    assert made.proposal.learned.labels == 2000
    verdict = made.proposal.verdict
    assert not verdict.passed
    failed = {check.name: check.found for check in verdict.failed}
    assert "it may fall by 3.0" in failed["macro-F1, sample test"]
    # By its own word it is better: on what the same person said and it did not learn.
    [about] = [each for each in made.proposal.sets if each.dataset == "feedback"]
    assert about.challenger.accuracy > about.champion.accuracy
    assert read_verdict(made.proposal.version, client, settings) == verdict
    assert "may not become champion" in (made.folder / "proposal.md").read_text(encoding="utf-8")


def test_a_worse_challenger_is_refused_with_the_reason(
    people: People, champion: Bundle, sample: Dataset, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    """Mixed with data in which every label is wrong."""
    labels = [sample.labels[1 - label] for label in sample.train.labels]
    pd.DataFrame({"text": sample.train.texts, "label": labels}).to_csv(tmp_path / "wrong.csv", index=False)
    people.have_judged(lounge_tweets(100))
    made = retrain(people, client, settings, replay=str(tmp_path / "wrong.csv"))
    assert "macro-F1, sample test" in {check.name for check in made.proposal.verdict.failed}


def test_what_the_champion_has_learned_is_not_learned_again(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.have_judged(lounge_tweets(100))
    first = retrain(people, client, settings)
    client.set_registered_model_alias(settings.model_name, CHAMPION, first.proposal.version)
    with pytest.raises(RetrainRefused, match="version 2, has learned exactly these tweets already"):
        retrain(people, client, settings)
    people.have_judged(lounge_tweets(130)[100:])
    second = retrain(people, client, settings).proposal
    assert (second.verdict.against_version, second.learned.verdicts, second.learned.new_verdicts) == ("2", 130, 30)
    card = read_card(settings.bundles_dir / "tfidf_logreg-retrained")
    assert card.dataset.name.count("feedback") == 1 and card.dataset.name.startswith("sample+")


def test_a_cursor_leaves_earlier_verdicts_out(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.have_judged(lounge_tweets(160))
    learned = retrain(people, client, settings, since=100).proposal.learned
    assert (learned.since, learned.until, learned.verdicts, learned.labels) == (100, 160, 60, 60)


def test_too_few_are_refused(people: People, champion: Bundle, client: MlflowClient, settings: Settings) -> None:
    people.judge(lounge_tweets(10))
    with pytest.raises(RetrainRefused, match="10 labels can be learned from, fewer than 50"):
        retrain(people, client, settings)


def test_nobody_of_that_name_is_said(
    people: People, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    people.have_judged(lounge_tweets(60))
    with pytest.raises(UnknownPerson, match="'jane' names nobody"):
        retrain(people, client, settings, trusted=("jane",))


def test_without_a_champion_there_is_nothing_to_be_better_than(
    people: People, client: MlflowClient, settings: Settings
) -> None:
    with pytest.raises(RetrainRefused, match="has no champion yet: `trainer register"):
        retrain(people, client, settings)


def test_without_the_champions_data_nothing_is_trained(
    people: People, learned: Bundle, client: MlflowClient, settings: Settings, sample: Dataset, tmp_path: Path
) -> None:
    fitted = find_candidate("tfidf_logreg").fit(sample.train, sample.validation, seed=7, checkpoints=tmp_path)
    other = replace(sample, name="sentiment140+feedback:4")
    bundle = export("tfidf_logreg", fitted, other, folder=tmp_path / "other", command="trainer train")
    register(bundle, client, settings)
    client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
    people.have_judged(lounge_tweets(60))
    with pytest.raises(DatasetNotFound, match="must not forget.*sentiment140 in .*--replay NAME"):
        retrain(people, client, settings)
    assert retrain(people, client, settings, replay="sample").proposal.learned.replay == "sample"


@pytest.mark.skipif(find_spec("keras") is None, reason="TensorFlow, the extra `networks`, is not installed")
def test_a_recurrent_champion_goes_on_from_its_weights_with_a_part_of_its_data(
    sample: Dataset, settings: Settings
) -> None:
    champion = Champion("1", load_bundle(ROOT / "models/champion"))
    feedback = Feedback([], since=0, until=0, verdicts=0)
    batch = Batch(feedback, Screening([], [], []), sample, [], None, [])
    settings = settings.model_copy(update={"replay_tweets": 100})
    candidate, mixture = prepare(Request(), batch, champion, settings)
    assert isinstance(candidate, Continuing) and len(mixture.dataset.train) == 100
    candidate, mixture = prepare(Request(candidate="tfidf_logreg"), batch, champion, settings)
    assert candidate.name == "tfidf_logreg" and len(mixture.dataset.train) == len(sample.train)


def test_the_command_in_a_bundle_names_no_folder_of_this_machine() -> None:
    request = Request("tfidf_logreg", "/home/jane/mine.csv", 12, ("ada",), ("ben",))
    assert request.command == "trainer retrain --candidate tfidf_logreg --replay mine.csv --since 12"
