"""Reading the page of alerts: none, open ones, past ones, and what others wrote into them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from odd_api import odd_api
from person import shown
from rejections import client_of, raise_alert, reject, wait_until
from streamlit.testing.v1 import AppTest

from ui.api.alert_answers import Alert
from ui.monitor.alert_facts import share_words
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.alerts
OpenPage = Callable[[str], AppTest]
CLOSED = {
    "alert_id": "01a21694-0000-7000-8000-000000000000",
    "rule": "burst",
    "state": "closed",
    "model_version": "3",
    "since": "2026-03-01T11:00:00+02:00",
    "last_seen_at": "2026-03-01T11:01:00+02:00",
    "times_seen": 1,
    "judged": 20,
    "rejected": 5,
    "rejected_share": 0.25,
    "rejected_share_low": 0.112,
    "rejected_share_high": 0.469,
    "acknowledged_at": None,
    "acknowledged_by": None,
    "closed_at": "2026-03-01T11:31:00+02:00",
    "closed_because": "quiet for 30 minutes",
}


def rendered(page: AppTest) -> list[str]:
    """What is shown with its markup carried out."""
    kinds = (page.title, page.subheader, page.caption, page.markdown, page.error, page.warning, page.success)
    return [str(element.value) for kind in kinds for element in kind] + [fold.label for fold in page.expander]


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_without_an_alert_the_page_says_when_one_would_come(api: LiveApi, open_alerts: OpenPage) -> None:
    page = open_alerts(api.url)
    assert not page.exception
    assert page.subheader[0].value == WORDS.none_yet
    assert WORDS.when_one_comes in shown(page)
    assert not page.expander


def test_an_open_alert_says_what_happened_since_when_and_on_which_model(api: LiveApi, open_alerts: OpenPage) -> None:
    alert = raise_alert(api)
    page = open_alerts(api.url)
    assert page.subheader[0].value.endswith("Several answers of the model were rejected within minutes")
    assert f"{alert.since:%Y-%m-%d %H:%M:%S} UTC" in texts(page)
    assert "pretrained" in texts(page)
    assert any(text.endswith((" UTC, once", " times in all")) for text in texts(page))
    assert WORDS.not_acknowledged in texts(page)


def test_the_share_of_rejections_comes_with_its_interval(api: LiveApi, open_alerts: OpenPage) -> None:
    raise_alert(api)
    assert "3 of the last 3 verdicts, 100% (95 % interval: 44% to 100%)" in texts(open_alerts(api.url))


def test_an_alert_of_verdicts_that_do_not_count_has_no_share() -> None:
    nothing = {"judged": 0, "rejected": 0, "rejected_share": None, "rejected_share_low": 0, "rejected_share_high": 1}
    assert share_words(Alert.model_validate(CLOSED | nothing)) == WORDS.no_share


def test_the_rejected_answers_are_shown_masked_with_what_people_say(api: LiveApi, open_alerts: OpenPage) -> None:
    raise_alert(api, "late again", "never late @AirParadis", "never")
    page = open_alerts(api.url)
    assert "never late @user" in texts(page)
    answers = [found.value for found in page.markdown if found.value.startswith("Model: ")]
    assert len(answers) == 3
    assert "Negative] 95.3% · People: :green[" in answers[0]


def test_more_rejections_are_seen_on_the_same_alert(api: LiveApi, open_alerts: OpenPage) -> None:
    raise_alert(api)
    reject(api, "late for the fourth time")
    wait_until(lambda: client_of(api).list_alerts(1)[0].judged == 4, "the fourth was not seen")
    page = open_alerts(api.url)
    assert "late for the fourth time" in texts(page)
    assert any(text.startswith("4 of the last 4 verdicts") for text in texts(page))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> late", "![late](https://example.org/a.png)", ":red[**late**] $x$ \u202egnp.exe"]
)
def test_markup_in_a_tweet_a_name_or_a_note_is_only_ever_plain_text(
    api: LiveApi, open_alerts: OpenPage, text: str
) -> None:
    alert = raise_alert(api, text, text, text)
    client_of(api).acknowledge(alert.alert_id, text, text)
    page = open_alerts(api.url)
    plain = next(found for found in texts(page) if found.startswith("Acknowledged by "))
    assert "\u202e" not in "".join(texts(page))
    assert text.split()[0] in plain
    pieces = ("<script", "](", ":red[**", "$")
    assert not [value for value in rendered(page) if any(piece in value for piece in pieces)]


def test_when_nobody_is_told_the_alert_says_so(api: LiveApi, open_alerts: OpenPage) -> None:
    raise_alert(api)
    assert WORDS.nobody_told in shown(open_alerts(api.url))


def test_an_api_that_is_away_is_named_and_said_to_be_asked_again(open_alerts: OpenPage) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    page = open_alerts(url)
    assert page.error[0].value == f"The API at `{url}` does not answer. It is asked again every 10 seconds."
    assert WORDS.none_yet not in shown(page)


def test_what_was_known_stays_when_the_api_goes_away_and_says_how_old_it_is(
    api: LiveApi, open_alerts: OpenPage
) -> None:
    raise_alert(api)
    page = open_alerts(api.url)
    api.stop()
    page.run()
    assert "does not answer. What you see here is of " in page.error[0].value
    assert "never late, they said" in texts(page)
    api.start()
    page.run()
    assert not page.error


def test_an_api_without_alerts_is_said_to_be_older(open_alerts: OpenPage) -> None:
    with odd_api(404, json.dumps({"detail": "Not Found."}).encode()) as url:
        page = open_alerts(url)
    assert page.error[0].value == WORDS.refused


def test_a_past_alert_is_folded_and_its_details_are_read_when_it_is_opened(
    tmp_path: Path, open_alerts: OpenPage
) -> None:
    api = LiveApi(tmp_path / "api", alert_cooldown_minutes=0.05)
    api.start()
    try:
        alert = raise_alert(api)
        wait_until(lambda: not client_of(api).list_alerts(1)[0].is_open, "the alert stayed open")
        page = open_alerts(api.url)
        assert page.subheader[0].value == WORDS.none_open
        assert page.expander[0].label.endswith(WORDS.rules["burst"])
        assert "never late, they said" not in texts(page)
        page.session_state[f"past-alert-{alert.alert_id}"] = True
        page.run()
    finally:
        api.close()
    assert "never late, they said" in texts(page)
    assert "Closed: quiet for 0.05 minutes" in texts(page)
    assert any(text.endswith("UTC, quiet for 0.05 minutes") for text in texts(page))


def test_a_rule_the_page_does_not_know_is_shown_as_plain_words(open_alerts: OpenPage) -> None:
    hostile = CLOSED | {"rule": "![x](https://example.org/a.png)"}
    with odd_api(200, json.dumps({"items": [hostile]}).encode()) as url:
        page = open_alerts(url)
    assert page.expander[0].label == "2026-03-01 09:00:00 UTC: An alert of the kind x https example org a png"


def test_details_that_cannot_be_read_are_said_to_be_missing_and_the_rest_is_shown(open_alerts: OpenPage) -> None:
    with odd_api(200, json.dumps({"items": [CLOSED]}).encode()) as url:
        page = open_alerts(url)
        page.session_state[f"past-alert-{CLOSED['alert_id']}"] = True
        page.run()
    assert WORDS.past_unread in shown(page)
    assert "2026-03-01 09:31:00 UTC, quiet for 30 minutes" in texts(page)


def test_a_long_past_is_said_to_be_cut(open_alerts: OpenPage) -> None:
    items = [CLOSED | {"alert_id": f"01a21694-0000-7000-8000-{number:012}"} for number in range(50)]
    with odd_api(200, json.dumps({"items": items}).encode()) as url:
        page = open_alerts(url)
    assert WORDS.past_limit.format(count=50) in shown(page)
