"""What each role is offered, and what is refused to it whatever the browser sends."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from canned_models import CannedModels, served, with_challenger
from live_api import LiveApi
from person import keys, press, shown, type_and_analyse
from rejections import client_of, raise_alert
from signed_in import OWNER, REVIEWER, VIEWER, alerts_script, claims_of, models_script, open_signed_in
from streamlit.testing.v1 import AppTest

from ui.api.client import Client
from ui.api.errors import NotAllowed
from ui.people.person import Person, Role
from ui.settings import Settings
from ui.words.english.wording import ENGLISH

WANTS_REVIEWER = ENGLISH.not_allowed.format(role=ENGLISH.roles["REVIEWER"])
WANTS_OWNER = ENGLISH.not_allowed.format(role=ENGLISH.roles["OWNER"])


def client_for(api: LiveApi, role: Role, **more: datetime) -> Client:
    return Client(Settings(api_url=api.url, read_timeout_seconds=10), Person(role, "ana@example.org"), **more)


@pytest.fixture
def models() -> Iterator[CannedModels]:
    """Version 2 has passed the gate and wants to become champion."""
    api = with_challenger()
    with served(api):
        yield api


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_a_viewer_reads_what_the_model_says_and_is_not_offered_a_verdict(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi
) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(VIEWER))
    type_and_analyse(page, "late never")
    assert ENGLISH.question in shown(page) and WANTS_REVIEWER in shown(page)
    assert not [key for key in keys(page) if key.startswith(("correct", "wrong"))]


def test_a_reviewers_verdict_is_stored_under_a_pseudonym_of_the_address(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi
) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(REVIEWER))
    type_and_analyse(page, "late never")
    press(page, "correct")
    assert page.success[0].value == ENGLISH.thanks_confirmed
    (reviewer,) = api.reviewers_of("late never")
    assert reviewer and REVIEWER not in reviewer


def test_a_viewer_sees_alerts_and_is_offered_neither_reply_nor_test_message(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi
) -> None:
    raise_alert(api)
    page = open_signed_in(monkeypatch, api.url, claims_of(VIEWER), script=alerts_script)
    assert ENGLISH.alerts.rules["burst"] in shown(page)
    assert shown(page).count(WANTS_REVIEWER) == 2
    assert not [key for key in keys(page) if key.startswith(("acknowledge", "send-test"))]


def test_who_signed_in_acknowledges_in_their_own_name_and_is_not_asked_for_one(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi
) -> None:
    alert = raise_alert(api)
    page = open_signed_in(monkeypatch, api.url, claims_of(REVIEWER), script=alerts_script)
    assert not page.text_input
    assert ENGLISH.people.in_the_name_of.format(name=REVIEWER) in texts(page)
    page.text_area[0].set_value("Ask the crew")
    press(page, "acknowledge")
    assert page.success[0].value == ENGLISH.alerts.thanks
    history = client_of(api).read_alert(alert.alert_id).history
    assert [(event.by, event.note) for event in history if event.event == "acknowledged"] == [
        (REVIEWER, "Ask the crew")
    ]


@pytest.mark.parametrize("address", [VIEWER, REVIEWER])
def test_only_an_owner_is_offered_to_promote_and_to_roll_back(
    monkeypatch: pytest.MonkeyPatch, models: CannedModels, address: str
) -> None:
    page = open_signed_in(monkeypatch, models.url, claims_of(address), script=models_script)
    assert shown(page).count(WANTS_OWNER) == 2
    assert not [key for key in keys(page) if key.startswith("consider")]
    assert not page.text_area and not page.selectbox


def test_an_owner_promotes_in_their_own_name(monkeypatch: pytest.MonkeyPatch, models: CannedModels) -> None:
    page = open_signed_in(monkeypatch, models.url, claims_of(OWNER), script=models_script)
    assert not page.text_input
    page.text_area[0].set_value("better on delays")
    press(page, "consider-promotion")
    assert f"{OWNER}: better on delays" in texts(page)
    press(page, "send-promotion")
    expected = {"version": "2", "reason": "better on delays", "by": OWNER}
    assert models.sent == [("/v1/promotions", expected)]
    assert any("version 2 is the champion" in success.value for success in page.success)


def test_where_nobody_signs_in_a_name_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, models: CannedModels, open_models: Callable[[str], AppTest]
) -> None:
    page = open_models(models.url)
    assert page.text_input[0].label == ENGLISH.moves.name


def test_a_button_that_an_owner_left_behind_does_nothing_for_who_comes_after(
    monkeypatch: pytest.MonkeyPatch, models: CannedModels
) -> None:
    page = open_signed_in(monkeypatch, models.url, claims_of(OWNER), script=models_script)
    page.text_area[0].set_value("better on delays")
    press(page, "consider-promotion")
    page.user = claims_of(REVIEWER)
    page.run()
    assert not page.exception and not keys(page)
    assert models.sent == []


def test_the_client_refuses_what_the_role_may_not_do_and_asks_nothing(api: LiveApi) -> None:
    viewer, reviewer = client_for(api, Role.VIEWER), client_for(api, Role.REVIEWER)
    prediction = viewer.predict("late never")
    alert_id = uuid4()
    for ask in (
        lambda: viewer.send_feedback(prediction.prediction_id, "rejected", idempotency_key="k"),
        lambda: viewer.acknowledge(alert_id, "Ana"),
        viewer.send_test,
        lambda: viewer.promote("2", "better", "Ana"),
        lambda: reviewer.promote("2", "better", "Ana"),
        lambda: reviewer.roll_back("worse", "Ana"),
    ):
        with pytest.raises(NotAllowed):
            ask()
    assert api.feedback_for("late never") == []


def test_the_name_that_a_form_sends_does_not_replace_that_of_the_account(api: LiveApi) -> None:
    alert = raise_alert(api)
    answer = client_for(api, Role.REVIEWER).acknowledge(alert.alert_id, "somebody else")
    assert answer.acknowledged_by == "ana@example.org"


def test_a_sign_in_that_has_ended_asks_nothing_more(api: LiveApi) -> None:
    now = datetime.now(UTC)
    late = client_for(api, Role.OWNER, ends_at=now - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        late.predict("late never")
    held = client_for(api, Role.OWNER, ends_at=now + timedelta(hours=1))
    held.predict("late never")
    held.end()
    with pytest.raises(NotAllowed):
        held.predict("late never")
    assert api.predictions_of("late never") == 1
