"""The real client of the pages against the real inference service."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from live_api import LiveApi, free_port
from pydantic import SecretStr
from rejections import raise_alert

from tests.inference.receivers import black_hole, webhook
from ui.client import Client, Prediction
from ui.errors import ApiRefused, ApiUnavailable
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
