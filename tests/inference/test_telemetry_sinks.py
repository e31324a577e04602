"""What a sink says of each item: the same whichever library sends, through every kind of outage."""

import logging
import time
from collections.abc import Iterator

import pytest

from inference.telemetry.answer import Answer, read_outcomes
from inference.telemetry.items import Event, Item, Metric, Outcome, Sink
from inference.telemetry.opencensus import OpencensusSink
from inference.telemetry.opentelemetry import OpentelemetrySink
from inference.telemetry.sinks import Exporter
from tests.inference.recording_endpoint import KEY, RecordingEndpoint
from tests.inference.sending import (
    ACCEPTED,
    AT,
    EXPORTERS,
    LATER,
    NAMES,
    REFUSED,
    STATSBEAT,
    numbers_of,
    open_sink,
    rejected,
)

KINDS = {"opencensus": OpencensusSink, "opentelemetry": OpentelemetrySink}


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(params=EXPORTERS)
def exporter(request: pytest.FixtureRequest) -> Exporter:
    chosen: Exporter = request.param
    return chosen


@pytest.fixture
def sink(exporter: Exporter, endpoint: RecordingEndpoint) -> Iterator[Sink]:
    sink = open_sink(exporter, endpoint)
    yield sink
    sink.close()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, ACCEPTED)]
    + [(status, LATER) for status in (401, 402, 403, 408, 429, 439, 500, 501, 502, 503, 504, 599, 307, 308)]
    + [(status, REFUSED) for status in (400, 404, 405, 413)],
)
def test_a_status_is_the_outcome_of_each_item(
    sink: Sink, endpoint: RecordingEndpoint, status: int, outcome: Outcome
) -> None:
    endpoint.answer(status)
    assert sink.send([rejected(1), rejected(2)]) == [outcome, outcome]
    # Once: when to try again is for the caller to say.
    assert len(endpoint.posts()) == 1
    assert numbers_of(endpoint.envelopes()) == ([1, 2] if outcome is ACCEPTED else [])


def test_a_batch_taken_in_part_has_an_outcome_for_each_item(sink: Sink, endpoint: RecordingEndpoint) -> None:
    endpoint.refuse({0: 500, 2: 400, 3: 429, 5: 402, 6: 439, 7: 404})
    outcomes = sink.send([rejected(number) for number in range(9)])
    assert outcomes == [LATER, ACCEPTED, REFUSED, LATER, ACCEPTED, LATER, LATER, REFUSED, ACCEPTED]
    assert numbers_of(endpoint.envelopes()) == [1, 4, 8]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"errors": null}',
        b'{"errors": [{"index": 2, "statusCode": 400}]}',
        b'{"errors": [{"index": -1, "statusCode": 400}]}',
        b'{"errors": [{"index": null, "statusCode": 400}]}',
        b'{"errors": [{"index": 0}]}',
    ],
)
def test_a_partial_answer_that_cannot_be_read_loses_nothing(
    sink: Sink, endpoint: RecordingEndpoint, body: bytes
) -> None:
    endpoint.answer(206, body)
    assert sink.send([rejected(1), rejected(2)]) == [LATER, LATER]


def test_what_the_resource_itself_samples_out_is_not_sent_again() -> None:
    body = b'{"errors": [{"index": 1, "statusCode": 500, "message": "Telemetry sampled out."}]}'
    assert read_outcomes(Answer(206, body), 2) == [ACCEPTED, REFUSED]


def test_an_answer_of_200_with_any_body_is_taken(sink: Sink, endpoint: RecordingEndpoint) -> None:
    for body in (b"", b"<html>", b'{"itemsReceived": 1, "itemsAccepted": 1, "errors": []}'):
        endpoint.answer(200, body)
        assert sink.send([rejected(1)]) == [ACCEPTED]


def test_nothing_to_send_asks_nobody(sink: Sink, endpoint: RecordingEndpoint) -> None:
    assert sink.send([]) == []
    assert endpoint.posts() == []


def test_through_every_kind_of_outage_each_item_arrives_once_by_the_same_sink(
    sink: Sink, endpoint: RecordingEndpoint
) -> None:
    waiting = {number: rejected(number) for number in range(6)}

    def send() -> set[Outcome]:
        sent = list(waiting.items())
        outcomes = sink.send([item for _, item in sent])
        for (number, _), outcome in zip(sent, outcomes, strict=True):
            if outcome is ACCEPTED:
                del waiting[number]
        return set(outcomes)

    endpoint.close_port()
    assert send() == {LATER}
    endpoint.come_back()
    for status in (500, 503, 439, 429):
        endpoint.answer(status)
        assert send() == {LATER}
    endpoint.refuse({0: 503, 3: 429})
    assert send() == {ACCEPTED, LATER}
    endpoint.close_port()
    assert send() == {LATER}
    endpoint.come_back()
    assert send() == {ACCEPTED}
    assert sorted(numbers_of(endpoint.envelopes())) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("statsbeat", [None, "true", "false"])
