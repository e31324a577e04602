"""The real client of the pages against the real inference service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
import requests
from live_api import LiveApi, free_port
from pydantic import SecretStr
from rejections import raise_alert, wait_until

from tests.inference.conftest import MakeBundle, RegisteredModel
from tests.inference.drifting import LINK, REASONS, body
from tests.inference.judged import CARD, FAILED, PASSED, digest_of, publish_challenger, publish_champion
from tests.inference.receivers import black_hole, webhook
from ui.api.client import Client
from ui.api.errors import ApiRefused, ApiUnavailable
from ui.api.predictions import Prediction
from ui.models.model_picture import take_picture
from ui.settings import Settings


@pytest.fixture
def api(tmp_path: Path) -> Iterator[LiveApi]:
    live = LiveApi(tmp_path / "api")
    live.start()
    yield live
    live.close()


@pytest.fixture
def client(api: LiveApi) -> Client:
    return Client(Settings(api_url=api.url))


@pytest.fixture
def prediction(client: Client) -> Prediction:
    return client.predict("late again")


def test_a_prediction_is_read_whole(prediction: Prediction) -> None:
    assert prediction.label == "negative"
    assert prediction.probability == pytest.approx(0.9526, abs=1e-3)
    assert list(prediction.probabilities) == ["negative", "positive"]
    assert not prediction.abstained
    assert (prediction.model.name, prediction.model.version) == ("word_weights", "pretrained")


def test_an_unsure_prediction_says_so(client: Client) -> None:
    assert client.predict("a plane").abstained


@pytest.mark.parametrize("text", ["  ", "x" * 1001, "nul \0 inside"])
def test_a_text_the_api_does_not_take_is_refused_with_a_reason(client: Client, text: str) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.predict(text)
    assert caught.value.status == 422
    assert caught.value.reasons[0].startswith("text: ")


def test_half_a_character_is_refused(client: Client) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.predict("broken \ud83d")
    assert caught.value.status in {400, 422}


def test_a_body_past_the_limit_is_refused_as_too_large(client: Client) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.predict("x" * 20_000)
    assert caught.value.status == 413


def test_the_longest_text_and_comment_of_wide_characters_fit(client: Client) -> None:
    prediction = client.predict("😀" * 1000)
    stored = client.send_feedback(prediction.prediction_id, "confirmed", comment="😀" * 1000, idempotency_key="k")
    assert stored.comment == "😀" * 1000


def test_a_confirmation_is_stored(client: Client, prediction: Prediction, api: LiveApi) -> None:
    stored = client.send_feedback(prediction.prediction_id, "confirmed", idempotency_key="k")
    assert (stored.prediction_id, stored.verdict) == (prediction.prediction_id, "confirmed")
    assert api.keys_kept_for("late again") == ["k"]


def test_a_rejection_is_stored_with_label_and_comment(client: Client, prediction: Prediction) -> None:
    stored = client.send_feedback(
        prediction.prediction_id, "rejected", label="positive", comment="irony", idempotency_key="k"
    )
    assert (stored.verdict, stored.label, stored.comment) == ("rejected", "positive", "irony")


def test_the_same_key_stores_once(client: Client, prediction: Prediction, api: LiveApi) -> None:
    for _ in range(3):
        client.send_feedback(prediction.prediction_id, "rejected", label="positive", idempotency_key="k")
    assert len(api.feedback_for("late again")) == 1


def test_a_change_of_mind_with_a_new_key_is_kept_beside_the_first(
    client: Client, prediction: Prediction, api: LiveApi
) -> None:
    for number, verdict in enumerate(("confirmed", "rejected", "confirmed")):
        client.send_feedback(prediction.prediction_id, verdict, idempotency_key=f"k{number}")  # type: ignore[arg-type]
    assert [row.verdict for row in api.feedback_for("late again")] == ["confirmed", "rejected", "confirmed"]


def test_feedback_on_an_unknown_prediction_is_refused(client: Client) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.send_feedback("00000000-0000-0000-0000-000000000000", "confirmed", idempotency_key="k")
    assert caught.value.status == 404


def test_an_api_without_a_model_is_unavailable_for_a_while(tmp_path: Path) -> None:
    live = LiveApi(tmp_path / "empty", with_model=False)
    live.start()
    try:
        with pytest.raises(ApiUnavailable) as caught:
            Client(Settings(api_url=live.url)).predict("late")
    finally:
        live.close()
    assert caught.value.status == 503
    assert caught.value.retry_after_seconds is not None


def test_a_stopped_api_is_unavailable_and_found_again_after_its_restart(api: LiveApi, client: Client) -> None:
    client.predict("late")
    api.stop()
    with pytest.raises(ApiUnavailable):
        client.predict("late")
    api.start()
    assert client.predict("late").label == "negative"


def test_an_answer_that_takes_too_long_is_unavailable(api: LiveApi) -> None:
    impatient = Client(Settings(api_url=api.url, read_timeout_seconds=0.2))
    api.answer_after(0.6)
    with pytest.raises(ApiUnavailable):
        impatient.predict("late")


def test_without_rejections_there_is_no_alert(client: Client) -> None:
    assert client.list_alerts(100) == []


def test_an_alert_is_read_with_its_examples_history_and_messages(client: Client, api: LiveApi) -> None:
    raised = raise_alert(api)
    alert = client.read_alert(raised.alert_id)
    assert (alert.rule, alert.is_open, alert.model_version) == ("burst", True, "pretrained")
    assert (alert.judged, alert.rejected, alert.rejected_share) == (3, 3, 1.0)
    assert 0.4 < alert.rejected_share_low < alert.rejected_share_high == 1.0
    assert {example.corrected_label for example in alert.examples} == {"positive"}
    assert [event.event for event in alert.history] == ["opened"]
    assert alert.deliveries == []


def test_an_acknowledgement_sent_again_is_stored_once_and_the_first_name_stands(client: Client, api: LiveApi) -> None:
    alert_id = raise_alert(api).alert_id
    for name in ("Ana", "Ana", "Ben"):
        assert client.acknowledge(alert_id, name, "a note").acknowledged_by == "Ana"
    events = [event for event in client.read_alert(alert_id).history if event.event == "acknowledged"]
    assert [(event.by, event.note) for event in events] == [("Ana", "a note"), ("Ben", "a note")]


def test_an_alert_the_api_does_not_know_is_refused(client: Client) -> None:
    for ask in (client.read_alert, lambda alert_id: client.acknowledge(alert_id, "Ana")):
        with pytest.raises(ApiRefused) as caught:
            ask(uuid4())
        assert caught.value.status == 404


def test_a_name_past_the_limit_is_refused_with_a_reason(client: Client, api: LiveApi) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.acknowledge(raise_alert(api).alert_id, "n" * 129)
    assert caught.value.reasons[0].startswith("by: ")


def test_a_test_message_to_nobody_is_refused_with_what_to_set(client: Client) -> None:
    with pytest.raises(ApiRefused) as caught:
        client.send_test()
    assert caught.value.status == 409
    assert "INFERENCE_ALERT_URLS" in caught.value.detail


def test_a_test_message_says_for_each_destination_what_became_of_it(tmp_path: Path) -> None:
    with webhook() as receiver, black_hole() as port:
        addresses = (receiver.address, f"127.0.0.1:{free_port()}", f"127.0.0.1:{port}")
        live = LiveApi(tmp_path / "api", alert_urls=SecretStr(" ".join(f"json://{each}" for each in addresses)))
        live.start()
        try:
            # However short its patience with other answers: this one comes when all have had their time.
            arrived, refused, silent = Client(Settings(api_url=live.url, read_timeout_seconds=0.3)).send_test()
        finally:
            live.close()
    assert (arrived.state, arrived.attempts[0].error) == ("delivered", None)
    assert (refused.state, refused.attempts[0].error) == ("waiting", "connection refused")
    assert silent.state == "waiting"
    assert {attempt.error for attempt in silent.attempts} <= {"no answer in time"}


class Registry(NamedTuple):
    """A real MLflow with a champion, and the bundles of it and of who wants to become it."""

    model: RegisteredModel
    first: Path
    second: Path


@pytest.fixture
def registry(registered_model: RegisteredModel, make_bundle: MakeBundle) -> Registry:
    first, second = make_bundle("first"), make_bundle("second", weights=[0, 0, -2, 3, -2, -3, 0])
    publish_champion(registered_model, first)
    return Registry(registered_model, first, second)


@contextmanager
def following(registry: Registry, folder: Path, **settings: object) -> Iterator[LiveApi]:
    chosen = {"mlflow_url": registry.model.url, "registered_model": registry.model.name, "poll_seconds": 0.1}
    live = LiveApi(folder / "following", with_model=False, **chosen, **settings)
    live.start()
    yield live
    live.close()


@pytest.fixture
def loop(registry: Registry, tmp_path: Path) -> Iterator[Client]:
    with following(registry, tmp_path) as api:
        client = Client(Settings(api_url=api.url, read_timeout_seconds=10))
        wait_until(lambda: client.read_journal(10).champion is not None, "the champion was not noticed")
        wait_until(lambda: serves(client, "1"), "the champion does not serve")
        yield client


def serves(client: Client, version: str) -> bool:
    try:
        return client.read_served().version == version
    except ApiUnavailable:
        return False


def test_models_are_listed_with_verdict_and_card(loop: Client, registry: Registry) -> None:
    publish_challenger(registry.model, registry.second, registry.first)
    models = loop.list_models(10)
    assert (models.champion, models.challenger) == ("1", "2")
    challenger, champion = models.items
    assert (challenger.version, challenger.aliases, challenger.candidate) == ("2", ["challenger"], "tfidf_logreg")
    assert challenger.digest == digest_of(registry.second)
    assert challenger.card == CARD
    assert challenger.verdict is not None
    assert [check.name for check in challenger.verdict.checks] == [check["name"] for check in PASSED]
    assert (champion.verdict, champion.card) == (None, None)


def test_a_promotion_and_a_rollback_are_answered_with_their_lines_of_the_journal(
    loop: Client, registry: Registry
) -> None:
    publish_challenger(registry.model, registry.second, registry.first)
    promoted = loop.promote("2", "better", "Ana")
    assert (promoted.kind, promoted.from_version, promoted.to_version) == ("promotion", "1", "2")
    wait_until(lambda: serves(loop, "2"), "the new champion does not serve")
    back = loop.roll_back("worse", "Ben")
    assert (back.kind, back.by, back.reason, back.to_version) == ("rollback", "Ben", "worse", "1")
    journal = loop.read_journal(10)
    assert [move.kind for move in journal.items] == ["rollback", "promotion", "found"]
    assert journal.champion == back
    picture = take_picture(loop)
    assert (picture.step_back, picture.has_no_way_back) == (None, True)


def test_who_may_be_promoted_and_where_back_leads_is_what_the_api_does(loop: Client, registry: Registry) -> None:
    publish_challenger(registry.model, registry.second, registry.first)
    before = take_picture(loop)
    assert [each.version for each in before.promotable] == ["2"]
    with pytest.raises(ApiRefused) as caught:
        loop.roll_back("nowhere to go", "Ana")
    assert caught.value.status == 409
    assert before.has_no_way_back
    loop.promote("2", "better", "Ana")
    after = take_picture(loop)
    assert (after.promotable, after.step_back) == ([], "1")


def test_a_refused_challenger_is_refused_with_what_the_gate_found(loop: Client, registry: Registry) -> None:
    publish_challenger(registry.model, registry.second, registry.first, checks=FAILED)
    with pytest.raises(ApiRefused) as caught:
        loop.promote("2", "better", "Ana")
    assert caught.value.status == 409
    assert "9.71 ms" in caught.value.detail


def test_a_move_without_the_owners_key_is_refused_and_with_it_carried_out(registry: Registry, tmp_path: Path) -> None:
    publish_challenger(registry.model, registry.second, registry.first)
    with following(registry, tmp_path, owner_key=SecretStr("s3cret")) as api:
        stranger = Client(Settings(api_url=api.url))
        with pytest.raises(ApiRefused) as caught:
            stranger.promote("2", "better", "Ana")
        assert caught.value.status == 401
        assert stranger.list_models(1).champion == "1"
        owner = Client(Settings(api_url=api.url, owner_key=SecretStr("s3cret")))
        assert owner.promote("2", "better", "Ana").to_version == "2"


def test_an_api_without_a_registry_says_which_variable_to_set(client: Client) -> None:
    with pytest.raises(ApiUnavailable) as caught:
        client.list_models(10)
    assert "INFERENCE_MLFLOW_URL" in caught.value.detail


def test_without_live_tweets_and_reports_shadow_and_drift_are_empty(client: Client) -> None:
    assert (client.read_shadow(), client.list_drift_reports(1)) == ([], [])


def test_a_drift_report_is_read_as_the_trainer_posted_it(client: Client, api: LiveApi) -> None:
    assert requests.post(f"{api.url}/v1/drift-reports", json=body(), timeout=10).status_code == 201
    [report] = client.list_drift_reports(1)
    assert (report.state, report.reasons, report.link) == ("drifted", list(REASONS), LINK)
    assert report.monitors[0].moved


def test_what_the_challenger_makes_of_live_tweets_is_read(registry: Registry, tmp_path: Path) -> None:
    publish_challenger(registry.model, registry.second, registry.first)
    with following(registry, tmp_path, shadow_share=1.0) as api:
        client = Client(Settings(api_url=api.url, read_timeout_seconds=10))
        wait_until(lambda: serves(client, "1"), "the champion does not serve")

        def is_compared() -> bool:
            client.predict("late"), client.predict("thanks")
            return bool(client.read_shadow()) and client.read_shadow()[0].disagreed > 0

        wait_until(is_compared, "nothing was compared")
        [pair] = client.read_shadow()
        assert (pair.challenger_version, pair.champion_version) == ("2", "1")
        found = pair.disagreements[0]
        assert (found.champion_label, found.label, found.right_label) == ("negative", "positive", None)
        assert take_picture(client).comparison is not None
