"""What the edge keeps from the workers: slow clients, large ones, and requests that are none.

    make stack PYTEST_ARGS="tests/stack/test_edge.py -s"

With `-s` the figures are printed.
"""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from bench.latency import Latency
from tests.stack.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

SLOW_CLIENTS = Path(__file__).with_name("slow_clients.py")
SLOW_OF_EACH = 167
LIMIT_SECONDS = 11
POST = b"POST /v1/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
BATCH = POST.replace(b"predictions", b"predictions/batch")
GET = b"GET /health/live HTTP/1.1\r\nhost: x\r\n"
BODY = b'{"text":"late"}'
SECRET = b"c4n4ry"

REFUSED = {
    "a body of 16 KiB and one byte": (POST + b"content-length: 16385\r\n\r\n" + b" " * 16385, 413),
    "a batch of 256 KiB and one byte": (BATCH + b"content-length: 262145\r\n\r\n" + b" " * 262145, 413),
    "a body that says it is of 1 GB": (POST + b"content-length: 1000000000\r\n\r\n" + SECRET, 413),
    "chunks of more than 16 KiB": (
        POST + b"transfer-encoding: chunked\r\n\r\n" + b"4000\r\n" + b" " * 16384 + b"\r\n1\r\n \r\n0\r\n\r\n",
        413,
    ),
    "an address of 9,000 bytes": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
    "a header of 9,000 bytes": (GET + b"a: " + b"b" * 9000 + b"\r\n\r\n", 431),
    "a header of 35,000 bytes": (GET + b"".join(b"a%d: " % i + b"b" * 7000 + b"\r\n" for i in range(5)) + b"\r\n", 431),
    "a thousand headers": (GET + b"".join(b"a%d: b\r\n" % i for i in range(5000)) + b"\r\n", 431),
    "two lengths": (POST + b"content-length: 15\r\ncontent-length: 5\r\n\r\n" + BODY, 400),
    "a length and chunks": (POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "another coding": (POST + b"transfer-encoding: gzip\r\n\r\n" + BODY, 400),
    "no number as length": (POST + b"content-length: +15\r\n\r\n" + BODY, 400),
    "broken chunks": (POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
    "a carriage return in a header": (GET + b"a: b\rc4n4ry: d\r\n\r\n", 400),
    "a NUL in a header": (GET + b"a: c4n4ry\0\r\n\r\n", 400),
    "a space before the colon": (GET + b"a : c4n4ry\r\n\r\n", 400),
    "a header of two lines": (GET + b"a: b\r\n c4n4ry\r\n\r\n", 400),
    "no host": (b"GET /health/live HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"host: c4n4ry\r\n\r\n", 400),
    "HTTP/1.0": (b"GET /health/live HTTP/1.0\r\nhost: x\r\n\r\n", 400),
    "HTTP/3.0": (b"GET /health/live HTTP/3.0\r\nhost: x\r\n\r\n", 400),
    "the page of another host": (b"GET http://c4n4ry/health/live HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "a tunnel": (b"CONNECT c4n4ry:80 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "an unknown verb": (b"FETCH /health/live HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "TRACE": (b"TRACE /health/live HTTP/1.1\r\nhost: x\r\nc4n4ry: a\r\n\r\n", 405),
    "a way out": (b"GET /v1/..%2f..%2fetc/c4n4ry HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03c4n4ry\r\n\r\n", 400),
    "the metrics": (b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    "the metrics, otherwise spelled": (b"GET /v1/..//%6detrics?c4n4ry HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    "the edge's own": (b"GET /problem/503 HTTP/1.1\r\nhost: x\r\n\r\n", 404),
}


EdgeWith = Callable[..., str]
Steady = Callable[[float], Latency]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def answer_to(url: str, request: bytes) -> tuple[int, str, bytes]:
    """Status, head and body of the one answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port_of(url)), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while not (head := received.partition(b"\r\n\r\n"))[1]:
            received += connection.recv(65536)
        length = int(re.findall(rb"content-length: (\d+)", head[0].lower())[0])
        body = head[2]
        while len(body) < length:
            body += connection.recv(65536)
    return int(received[9:12]), head[0].decode("latin-1").lower(), body


@pytest.mark.parametrize(("request_", "status"), REFUSED.values(), ids=REFUSED)
def test_the_edge_refuses_in_the_words_of_the_api(stack: Stack, request_: bytes, status: int) -> None:
    code, head, body = answer_to(stack.url("inference"), request_)
    problem = json.loads(body)
    assert code == problem["status"] == status
    assert "content-type: application/problem+json" in head
    assert set(problem) == {"type", "title", "status", "detail"}
    assert SECRET not in body
    assert re.search(r"server: nginx\r?$", head, re.MULTILINE)


@pytest.mark.parametrize(("head", "size", "body"), [(POST, 16384, BODY), (BATCH, 262144, b'{"texts":["late"]}')])
def test_what_is_as_large_as_it_may_be_is_answered(stack: Stack, head: bytes, size: int, body: bytes) -> None:
    request = head + b"content-length: %d\r\n\r\n" % size + body.rjust(size)
    assert answer_to(stack.url("inference"), request)[0] == 200


def test_chunks_are_put_together(stack: Stack) -> None:
    request = POST + b"transfer-encoding: chunked\r\n\r\n8\r\n" + BODY[:8] + b"\r\n7\r\n" + BODY[8:] + b"\r\n0\r\n\r\n"
    assert answer_to(stack.url("inference"), request)[0] == 200


def test_more_headers_than_a_hundred_do_no_harm(stack: Stack) -> None:
    """The edge counts their bytes only."""
    request = GET + b"".join(b"a%d: b\r\n" % i for i in range(101)) + b"\r\n"
    assert answer_to(stack.url("inference"), request)[0] < 500


def test_the_log_of_the_edge_holds_no_word_of_a_caller(stack: Stack) -> None:
    url = stack.url("inference")
    requests.post(f"{url}/v1/predictions?q=c4n4ry", data=b"c4n4ry" * 4000, headers={"a": "c4n4ry"}, timeout=10)
    requests.get(f"{url}/metrics/c4n4ry", headers={"X-Request-ID": "c4n4ry with spaces"}, timeout=10)
    requests.get(f"{url}/metrics", headers={"X-Request-ID": "given-by-a-caller"}, timeout=10)
    log = logged_until(stack, "given-by-a-caller")
    assert "request_passed" in log
    assert "route=/v1/predictions status=413" in log
    assert "c4n4ry" not in log


def logged_until(stack: Stack, wanted: str) -> str:
    # It is written at least once a second.
    for _ in range(20):
        log = stack.compose("logs", "--no-color", "edge")
        if wanted in log:
            return log
        time.sleep(0.2)
    pytest.fail(f"{wanted} is not in the log of the edge")


def live_slowly(url: str, each: int, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SLOW_CLIENTS), str(port_of(url)), str(each), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def lives_of(slow: "subprocess.Popen[str]") -> dict[str, list[float | None]]:
    output, _ = slow.communicate(timeout=120)
    lives: dict[str, list[float | None]] = json.loads(output)
    for kind, seconds in lives.items():
        known = [each for each in seconds if each is not None]
        longest = f"{min(known):.2f} to {max(known):.2f} s" if known else "none closed"
        sys.stdout.write(f"\n  {kind}: {len(known)} of {len(seconds)} closed, {longest}")
    return lives


def test_slow_clients_are_cut_off_and_nobody_else_notices(stack: Stack, steady: Steady) -> None:
    url = stack.url("inference")
    steady(3)
    before = steady(5)
    slow = live_slowly(url, SLOW_OF_EACH, 30)
    # All are connected by then, and the first has not been cut off.
    time.sleep(2)
    connected = connections_of_the_service(stack)
    during = steady(5)
    lives = lives_of(slow)
    sys.stdout.write(f"\n  before: {before}\n  during: {during}\n  connections of the service: {connected}\n")
    for kind, seconds in lives.items():
        assert len(seconds) == SLOW_OF_EACH
        assert all(each is not None and each <= LIMIT_SECONDS for each in seconds), kind
    # The edge keeps up to 16 for each of its processes, of which up to three generations live.
    assert connected <= 100
    assert "method=POST route=/v1/feedback" not in stack.compose("logs", "--no-color", "--since", "40s", "inference")


def connections_of_the_service(stack: Stack) -> int:
    """Those that are open on its port, in the container's own words: state 01, port 8000."""
    tables = stack.compose("exec", "-T", "inference", "cat", "/proc/net/tcp")
    return len(re.findall(r"^ *\d+: \S+:1F40 \S+ 01 ", tables, re.MULTILINE))


@pytest.mark.parametrize(
    "guard",
    [
        ("clients.conf", r"client_header_timeout 10s", "client_header_timeout 60s"),
        ("run.sh", r"generation_seconds=4", "generation_seconds=60"),
    ],
    ids=["no deadline for a header", "no deadline for a body"],
)
def test_without_the_guard_slow_clients_stay(edge_with: EdgeWith, guard: tuple[str, str, str]) -> None:
    """What shows that the test above would notice."""
    lives = lives_of(live_slowly(edge_with(guard), 5, LIMIT_SECONDS + 3))
    kinds = {
        "run.sh": {"a body byte a second", "a chunk a second"},
        "clients.conf": {"idle", "half a header", "a header byte a second"},
    }
    for kind in kinds[guard[0]]:
        assert lives[kind] == [None] * 5, kind


def test_one_address_may_not_have_all_connections(edge_with: EdgeWith) -> None:
    url = edge_with(("clients.conf", r"limit_conn addresses 1000", "limit_conn addresses 1"))
    with socket.create_connection(("127.0.0.1", port_of(url)), timeout=10) as first:
        first.sendall(POST + b"content-length: 300\r\n\r\n{")
        time.sleep(0.5)
        code, head, body = answer_to(url, POST + b"content-length: 15\r\n\r\n" + BODY)
    assert code == json.loads(body)["status"] == 429
    assert "retry-after: 1" in head
