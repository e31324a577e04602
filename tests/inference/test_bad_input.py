"""Which field a refusal names, and what it costs. Bodies nobody should send, with their status, are in tests/corpus."""

import json
import time
import unicodedata
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

JSON = {"content-type": "application/json"}
SECRET = "c4n4ry"
# RFC 9110's names, the same on every version of Python.
TITLES = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
}


def post(client: TestClient, body: bytes, path: str = "/v1/predictions", **headers: str) -> Response:
    return client.post(path, content=body, headers=JSON | {name.replace("_", "-"): headers[name] for name in headers})


def assert_problem(response: Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"] == TITLES[status]
    assert problem["detail"]
    assert SECRET not in response.text
    assert len(response.content) < 2048


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"null", "body"),
        (b"[]", "body"),
        (b'"c4n4ry"', "body"),
        (b"{}", "text"),
        (b'{"text": null}', "text"),
        (b'{"text": 5}', "text"),
        (b'{"text": 1.5}', "text"),
        (b'{"text": true}', "text"),
        (b'{"text": ["c4n4ry"]}', "text"),
        (b'{"text": ""}', "text"),
        (b'{"text": " \\n\\t\\u3000 "}', "text"),
        (b'{"text": "c4n4ry \\u0000"}', "text"),
        (b'{"text": "' + b"x" * 1001 + b'"}', "text"),
        (b'{"text": "ok", "c4n4ry": 1}', "body"),
        (b'{"text": ' + b"[" * 31 + b"]" * 31 + b"}", "text"),
    ],
)
def test_json_that_does_not_fit_is_422_and_names_the_field(client: TestClient, body: bytes, field: str) -> None:
    response = post(client, body)
    assert_problem(response, 422)
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert all(error["reason"] for error in response.json()["errors"])


@pytest.mark.parametrize("texts", [[], ["x"] * 257, "x", [1], [None], [["x"]]])
def test_a_batch_holds_1_to_256_texts(client: TestClient, texts: object) -> None:
    assert_problem(post(client, json.dumps({"texts": texts}).encode(), "/v1/predictions/batch"), 422)


def test_of_a_name_given_twice_the_last_counts(client: TestClient) -> None:
    response = post(client, b'{"text": "thanks", "text": "late"}')
    assert response.json()["label"] == "negative"


def test_a_streamed_body_without_a_declared_length_is_counted(client: TestClient) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 1024

    assert_problem(client.post("/v1/predictions", content=stream(), headers=JSON), 413)


@pytest.mark.parametrize("length", ["99999999", "9" * 40, "-1", "1e3", "\xb2"])
def test_a_content_length_that_lies_does_no_harm(client: TestClient, length: str) -> None:
    headers = {b"content-type": b"application/json", b"content-length": length.encode("latin-1")}
    response = client.post("/v1/predictions", content=b'{"text": "late"}', headers=headers)
    assert response.status_code == (413 if length == "99999999" else 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/c4n4ry", 404),
        ("POST", "/c4n4ry", 404),
        ("GET", "/v1/model/", 404),
        ("POST", "/v1/model", 405),
        ("GET", "/v1/predictions/batch", 405),
        ("DELETE", "/v1/predictions", 405),
        ("PUT", "/v1/feedback", 405),
    ],
)
def test_a_wrong_path_or_method_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert_problem(response, status)
    assert ("allow" in response.headers) == (status == 405)


def test_an_answer_does_not_grow_with_what_was_sent(client: TestClient) -> None:
    unknown = b",".join(b'"c4n4ry%d":0' % number for number in range(90))
    assert_problem(post(client, b'{"text":"x",' + unknown + b"}"), 422)
    wrong = b'{"texts":[' + b",".join([b"1"] * 256) + b"]}"
    response = post(client, wrong, "/v1/predictions/batch")
    assert_problem(response, 422)
    assert len(response.json()["errors"]) == 20


def test_every_method_of_a_path_is_allowed_to_those_who_asked_with_another(client: TestClient) -> None:
    assert client.delete("/v1/feedback").headers["allow"] == "GET, POST"
    assert client.delete("/v1/model").headers["allow"] == "GET"


def test_a_mountain_of_accents_is_refused_without_being_climbed(client: TestClient) -> None:
    """Composing it takes 18 seconds, in which this worker would answer nobody."""
    text = "a" + "\u0301" * 60_000 + "\u0323" * 60_000
    started = time.perf_counter()
    body = json.dumps({"texts": [text]}, ensure_ascii=False).encode()
    assert_problem(post(client, body, "/v1/predictions/batch"), 422)
    assert time.perf_counter() - started < 2


def test_no_character_is_made_of_more_than_four() -> None:
    """What allows a text to be called too long before it is composed."""
    assert max(len(unicodedata.normalize("NFD", chr(code))) for code in range(0x110000)) == 4
