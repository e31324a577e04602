"""A look at live traffic: a real API with its log, and a real MLflow that keeps the reference and the reports."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.trainer.live_traffic import Traffic, drawn, free_port, relay
from tests.trainer.made_bundles import recarded
from tests.trainer.verdicts import answering
from trainer import drift_sources
from trainer.__main__ import app
from trainer.api import Api, ApiRefused, ApiUnreachable
from trainer.bundle import Bundle, BundleRefused
from trainer.candidates import find_candidate
from trainer.dataset import Dataset, load_dataset
from trainer.drift import DriftState
from trainer.drift_features import FeatureReader
from trainer.drift_look import Asked, Found, Looker, NothingToSay
from trainer.drift_reference import Reference, ReferenceRefused
from trainer.drift_registry import ChampionVersion, fetch_reference, find_champion, last_look, log_reference
from trainer.drift_report import report_page
from trainer.drift_sources import ReferenceFinder, limit_of
from trainer.drift_telling import LONGEST, report_body, shortened, tell
from trainer.registry import CHAMPION, RegistryUnreachable, register
from trainer.settings import Settings
from trainer.training import export, train

SIZE = 60
FRENCH = "le vol est en retard et personne ne nous dit rien"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def learned(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("learned")
    fitted = find_candidate("tfidf_logreg").fit(sample.train, sample.validation, seed=7, checkpoints=folder)
    return export("tfidf_logreg", fitted, sample, folder=folder / "bundle", command="trainer train")


@pytest.fixture(scope="module")
def usual(sample: Dataset) -> list[str]:
    """Tweets that come in while nothing changes."""
    return [*sample.validation.texts, *sample.test.texts]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"data_dir": tmp_path})


@pytest.fixture
def traffic(learned: Bundle, tmp_path: Path, settings: Settings) -> Iterator[Traffic]:
    with answering(tmp_path / "api", learned.folder, audit_share=0.5) as people:
        settings.api_url = people.url
        yield Traffic(people)


@pytest.fixture
def champion(learned: Bundle, client: MlflowClient, settings: Settings) -> Bundle:
    register(learned, client, settings)
    client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
    return learned


@pytest.fixture
def kept(champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings) -> Reference:
    """The reference, kept with the version as training keeps it."""
    texts = drawn(usual, 2_000, seed=1)
    probabilities = champion.classifier.probabilities(texts)
    chosen, _ = champion.classifier.decide(probabilities)
    features = FeatureReader(champion.classifier.tokenizer).read(texts, probabilities, chosen)
    reference = Reference(features, np.zeros(2_000, np.bool_), ("negative", "positive"), 2_000, 400, "usual tweets")
    log_reference(reference, champion_of(client, settings).run_id, client)
    return reference


def champion_of(client: MlflowClient, settings: Settings) -> ChampionVersion:
    found = find_champion(client, settings)
    assert found is not None
    return found


def looker(settings: Settings, **asked: Any) -> Looker:
    return Looker(Asked(SIZE, **asked), Api(settings), settings)


def look_and_tell(client: MlflowClient, settings: Settings, **asked: Any) -> Found:
    found = looker(settings, **asked).look(client)
    page = report_page(found.decision, settings.model_name, found.champion.version)
    tell(found, page, Api(settings), client, settings)
    return found


def runs(client: MlflowClient, settings: Settings) -> list[Run]:
    """Of drift, the latest first."""
    experiment = client.get_experiment_by_name(settings.experiment)
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], f"tags.`drift.model` = '{settings.model_name}'"))


def moved(found: Found) -> set[str]:
    return {monitor.name for monitor in found.decision.monitors if monitor.moved}


# --- what is looked at


def test_fewer_tweets_than_a_window_say_so_and_are_told_to_nobody(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, usual[: SIZE - 1])
    with pytest.raises(NothingToSay, match=f"{SIZE - 1} new tweets answered by version 1, a window has {SIZE}"):
        looker(settings).look(client)
    assert runs(client, settings) == [] and traffic.reports() == []


def test_usual_tweets_are_stable_and_that_is_told(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, drawn(usual, 2 * SIZE + 10, seed=2))
    found = look_and_tell(client, settings)
    assert found.decision.state is DriftState.STABLE
    (report,) = traffic.reports()
    assert (report["state"], report["reasons"], report["windows"], report["predictions"]) == ("stable", [], 2, 2 * SIZE)
    assert (report["since"], report["until"]) == (0, 2 * SIZE)
    assert (report["model_version"], report["model_digest"]) == ("1", champion.digest)
    assert (report["reference"], report["link"]) == ("usual tweets", None)
    (run,) = runs(client, settings)
    assert (run.info.run_name, run.info.status) == ("drift", "FINISHED")
    assert run.data.tags["drift.state"] == "stable"
    assert run.data.metrics["French.moved"] == 0
    assert run.data.metrics["audited_rejections.threshold"] == pytest.approx(kept.error)
    history = client.get_metric_history(run.info.run_id, "words.statistic")
    assert [each.step for each in history] == [1, 2]
    page = Path(client.download_artifacts(run.info.run_id, "drift/report.html")).read_text(encoding="utf-8")
    assert "like those the model was made with" in page


def test_french_tweets_are_drift_within_two_windows(
    traffic: Traffic, kept: Reference, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, [f"{FRENCH} {number}" for number in range(2 * SIZE)])
    found = look_and_tell(client, settings)
    assert found.decision.state is DriftState.DRIFTED
    assert "French" in moved(found)
    (report,) = traffic.reports()
    assert report["state"] == "drifted"
    assert any("100 % of the tweets are in French" in str(reason) for reason in report["reasons"])  # type: ignore[attr-defined]


def test_the_next_look_goes_on_and_knows_the_window_before(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    """Links in one window are a move; in the next too, which comes a look later, they are drift."""
    linked = [f"{text} http://example.org" for text in drawn(usual, 2 * SIZE, seed=3)]
    traffic.answer(champion, [*drawn(usual, SIZE, seed=4), *linked[:SIZE], "the rest of a window"])
    first = look_and_tell(client, settings)
    assert (first.decision.state, moved(first)) == (DriftState.MOVED, {"links"})
    assert (first.next.until, first.next.again_from) == (2 * SIZE, SIZE)
    with pytest.raises(NothingToSay, match="1 new tweets"):
        looker(settings).look(client)
    traffic.answer(champion, linked[SIZE + 1 :])
    second = look_and_tell(client, settings)
    assert (second.since, second.next.until, len(second.decision.windows)) == (SIZE, 3 * SIZE, 2)
    assert (second.decision.state, moved(second)) == (DriftState.DRIFTED, {"links"})


def test_windows_end_inside_the_pages_of_the_log(
    traffic: Traffic,
    kept: Reference,
    champion: Bundle,
    usual: list[str],
    client: MlflowClient,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """Between the champion's answers lie another's: the cursors count all, the windows only the champion's."""
    other = recarded(champion, tmp_path / "other")
    texts = drawn(usual, 1_300, seed=5)
    for start in range(0, 1_300, 100):
        traffic.answer(other, texts[start : start + 50], version="2")
        traffic.answer(champion, texts[start + 50 : start + 100])
    found = look_and_tell(client, settings)
    assert len(found.decision.windows) == 650 // SIZE
    # The champion's answer number 600 is the last of the twelfth hundred, its number 540 the 40th of the eleventh.
    assert (found.next.until, found.next.again_from) == (1_200, 1_090)


