"""An alert of drift on the page: what moved, what was compared, and where the report is, all of it plain text."""

from collections.abc import Callable

import pytest
import requests
from live_api import LiveApi
from person import shown
from rejections import client_of, raise_alert, wait_until
from streamlit.testing.v1 import AppTest

from tests.inference.drifting import LINK, REASONS, REFERENCE, body
from ui.monitor.alert_record import event_words
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.alerts
OpenPage = Callable[[str], AppTest]


def drift(api: LiveApi, **changes: object) -> None:
    """Post a report, and wait until its alert is there."""
    alerts = len(client_of(api).list_alerts(100))
    assert requests.post(f"{api.url}/v1/drift-reports", json=body(**changes), timeout=10).status_code == 201
    wait_until(lambda: len(client_of(api).list_alerts(100)) > alerts, "no alert was raised")


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_the_page_says_what_moved_what_was_compared_and_where_the_report_is(
    api: LiveApi, open_alerts: OpenPage
) -> None:
    drift(api)
    page = open_alerts(api.url)
    assert not page.exception
    assert page.subheader[0].value.endswith(WORDS.rules["drift"])
    assert f"**{WORDS.moved}**" in shown(page)
    said = texts(page)
    begins = said.index(f"• {REASONS[0]}")
    looked_at = [f"Compared with: {REFERENCE}", "Predictions: 1,000 in 2 windows"]
    assert said[begins : begins + 4] == [*(f"• {reason}" for reason in REASONS), *looked_at]
    assert [code.value for code in page.code] == [LINK]
    assert "3" in said
    assert WORDS.no_share in said


def test_its_history_does_not_repeat_the_reasons_and_no_rejected_answers_are_missed(
    api: LiveApi, open_alerts: OpenPage
) -> None:
    drift(api)
    page = open_alerts(api.url)
    assert WORDS.events["opened"] in texts(page)
    # In the alert itself, and in the last report further down.
    assert texts(page).count(f"• {REASONS[0]}") == 2
    assert WORDS.examples not in shown(page)
    assert WORDS.no_examples not in shown(page)


def test_a_report_without_a_page_or_reasons_is_shown_too(api: LiveApi, open_alerts: OpenPage) -> None:
    drift(api, link=None, reasons=[])
    page = open_alerts(api.url)
    assert not page.exception
    assert not page.code
    assert f"Compared with: {REFERENCE}" in texts(page)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "![x](https://example.org/a.png) [y](javascript:z)", ":red[**x**] \u202egnp"]
)
def test_markup_in_a_reason_or_a_reference_is_only_ever_plain_text(
    api: LiveApi, open_alerts: OpenPage, text: str
) -> None:
    drift(api, reasons=[text], reference=text, link=f"https://x/](y)<b>?{'z' * 300}")
    page = open_alerts(api.url)
    plain = text.replace("\u202e", "")
    assert {f"• {plain}", f"Compared with: {plain}"} <= set(texts(page))
    pieces = ("<script", "](", ":red[**", "<b>")
    kinds = (page.title, page.subheader, page.caption, page.markdown, page.error, page.warning, page.success)
    rendered = [str(element.value) for kind in kinds for element in kind]
    assert not [value for value in rendered if any(piece in value for piece in pieces)]


def test_it_stands_beside_an_alert_of_rejections_and_both_can_be_acknowledged(
    api: LiveApi, open_alerts: OpenPage
) -> None:
    raise_alert(api)
    drift(api)
    for alert in client_of(api).list_alerts(10):
        client_of(api).acknowledge(alert.alert_id, "Ann", f"on {alert.rule}")
    page = open_alerts(api.url)
    headings = [heading.value for heading in page.subheader]
    assert [sum(heading.endswith(WORDS.rules[rule]) for heading in headings) for rule in ("burst", "drift")] == [1, 1]
    assert {"Acknowledged by Ann: on burst", "Acknowledged by Ann: on drift"} <= set(texts(page))
    assert WORDS.examples in shown(page)


def test_a_past_one_says_why_it_is_over(api: LiveApi, open_alerts: OpenPage) -> None:
    drift(api)
    [alert] = client_of(api).list_alerts(1)
    other = body(model_version="4", state="stable")
    assert requests.post(f"{api.url}/v1/drift-reports", json=other, timeout=10).status_code == 201
    wait_until(lambda: not client_of(api).list_alerts(1)[0].is_open, "the alert stayed open")
    page = open_alerts(api.url)
    assert page.expander[-1].label.endswith(WORDS.rules["drift"])
    page.session_state[f"past-alert-{alert.alert_id}"] = True
    page.run()
    assert "Closed: version 3 is not served any more" in texts(page)
    assert f"• {REASONS[0]}" in texts(page)
    [opened, _] = client_of(api).read_alert(alert.alert_id).history
    assert event_words(opened) == WORDS.events["opened"]
