"""What schemathesis does not check by itself: no refusal repeats its request, and each is a problem in short."""

import json
from collections.abc import Iterator
from urllib.parse import unquote

import schemathesis
from schemathesis import Case, CheckContext, Response

MAX_ANSWER = 2048
# Shorter ones are found in any sentence.
SHORTEST = 8
PROBLEM = "application/problem+json"


@schemathesis.check
def no_echo(_: CheckContext, response: Response, case: Case) -> None:
    if response.status_code < 400:
        return
    answer = f"{response.content.decode()} {dict(response.headers)}"
    known = json.dumps(case.operation.schema.raw_schema, ensure_ascii=False)
    for word in words_of([case.path_parameters, case.query, dict(case.headers), case.cookies, case.body]):
        if len(word) >= SHORTEST and word not in known:
            assert word not in answer, f"the answer repeats {word!r}"


@schemathesis.check
def a_refusal_is_a_problem(_: CheckContext, response: Response, case: Case) -> None:
    if response.status_code < 400:
        return
    assert len(response.content) < MAX_ANSWER
    assert response.headers["content-type"] == [PROBLEM]
    if case.method != "HEAD":
        assert response.json()["status"] == response.status_code
    if response.status_code in (429, 503):
        assert "retry-after" in response.headers


def words_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from {value, unquote(value)}
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from words_of(name)
            yield from words_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from words_of(inner)