def test_tweets_whose_text_is_not_kept_are_left_out(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, drawn(usual, SIZE + 20, seed=6))
    traffic.people.forget_texts(20)
    assert looker(settings).look(client).next.until == SIZE + 20
    traffic.people.forget_texts(21)
    with pytest.raises(NothingToSay):
        looker(settings).look(client)


def test_a_new_champion_is_looked_at_from_where_the_old_one_ended(
    traffic: Traffic,
    kept: Reference,
    champion: Bundle,
    usual: list[str],
    client: MlflowClient,
    settings: Settings,
    tmp_path: Path,
) -> None:
    traffic.answer(champion, drawn(usual, SIZE, seed=7))
    looks = looker(settings)
    found = looks.look(client)
    tell(found, "", Api(settings), client, settings)
    other = recarded(champion, tmp_path / "other")
    register(other, client, settings)
    client.set_registered_model_alias(settings.model_name, CHAMPION, "2")
    log_reference(kept, champion_of(client, settings).run_id, client)
    traffic.answer(other, drawn(usual, SIZE, seed=8), version="2")
    found = looks.look(client)
    assert (found.champion.version, found.since, found.next.until) == ("2", SIZE, 2 * SIZE)
    assert len(found.decision.windows) == 1


def test_a_look_since_a_cursor_begins_there(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, drawn(usual, 3 * SIZE, seed=9))
    look_and_tell(client, settings)
    found = looker(settings, since=SIZE).look(client)
    assert (found.since, len(found.decision.windows)) == (SIZE, 2)