def test_a_refused_connection_loses_nothing_whatever_is_said_of_statsbeat(
    sink: Sink, endpoint: RecordingEndpoint, monkeypatch: pytest.MonkeyPatch, statsbeat: str | None
) -> None:
    monkeypatch.delenv(STATSBEAT, raising=False)
    if statsbeat is not None:
        monkeypatch.setenv(STATSBEAT, statsbeat)
    endpoint.close_port()
    assert sink.send([rejected(1)]) == [LATER]
    endpoint.come_back()
    assert sink.send([rejected(1)]) == [ACCEPTED]


def test_an_endpoint_that_never_answers_is_left_in_time(exporter: Exporter, endpoint: RecordingEndpoint) -> None:
    sink = KINDS[exporter](endpoint.connection_string, NAMES, timeout_seconds=0.5)
    endpoint.fall_silent()
    begin = time.monotonic()
    assert sink.send([rejected(1)]) == [LATER]
    assert 0.4 < time.monotonic() - begin < 3
    endpoint.come_back()
    assert sink.send([rejected(1)]) == [ACCEPTED]
    assert numbers_of(endpoint.envelopes()) == [1]


def test_a_connection_that_is_cut_before_the_answer_is_an_outage(sink: Sink, endpoint: RecordingEndpoint) -> None:
    endpoint.hang_up()
    assert sink.send([rejected(1)]) == [LATER]
    endpoint.come_back()
    assert sink.send([rejected(1)]) == [ACCEPTED]


def test_an_endpoint_without_an_address_is_an_outage(exporter: Exporter) -> None:
    nowhere = f"InstrumentationKey={KEY};IngestionEndpoint=https://nowhere.invalid"
    assert KINDS[exporter](nowhere, NAMES).send([rejected(1)]) == [LATER]


def test_a_redirect_is_followed_and_forgotten(sink: Sink, endpoint: RecordingEndpoint) -> None:
    with RecordingEndpoint() as other:
        endpoint.answer(308, location=f"{other.url}/v2.1/track")
        assert sink.send([rejected(1)]) == [ACCEPTED]
        assert numbers_of(other.envelopes()) == [1]
    # The place it led to is gone.
    assert sink.send([rejected(2)]) == [LATER]
    endpoint.come_back()
    assert sink.send([rejected(2)]) == [ACCEPTED]


def test_redirects_in_a_circle_end_and_do_not_count_against_the_next(sink: Sink, endpoint: RecordingEndpoint) -> None:
    endpoint.answer(307, location=f"{endpoint.url}/v2.1/track")
    assert [sink.send([rejected(1)]) for _ in range(2)] == [[LATER], [LATER]]
    with RecordingEndpoint() as other:
        endpoint.answer(307, location=f"{other.url}/v2.1/track")
        assert sink.send([rejected(1)]) == [ACCEPTED]


def test_the_log_says_nothing_of_an_outage_nor_of_what_was_sent(
    sink: Sink, endpoint: RecordingEndpoint, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = Event("prediction_rejected", {"text": "a sentence of mine"}, AT)
    for status in (200, 400, 401, 402, 403, 404, 429, 439, 500):
        endpoint.answer(status)
        sink.send([secret])
    endpoint.refuse({0: 400})
    sink.send([secret])
    endpoint.close_port()
    sink.send([secret])
    assert "sentence" not in caplog.text and KEY not in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []
    assert capfd.readouterr() == ("", "")


def items_of_both_kinds() -> list[Item]:
    return [rejected(number) for number in range(250)] + [
        Metric("request_seconds", {"prediction_id": f"p-{number}"}, AT, 1, 1.0, 1.0, 1.0) for number in range(250, 500)
    ]


def test_a_large_group_goes_in_one_request_and_in_order(sink: Sink, endpoint: RecordingEndpoint) -> None:
    assert sink.send(items_of_both_kinds()) == [ACCEPTED] * 500
    assert len(endpoint.posts()) == 1
    assert numbers_of(endpoint.envelopes()) == list(range(500))
