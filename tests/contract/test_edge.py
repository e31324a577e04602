"""The edge's configuration and what it stands in front of say the same. What it does is tested in tests/stack."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from inference.body import BatchRoute, JsonRoute

ROOT = Path(__file__).resolve().parents[2]
EDGE = ROOT / "infra" / "edge"
CLIENTS, WORKERS, SHARED, PROBLEMS = (
    (EDGE / f"{name}.conf").read_text(encoding="utf-8") for name in ("clients", "workers", "shared", "problems")
)
RUN = (EDGE / "run.sh").read_text(encoding="utf-8")
MAY_BE_REPEATED = {"/v1/predictions", "/v1/predictions/batch", "/v1/feedback"}
BODIES = re.findall(r"location = /problem/(\d+) \{[^}]*return (\d+) '([^']+)';", PROBLEMS)
HEADERS_OF_PROBLEMS = {"405": "Allow", "429": "Retry-After", "503": "Retry-After"}
Block = tuple[str, str]


def value_of(directive: str, text: str) -> str:
    [found] = re.findall(rf"^\s*{directive} ([^;]+);", text, re.MULTILINE)
    return str(found)


def locations(text: str) -> list[Block]:
    return re.findall(r"location =? ?(\S+) \{\n(.*?)\n        \}", text, re.DOTALL)


def kib(size: str) -> int:
    assert size.endswith("k")
    return int(size[:-1]) * 1024


def seconds(time: str) -> int:
    assert time.endswith("s")
    return int(time[:-1])


def test_the_sizes_are_those_of_the_api() -> None:
    inside = dict(locations(CLIENTS))
    outside = re.sub(r"location =? ?\S+ \{\n.*?\n        \}", "", CLIENTS, flags=re.DOTALL)
    assert kib(value_of("client_max_body_size", outside)) == JsonRoute.body_limit
    limits = {
        path: kib(value_of("client_max_body_size", block)) for path, block in inside.items() if "max_body" in block
    }
    assert limits == {"/v1/predictions/batch": BatchRoute.body_limit}
    # Behind the door a body is only kept, and none is written to a disk.
    assert kib(value_of("client_max_body_size", WORKERS)) == BatchRoute.body_limit
    assert kib(value_of("client_body_buffer_size", WORKERS)) == BatchRoute.body_limit


def test_the_service_is_never_the_first_to_hang_up() -> None:
    gunicorn = (ROOT / "services" / "inference" / "gunicorn.conf.py").read_text(encoding="utf-8")
    [keepalive] = re.findall(r"^keepalive = (\d+)$", gunicorn, re.MULTILINE)
    [upstream] = re.findall(r"upstream inference \{(.*?)\n    \}", WORKERS, re.DOTALL)
    assert seconds(value_of("keepalive_timeout", upstream)) < int(keepalive)


def test_only_what_may_be_said_twice_is_asked_again_whatever_the_method() -> None:
    repeated = {path for path, block in locations(WORKERS) if "non_idempotent" in block}
    assert repeated == MAY_BE_REPEATED
    assert WORKERS.count("non_idempotent") == len(MAY_BE_REPEATED)
    assert "http_503" not in WORKERS
    assert "proxy_next_upstream" not in CLIENTS


def test_after_all_dead_connections_three_addresses_are_left_to_ask() -> None:
    [places] = re.findall(r"seq (\d+)", RUN)
    tries = int(value_of("proxy_next_upstream_tries", WORKERS))
    assert int(places) == int(value_of("keepalive", WORKERS)) + tries
    assert "max_fails=0" in RUN


def test_whoever_is_slow_has_ten_seconds() -> None:
    [generation] = re.findall(r"^generation_seconds=(\d+)$", RUN, re.MULTILINE)
    assert int(generation) + seconds(value_of("worker_shutdown_timeout", WORKERS)) <= 10
    for directive in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert seconds(value_of(directive, CLIENTS)) == 10
    # A body is cut off by the generation that reads it: it has to be read there, and as it comes.
    assert value_of("proxy_request_buffering", CLIENTS) == "off"
    assert value_of("proxy_request_buffering", WORKERS) == "on"


def test_an_answer_has_time_within_one_generation() -> None:
    assert seconds(value_of("proxy_read_timeout", WORKERS)) < seconds(value_of("worker_shutdown_timeout", WORKERS))


@pytest.mark.parametrize(("name", "status", "body"), BODIES)
def test_a_problem_says_its_status_as_the_api_would(name: str, status: str, body: str) -> None:
    problem = json.loads(body)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["type"] == "about:blank"
    assert int(name) == int(status) == problem["status"]
    # Python before 3.13 has these two under the names that RFC 9110 gave up.
    renamed = {413: "Content Too Large", 414: "URI Too Long"}
    assert problem["title"] == renamed.get(int(status), HTTPStatus(int(status)).phrase)
    # A variable of nginx would be something that the caller sent.
    assert "$" not in body


def test_whatever_nginx_refuses_has_a_problem_to_say() -> None:
    written = {name for name, _, _ in BODIES}
    answered = re.findall(r"^ *error_page ([\d ]+)(?:=(\d+) )?/problem/(\d+);", PROBLEMS + CLIENTS, re.MULTILINE)
    assert {name for _, _, name in answered} == written
    for codes, changed, name in answered:
        assert (changed or codes.strip()) == name
    refused = {code for codes, _, _ in answered for code in codes.split()}
    assert refused >= {"400", "404", "405", "413", "414", "429", "494", "500", "501", "502", "503", "504", "505"}


@pytest.mark.parametrize(("status", "header"), HEADERS_OF_PROBLEMS.items())
def test_a_problem_has_the_headers_of_its_status(status: str, header: str) -> None:
    # One header of its own, and nginx forgets those from outside.
    [block] = re.findall(rf"location = /problem/{status} \{{(.*?)\}}", PROBLEMS, re.DOTALL)
    assert f"add_header {header} " in block
    assert "add_header X-Request-ID " in block


def test_the_log_knows_every_route_and_no_path() -> None:
    [inside] = re.findall(r"map \$request_uri \$route \{(.*?)\n\}", SHARED, re.DOTALL)
    known = [(re.compile(pattern), route) for pattern, route in re.findall(r'"~(.+?)" "?([^";]+)"?;', inside)]
    document = json.loads((ROOT / "services" / "inference" / "openapi.json").read_text(encoding="utf-8"))
    # Hidden, so never passed.
    routes = set(document["paths"]) - {"/metrics"}
    assert {route for _, route in known} == routes
    for route in routes:
        for query in ("", "?since=7"):
            path = re.sub(r"\{\w+\}", "0b5e", route) + query
            assert [name for pattern, name in known if pattern.search(path)] == [route]
    assert not any(pattern.search("/v1/predictions/My flight was late") for pattern, _ in known)
    [line] = re.findall(r"log_format line (.*?);", SHARED, re.DOTALL)
    assert not {"$request", "$request_uri", "$uri", "$args", "$request_body"} & set(re.findall(r"\$\w+", line))


def test_errors_that_quote_the_request_are_not_logged() -> None:
    # Below `crit` nginx writes the request's first line, and with it the query, for every client that misbehaves.
    for text in (CLIENTS, WORKERS):
        assert value_of("error_log", text) == "stderr crit"


def test_nobody_is_told_what_the_edge_runs_on_or_counts() -> None:
    assert value_of("server_tokens", SHARED) == "off"
    assert "location ^~ /metrics {\n            return 404;" in CLIENTS
    for text in (CLIENTS, WORKERS):
        assert "include /etc/edge/shared.conf;" in text
