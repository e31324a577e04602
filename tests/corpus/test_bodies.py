"""Every body of the corpus, in one piece and in several: the status that is listed, and nothing of it comes back."""

import sqlite3
from pathlib import Path

import pytest
from corpus import BATCH, CANARY, FEEDBACK, GOOD, ONE, ROUTES, Case, on_every_route
from corpus_documents import documents
from corpus_media import media
from corpus_values import VALUES
from raw_http import RESET
from talking import Talk, assert_problem, meaning_of

CASES = [*on_every_route(VALUES), *documents(), *media()]
PARAMETERS = [pytest.param(case, id=str(case)) for case in CASES]


def test_no_two_cases_have_one_name() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)
    assert {case.route for case in CASES} == set(ROUTES)


@pytest.mark.parametrize("case", PARAMETERS)
def test_a_body_is_answered_as_listed_however_it_comes(talk: Talk, case: Case) -> None:
    answers = {way: talk.send_case(case, way) for way in talk.ways(case)}
    for way, answer in answers.items():
        assert answer.status in case.statuses, (way, answer)
        if answer.status >= 400:
            assert_problem(answer)
        elif case.route is not FEEDBACK:
            # A verdict is answered with itself.
            assert CANARY not in answer.head + answer.body
    talk.assert_still_answering()
    said = [(answer.status, meaning_of(answer)) for answer in answers.values() if answer.status != RESET]
    assert all(each == said[0] for each in said), said


def test_the_database_never_sees_a_nul(talk: Talk, database: Path) -> None:
    for route in ROUTES:
        for value in VALUES:
            if "NUL" in value.name:
                talk.send_case(value.on(route), "at once")
    # Read through the API, all that was answered before is in the database.
    talk.send([b"GET /v1/predictions?limit=1 HTTP/1.1\r\nhost: x\r\n\r\n"])
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        for table, column in (("predictions", "text"), ("feedback", "comment")):
            # A text with a NUL would be cut there by LIKE, but not by instr.
            query = f"SELECT count(*), coalesce(sum(instr({column}, char(0)) > 0), 0) FROM {table}"
            rows, with_nul = connection.execute(query).fetchone()
            assert rows > 0
            assert with_nul == 0
    finally:
        connection.close()


def test_of_a_name_given_twice_the_last_counts(talk: Talk) -> None:
    [once] = talk.send([request(b'{"text":"I love this crew"}')])
    [twice] = talk.send([request(b'{"text":"worst airline ever","text":"I love this crew"}')])
    assert meaning_of(twice) == meaning_of(once)


def test_a_batch_is_answered_as_its_texts_one_by_one(talk: Talk) -> None:
    honest = [value.json for value in VALUES if value.status == GOOD]
    [answer] = talk.send([request(BATCH.hold(b",".join(honest)), BATCH.path)])
    together = meaning_of(answer)
    assert isinstance(together, dict)
    alone = [meaning_of(talk.send([request(ONE.hold(text))])[0]) for text in honest]
    assert [each["label"] for each in together["predictions"]] == [each["label"] for each in alone]


def request(body: bytes, path: str = ONE.path) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
