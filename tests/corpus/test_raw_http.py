"""Requests that are wrong as HTTP: refused or answered, never an error of the server's, and the next is answered."""

import socket
import time

import pytest
from corpus import CANARY, ONE
from corpus_requests import BODY, CHUNKED, HEADERS, LAST_CHUNK, LENGTH, POST, REQUESTS, RawRequest, predict
from front_door import FrontDoor
from raw_http import RESET, Answer
from talking import PROBLEM, Talk, assert_problem, assert_says_nothing_of_what_was_sent, meaning_of

BODY_SECONDS = 10
ANGRY = b'{"text":"worst airline ever"}'
GLAD = b'{"text":"thanks, I love this crew"}'


def prediction_of(body: bytes) -> bytes:
    return POST + HEADERS + b"content-length: %d\r\n\r\n" % len(body) + body


def assert_refused_or_answered(answer: Answer) -> None:
    if answer.status >= 400:
        assert_problem(answer)
    assert_says_nothing_of_what_was_sent(answer)


def test_no_two_requests_have_one_name() -> None:
    assert len({request.name for request in REQUESTS}) == len(REQUESTS)


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_request_is_answered_as_listed(talk: Talk, request_: RawRequest) -> None:
    [answer] = talk.send([request_.content])
    assert answer.status in request_.statuses, answer
    assert_refused_or_answered(answer)
    talk.assert_still_answering()


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_request_that_comes_in_two_halves_is_answered_alike(talk: Talk, request_: RawRequest) -> None:
    half = len(request_.content) // 2
    [whole] = talk.send([request_.content])
    [cut] = talk.send([request_.content[:half], request_.content[half:]])
    assert cut.status == whole.status
    if whole.header(b"content-type") == PROBLEM:
        assert meaning_of(cut) == meaning_of(whole)


def test_an_answer_names_the_methods_of_a_path(talk: Talk) -> None:
    [answer] = talk.send([b"DELETE /v1/feedback HTTP/1.1\r\nhost: x\r\n\r\n"])
    assert (answer.status, answer.header(b"allow")) == (405, b"GET, POST")


def test_requests_that_do_not_wait_for_answers_have_them_in_their_order(talk: Talk) -> None:
    for bodies in ([ANGRY, GLAD], [GLAD, ANGRY], [ANGRY, b"", GLAD], [b"{", b"[]", GLAD]):
        alone = [talk.send([prediction_of(body)])[0] for body in bodies]
        requests = [prediction_of(body) for body in bodies]
        for segments in ([b"".join(requests)], requests):
            together = talk.send(segments, answers=len(bodies), pause=0)
            assert [answer.status for answer in together] == [answer.status for answer in alone]
            assert [meaning_of(answer) for answer in together] == [meaning_of(answer) for answer in alone]


def test_a_request_cut_anywhere_is_answered_alike(talk: Talk) -> None:
    content = prediction_of(GLAD)
    [whole] = talk.send([content])
    for cut in range(1, len(content), 7):
        [answer] = talk.send([content[:cut], content[cut:]])
        assert (answer.status, meaning_of(answer)) == (200, meaning_of(whole)), content[cut:]


def test_a_body_of_single_bytes_is_read(talk: Talk) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY.ljust(ONE.limit))
    [answer] = talk.send([predict("", CHUNKED, length=b"", body=chunks + LAST_CHUNK).content])
    assert answer.status == 200
    talk.assert_still_answering()


def test_a_hundred_thousand_chunks_are_cut_off(talk: Talk, front_door: FrontDoor) -> None:
    before = front_door.cpu_seconds()
    chunks = b"1\r\n \r\n" * 100_000
    [answer] = talk.send([predict("", CHUNKED, length=b"", body=chunks + LAST_CHUNK).content])
    assert answer.status in {413, RESET}
    talk.assert_still_answering()
    assert front_door.cpu_seconds() - before < 1


def test_what_is_left_of_a_body_that_is_longer_than_it_said_is_no_prediction(talk: Talk) -> None:
    smuggled = prediction_of(GLAD)
    answers = talk.send([POST + HEADERS + b"content-length: 5\r\n\r\n" + BODY + smuggled], answers=3)
    # The rest is no request, so the connection ends there.
    assert [answer.status for answer in answers] in ([400], [400, 400])
    for answer in answers:
        assert_refused_or_answered(answer)
    talk.assert_still_answering()


def test_a_body_behind_an_offer_to_upgrade_is_no_request_of_its_own(talk: Talk) -> None:
    smuggled = prediction_of(GLAD)
    offer = b"connection: upgrade\r\nupgrade: h2c\r\n"
    head = POST + HEADERS + offer + b"content-length: %d\r\n\r\n" % len(smuggled)
    answers = talk.send([head, smuggled, b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"], answers=2)
    assert answers[0].status == 400
    assert not any(b"prediction_id" in answer.body for answer in answers)


def test_a_caller_that_hangs_up_in_its_body_leaves_nothing_behind(talk: Talk) -> None:
    for cut in (1, len(POST), len(POST + HEADERS), len(prediction_of(BODY)) - 1):
        talk.send([prediction_of(BODY)[:cut]], answers=0)
    talk.assert_still_answering()


def test_a_body_that_does_not_come_is_waited_for_ten_seconds(talk: Talk) -> None:
    started = time.monotonic()
    [answer] = talk.send([POST + HEADERS + LENGTH.replace(b": ", b": 1") + b"\r\n" + BODY])
    assert BODY_SECONDS - 1 < time.monotonic() - started < BODY_SECONDS + 4
    assert answer.status in {408, RESET}
    if answer.status == 408:
        assert_problem(answer)
        assert answer.header(b"connection") == b"close"
    talk.assert_still_answering()


def test_a_head_request_has_no_body(front_door: FrontDoor) -> None:
    both = (
        b"HEAD /v1/model HTTP/1.1\r\nhost: x\r\n\r\nGET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    with socket.create_connection((front_door.host, front_door.port), timeout=5) as connection:
        connection.sendall(both)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, rest = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert rest.startswith(b"HTTP/1.1 200 ")


def test_the_canary_stands_in_what_was_sent() -> None:
    assert sum(CANARY in request.content for request in REQUESTS) > len(REQUESTS) / 2