def test_what_people_reject_of_the_lot_is_drift_whatever_the_tweets_look_like(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    ids = traffic.answer(champion, drawn(usual, SIZE, seed=10))
    traffic.judge(ids, "rejected")
    traffic.judge(ids[:5], "confirmed")  # on second thoughts
    found = look_and_tell(client, settings)
    assert (found.decision.state, moved(found)) == (DriftState.DRIFTED, {"audited rejections"})
    lot = found.decision.lot
    assert lot.judged == lot.drawn and 15 < lot.drawn < 45  # about half are drawn by lot here
    assert lot.judged + lot.clicked == SIZE
    assert lot.judged - lot.rejected + lot.clicked - lot.clicked_rejected == 5


def test_verdicts_that_come_later_are_counted_by_a_later_look(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    ids = traffic.answer(champion, drawn(usual, SIZE, seed=11))
    first = look_and_tell(client, settings)
    assert first.decision.lot.judged == 0
    traffic.judge(ids, "confirmed")
    traffic.answer(champion, drawn(usual, SIZE, seed=12))
    lot = look_and_tell(client, settings).decision.lot
    assert lot.judged == first.decision.lot.drawn < lot.drawn


# --- who is told


def test_a_look_that_is_told_to_nobody_is_made_again(
    traffic: Traffic,
    kept: Reference,
    champion: Bundle,
    usual: list[str],
    client: MlflowClient,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traffic.answer(champion, drawn(usual, SIZE, seed=13))
    monkeypatch.setenv("TRAINER_API_URL", traffic.people.url)
    page = tmp_path / "reports" / "drift.html"
    for _ in range(2):
        answer = CliRunner().invoke(app, ["drift", "--window", str(SIZE), "--no-report", "--output", str(page)])
        assert answer.exit_code == 0, answer.output
        assert answer.stdout.splitlines() == ["stable: version 1 beside usual tweets", f"report: {page}"]
    assert runs(client, settings) == [] and traffic.reports() == []
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_report_that_the_api_refuses_does_not_count(
    learned: Bundle, kept: Reference, usual: list[str], client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    with answering(tmp_path / "owned", learned.folder, owner_key=SecretStr("k" * 32)) as people:
        settings.api_url = people.url
        traffic = Traffic(people)
        traffic.answer(learned, drawn(usual, SIZE, seed=14))
        with pytest.raises(ApiRefused):
            look_and_tell(client, settings)
        assert [run.info.status for run in runs(client, settings)] == ["FAILED"]
        assert last_look(client, settings) is None
        settings.owner_key = SecretStr("k" * 32)
        look_and_tell(client, settings)
        assert [report["until"] for report in traffic.reports()] == [SIZE]
        assert last_look(client, settings) is not None


def test_what_is_told_is_cut_to_what_the_api_takes(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], client: MlflowClient, settings: Settings
) -> None:
    traffic.answer(champion, drawn(usual, SIZE, seed=15))
    found = looker(settings).look(client)
    long = replace(found, decision=replace(found.decision, reasons=["x" * 400] * 30, reference="y" * 400))
    body = report_body(long, "https://mlflow.example/#/experiments/1")
    assert body["reasons"] == ["x" * (LONGEST - 1) + "…"] * 20
    assert len(shortened("y" * LONGEST)) == LONGEST
    Api(settings).send_drift_report(body)
    assert traffic.reports()[0]["link"] == "https://mlflow.example/#/experiments/1"


# --- the reference


def find(
    wanted: drift_sources.Source | None, champion: Bundle, client: MlflowClient, settings: Settings, **keep: bool
) -> Reference:
    finder = ReferenceFinder(Api(settings), client, settings, **({"may_keep": True} | keep))
    return finder.find(champion, champion_of(client, settings), wanted)


def test_a_reference_kept_with_the_model_comes_first(
    kept: Reference, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    assert find(None, champion, client, settings).words == "usual tweets"


def test_without_one_the_training_data_are_read(champion: Bundle, client: MlflowClient, settings: Settings) -> None:
    found = find(None, champion, client, settings)
    assert "tweets of sample, which the model was trained with" in found.words
    assert (~found.seen).sum() == champion.card.dataset.validation


def test_data_that_are_not_those_of_the_training_are_refused(
    champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    card = champion.card.model_copy(
        update={"dataset": champion.card.dataset.model_copy(update={"fingerprint": "1" * 64})}
    )
    with pytest.raises(ReferenceRefused, match="sample is here, but not as the model was trained with it"):
        find("data", replace(champion, card=card), client, settings)


def test_the_first_answers_stand_in_where_nothing_else_is_there(
    traffic: Traffic,
    champion: Bundle,
    usual: list[str],
    client: MlflowClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drift_sources, "FIRST", 100)
    traffic.answer(champion, drawn(usual, 99, seed=16))
    with pytest.raises(NothingToSay, match="log: version 1 has not answered 100 tweets yet"):
        looker(settings, source="log").look(client)
    traffic.answer(champion, drawn(usual, 1 + SIZE, seed=17))
    found = looker(settings, source="log").look(client)
    assert found.decision.reference == "the first 100 tweets that version 1 answered, for want of its training data"
    assert found.since == 100  # what is compared with is not compared
    assert len(found.decision.windows) == 1
    traffic.people.forget_texts(100)
    assert find("log", champion, client, settings).after == 100  # it was kept, as figures


def test_a_look_that_is_told_to_nobody_keeps_nothing(
    traffic: Traffic,
    champion: Bundle,
    usual: list[str],
    client: MlflowClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drift_sources, "FIRST", 50)
    traffic.answer(champion, drawn(usual, 50, seed=18))
    find("log", champion, client, settings, may_keep=False)
    with pytest.raises(ReferenceRefused, match="was kept with the model"):
        fetch_reference(champion_of(client, settings).run_id, client, settings, drift_sources.FIRST_PREDICTIONS)


def test_a_reference_of_other_labels_is_refused(
    kept: Reference, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    other = replace(kept, labels=("negative", "neutral", "positive"))
    log_reference(other, champion_of(client, settings).run_id, client)
    with pytest.raises(ReferenceRefused, match="it is of the labels negative, neutral, positive"):
        find("artifact", champion, client, settings)


def test_a_reference_that_was_asked_for_and_is_not_there_is_an_error(
    traffic: Traffic, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    with pytest.raises(ReferenceRefused, match="artifact: no drift/reference.npz was kept with the model"):
        looker(settings, source="artifact").look(client)


def test_a_training_keeps_its_reference_for_its_champion(
    traffic: Traffic, sample: Dataset, usual: list[str], client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    trained = train(
        find_candidate("tfidf_logreg"),
        sample,
        [],
        client,
        settings,
        folder=tmp_path / "trained",
        command="trainer train",
    )
    client.set_registered_model_alias(settings.model_name, CHAMPION, "1")
    kept = fetch_reference(champion_of(client, settings).run_id, client, settings)
    read = find("data", trained.bundle, client, settings)
    assert (kept.words, kept.judged, kept.wrong) == (read.words, read.judged, read.wrong)
    assert (kept.features.words != read.features.words).nnz == 0
    traffic.answer(trained.bundle, drawn(usual, SIZE, seed=20))
    found = look_and_tell(client, settings)
    assert found.decision.reference == kept.words


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("trainer train tfidf_logreg --dataset sentiment140", None),
        ("trainer train tfidf_logreg --dataset sentiment140 --limit 2000", 2_000),
        ("trainer train bert --limit 5 && trainer narrow --dataset sample", None),
    ],
)
def test_the_limit_of_a_training_is_read_from_its_command(command: str, expected: int | None) -> None:
    assert limit_of(command) == expected


# --- what is away


def test_without_a_champion_there_is_nothing_to_look_at(client: MlflowClient, settings: Settings) -> None:
    with pytest.raises(BundleRefused, match="has no champion: train or register a model first"):
        looker(settings).look(client)


def test_an_api_that_is_away_is_said(
    kept: Reference, champion: Bundle, client: MlflowClient, settings: Settings
) -> None:
    settings.api_url = "http://127.0.0.1:9"
    with pytest.raises(ApiUnreachable, match="set TRAINER_API_URL"):
        looker(settings).look(client)


def test_what_mlflow_refuses_is_said_as_the_trainers_own(client: MlflowClient, settings: Settings) -> None:
    with pytest.raises(RegistryUnreachable, match="does not do it"):
        fetch_reference("0" * 32, client, settings)


def test_it_keeps_looking_while_the_api_is_away_and_stops_when_told(
    traffic: Traffic, kept: Reference, champion: Bundle, usual: list[str], settings: Settings, tmp_path: Path
) -> None:
    """The real command, started before there is an API, and stopped by SIGTERM."""
    traffic.answer(champion, drawn(usual, SIZE, seed=19))
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "trainer", "drift", "--window", str(SIZE), "--every", "0.01"]
    # The rest of the settings is in the environment, where the fixtures have put it.
    environment = os.environ | {"TRAINER_API_URL": f"http://127.0.0.1:{port}"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for("drift_not_looked_at again_in_minutes=0.01 reason=the API does not answer", log)
        with relay(port, traffic.people.url):
            wait_for("stable: version 1", log)
            wait_for("nothing to say yet: 0 new tweets", log)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert len(traffic.reports()) == 1
    assert log.read_text().splitlines()[-1] == "stopped"
    assert "Traceback" not in log.read_text()


def wait_for(words: str, log: Path) -> None:
    end = time.monotonic() + 200
    while words not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
