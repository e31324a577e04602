"""People's verdicts as labelled tweets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.trainer.verdicts import answering, lounge_tweets
from trainer.api import Api, ApiUnreachable, Judgement
from trainer.bundle import Bundle
from trainer.feedback import Correction, build_corrections, count_new, read_feedback, right_label
from trainer.settings import Settings

BINARY = ("negative", "positive")
THREE = ("negative", "neutral", "positive")


def judgement(verdict: str, predicted: str, label: str | None = None, text: str | None = "late again") -> Judgement:
    return Judgement.model_validate(
        {
            "prediction_id": "p",
            "verdict": verdict,
            "label": label,
            "comment": None,
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            "reviewer": "ada",
            "predicted_label": predicted,
            "text": text,
            "model_version": "1",
            "audited": False,
        }
    )


def test_a_confirmed_answer_is_its_label() -> None:
    assert right_label(judgement("confirmed", "positive", "positive"), BINARY) == "positive"


def test_a_rejected_answer_gets_the_label_that_was_said() -> None:
    assert right_label(judgement("rejected", "negative", "neutral"), THREE) == "neutral"


def test_of_two_labels_a_rejection_leaves_the_other() -> None:
    assert right_label(judgement("rejected", "negative"), BINARY) == "positive"


def test_of_three_labels_a_rejection_alone_says_nothing() -> None:
    assert right_label(judgement("rejected", "negative"), THREE) is None


def test_a_label_that_the_model_does_not_know_says_nothing_to_it() -> None:
    assert right_label(judgement("rejected", "negative", "neutral"), BINARY) is None
    assert right_label(judgement("confirmed", "neutral", "neutral"), BINARY) is None
    # What was meant may be either of the two.
    assert right_label(judgement("rejected", "neutral"), BINARY) is None


def test_texts_are_repaired_as_every_set_is() -> None:
    [found] = build_corrections([(judgement("rejected", "positive", text="late &amp; lost, cafÃ©"), "negative")])
    assert found.text == "late & lost, café"
    assert found.key == "late lost café"


@pytest.mark.parametrize("text", [None, "", "  ", "@airline https://example.org"])
def test_what_says_nothing_is_left_out(text: str | None) -> None:
    assert build_corrections([(judgement("confirmed", "negative", text=text), "negative")]) == []


def test_a_correction_in_a_log_does_not_show_the_tweet() -> None:
    [found] = build_corrections([(judgement("confirmed", "negative", text="a secret"), "negative")])
    assert "secret" not in repr(found) and "negative" in repr(found)


@pytest.fixture
def api_settings(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings()


def test_the_last_verdict_on_an_answer_stands(api_settings: Settings, bundle: Bundle, tmp_path: Path) -> None:
    with answering(tmp_path / "api", bundle.folder) as people, requests.Session() as session:
        session.trust_env = False
        prediction = people.ask(session, "/v1/predictions", {"text": "late again"})
        about = {"prediction_id": prediction["prediction_id"]}
        people.ask(session, "/v1/feedback", about | {"verdict": "confirmed"})
        people.ask(session, "/v1/feedback", about | {"verdict": "rejected", "reviewer": "ada"})
        feedback = read_feedback(Api(api_settings.model_copy(update={"api_url": people.url})), BINARY)
    [correction] = feedback.corrections
    assert isinstance(correction, Correction)
    assert (correction.predicted_label, correction.label) == (prediction["label"], other_than(prediction["label"]))
    assert correction.reviewer is not None and correction.reviewer != "ada"  # a pseudonym
    assert (feedback.verdicts, feedback.replaced, feedback.without_label) == (2, 1, 0)


def other_than(label: str) -> str:
    return "positive" if label == "negative" else "negative"


def test_all_pages_are_read_and_a_cursor_goes_on(
    api_settings: Settings, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.api.PAGE", 7)
    with answering(tmp_path / "api", bundle.folder) as people:
        api = Api(api_settings.model_copy(update={"api_url": people.url}))
        people.have_judged(lounge_tweets(20))
        first = read_feedback(api, BINARY)
        assert count_new(api, first.until) == 0
        people.have_judged(lounge_tweets(23)[20:])
        assert count_new(api, first.until) == 3
        later = read_feedback(api, BINARY, first.until)
        assert read_feedback(api, BINARY, later.until).until == later.until
    assert [len(each.corrections) for each in (first, later)] == [20, 3]
    assert [each.label for each in first.corrections] == [tweet.label for tweet in lounge_tweets(20)]


def test_texts_that_are_not_kept_any_more_are_counted(api_settings: Settings, bundle: Bundle, tmp_path: Path) -> None:
    with answering(tmp_path / "api", bundle.folder) as people:
        people.have_judged(lounge_tweets(5))
        people.forget_texts(2)
        feedback = read_feedback(Api(api_settings.model_copy(update={"api_url": people.url})), BINARY)
    assert len(feedback.corrections) == 3 and feedback.without_text == 2


def test_nothing_of_it_is_written_down(api_settings: Settings, bundle: Bundle, tmp_path: Path) -> None:
    with answering(tmp_path / "api", bundle.folder) as people:
        people.have_judged(lounge_tweets(5))
        before = set(tmp_path.rglob("*"))
        assert read_feedback(Api(api_settings.model_copy(update={"api_url": people.url})), BINARY).corrections
        new = {path for path in set(tmp_path.rglob("*")) - before if "api" not in path.parts}
    assert new == set()


def test_an_api_that_is_away_is_said(api_settings: Settings) -> None:
    with pytest.raises(ApiUnreachable, match="start it"):
        read_feedback(Api(api_settings.model_copy(update={"api_url": "http://127.0.0.1:9"})), BINARY)
