"""Requests that are wrong, or only rare, before their body is looked at: lines, headers, lengths, and paths."""

from dataclasses import dataclass

from corpus import CANARY

BODY = b'{"text":"' + CANARY + b' lost my bag"}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
JSON = b"content-type: application/json\r\n"
HEADERS = b"host: x\r\n" + JSON
POST = b"POST /v1/predictions HTTP/1.1\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
LAST_CHUNK = b"0\r\n\r\n"
UNKNOWN_ID = b"11111111-1111-1111-1111-111111111111"


@dataclass(frozen=True, slots=True)
class RawRequest:
    name: str
    content: bytes
    statuses: frozenset[int]

    def __str__(self) -> str:
        return self.name


def raw(name: str, content: bytes, *statuses: int) -> RawRequest:
    return RawRequest(name, content, frozenset(statuses))


def predict(name: str, more: bytes, *statuses: int, body: bytes = BODY, length: bytes = LENGTH) -> RawRequest:
    """A good prediction but for some more header lines."""
    return raw(name, POST + HEADERS + more + length + b"\r\n" + body, *statuses)


def get(path: bytes, *statuses: int, method: bytes = b"GET", name: str = "") -> RawRequest:
    content = b"%s %s HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n" % (method, path)
    return raw(name or f"{method.decode()} {path.decode('latin-1')}", content, *statuses)


FIRST_LINES = [
    get(b"/v1/predictions", 405, method=b"DELETE"),
    get(b"/v1/predictions/batch", 405),
    get(b"/v1/feedback", 405, method=b"PUT"),
    get(b"/v1/model", 405, method=b"POST"),
    get(b"/v1/predictions", 405, method=b"PATCH"),
    get(b"/v1/predictions", 405, method=b"OPTIONS"),
    get(b"/v1/predictions", 405, method=b"TRACE"),
    get(b"/health/live", 405, method=b"POST"),
    get(b"*", 404, method=b"OPTIONS"),
    get(b"x:443", 400, method=b"CONNECT"),
    get(b"/v1/predictions", 400, method=b"BREW"),
    get(b"/v1/model", 400, method=b"get"),
    raw("HTTP/1.0", b"POST /v1/predictions HTTP/1.0\r\n" + HEADERS + LENGTH + b"\r\n" + BODY, 200),
    raw("HTTP/1.2", b"GET /v1/model HTTP/1.2\r\nhost: x\r\n\r\n", 400),
    raw("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    raw("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + CANARY * 20 + b"\r\n\r\n", 400),
    raw("words", CANARY + b" " + CANARY + b"\r\n\r\n", 400),
    raw("empty lines before", b"\r\n\r\n" + POST + HEADERS + LENGTH + b"\r\n" + BODY, 200),
    raw("bare line feeds", (POST + HEADERS + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY, 400),
    raw("absolute form", b"POST http://x/v1/predictions HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY, 200),
    raw("absolute form of nowhere", b"GET http://[" + CANARY + b" HTTP/1.1\r\nhost: x\r\n\r\n", 400),
]

PATHS = [
    get(b"/" + CANARY, 404),
    get(b"/v1/..%2fhealth/live", 404),
    get(b"/v1/../health/live", 404),
    get(b"/v1/%2e%2e/%2e%2e/etc/passwd", 404),
    get(b"//v1/model", 404),
    get(b"/v1/model/", 404),
    get(b"/v1/model%00", 404),
    get(b"/v1/model%ff", 404),
    get(b"/v1/%0d%0ax-" + CANARY + b":%201", 404),
    get(b"/v1/\xc3\xa9", 400, name="a path that is not ASCII"),
    get(b"/" + CANARY * 20_000, 400, 404, name="a path of 120 kB"),
    get(b"/docs/assets/..%2f..%2f..%2fsettings.py", 404),
    get(b"/docs/assets/%00", 404),
    get(b"/docs/assets/" + CANARY * 1000, 404, name="the name of a file of 6 kB"),
    get(b"/v1/predictions?since=" + CANARY, 422),
    get(b"/v1/predictions?since=NaN", 422),
    get(b"/v1/predictions?since=-1", 422),
    get(b"/v1/predictions?since=%ff%00", 422),
    get(b"/v1/predictions?since=9223372036854775808", 422),
    get(b"/v1/predictions?since=9223372036854775807", 200),
    get(b"/v1/predictions?since=9223372036854775807&" + CANARY + b"=1", 200),
    get(b"/v1/predictions?since=" + b"9" * 5000, 422, name="since, of 5,000 digits"),
    get(b"/v1/feedback?limit=0", 422),
    get(b"/v1/feedback?limit=1001", 422),
    get(b"/v1/feedback?limit=1&limit=" + CANARY, 422),
    get(b"/v1/predictions/" + CANARY + b"/explanation", 404, method=b"POST"),
    get(b"/v1/predictions/%00/explanation", 404, method=b"POST"),
    get(b"/v1/predictions/%ed%a0%80/explanation", 404, method=b"POST"),
    get(b"/v1/predictions/" + UNKNOWN_ID + b"/explanation", 404, method=b"POST"),
    get(b"/v1/predictions/" + b"9" * 5000 + b"/explanation", 404, method=b"POST", name="an id of 5,000 digits"),
]

HEADER_LINES = [
    predict("another header", b"x-a: " + CANARY + b"\r\n", 200),
    predict("a line feed in a value", b"x-a: b\n" + CANARY + b": 1\r\n", 400),
    predict("a carriage return in a value", b"x-a: b\r" + CANARY + b": 1\r\n", 400),
    predict("a NUL in a value", b"x-a: b\0" + CANARY + b"\r\n", 400),
    predict("a value on two lines", b"x-a: b\r\n " + CANARY + b"\r\n", 400),
    predict("a space before the colon", b"x-a : b\r\n", 400),
    predict("a name that is none", b"x(a: b\r\n", 400),
    predict("a line without a colon", CANARY + b"\r\n", 400),
    predict("CRLF as an escape, in the request id", b"x-request-id: a%0d%0ax-" + CANARY + b": 1\r\n", 200),
    predict("a request id that is a sentence", b"x-request-id: " + CANARY + b" has come\r\n", 200),
    predict("a request id of 6 kB", b"x-request-id: " + CANARY * 1000 + b"\r\n", 200),
    predict("101 headers", b"".join(b"x-%d: %s\r\n" % (number, CANARY) for number in range(101)), 200),
    # The proxy stops these two.
    predict("a header of 12 kB", b"x-a: " + CANARY * 2000 + b"\r\n", 200, 400, 431),
    predict("a header of 120 kB", b"x-a: " + CANARY * 20_000 + b"\r\n", 200, 400, 431),
    predict("100-continue", b"expect: 100-continue\r\n", 200),
    predict("another expectation", b"expect: " + CANARY + b"\r\n", 200, 417),
    predict("two content types", b"content-type: text/plain\r\n", 200, 415),
    raw(
        "an idempotency key of 180 characters",
        b"POST /v1/feedback HTTP/1.1\r\n"
        + HEADERS
        + b"idempotency-key: "
        + CANARY * 30
        + b"\r\n"
        + LENGTH
        + b"\r\n"
        + BODY,
        422,
    ),
    raw(
        "an offer to speak WebSocket",
        b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        200,
        400,
        426,
    ),
]

LENGTHS = [
    predict("chunked and a length", CHUNKED, 400, body=LAST_CHUNK),
    predict("a length and chunked", b"content-length: 5\r\n" + CHUNKED, 400, body=LAST_CHUNK, length=b""),
    predict("another transfer encoding", b"transfer-encoding: identity\r\n", 400, length=b""),
    predict("chunked, misspelt", b"transfer-encoding: xchunked\r\n", 400, length=b""),
    predict("chunked, and then something else", b"transfer-encoding: chunked, identity\r\n", 400, length=b""),
    predict("chunked", CHUNKED, 200, body=CHUNK + LAST_CHUNK, length=b""),
    predict(
        "a chunk with an extension", CHUNKED, 200, body=CHUNK.replace(b"\r\n", b";a=b\r\n", 1) + LAST_CHUNK, length=b""
    ),
    predict("a chunk of a negative length", CHUNKED, 400, body=b"-1\r\n" + BODY, length=b""),
    predict("a chunk of 2^72 bytes", CHUNKED, 400, body=b"f" * 18 + b"\r\n" + BODY, length=b""),
    predict("a chunk whose length is a word", CHUNKED, 400, body=CANARY + b"\r\n" + BODY, length=b""),
    predict("headers behind the body", CHUNKED, 200, body=CHUNK + b"0\r\nx-%s: 1\r\n\r\n" % CANARY, length=b""),
    predict("two lengths", b"content-length: 5\r\n", 400),
    predict("one length twice", LENGTH, 200, 400),
    predict("a negative length", b"content-length: -5\r\n", 400, length=b""),
    predict("a length with a plus", b"content-length: +5\r\n", 400, length=b""),
    predict("a hexadecimal length", b"content-length: 0x5\r\n", 400, length=b""),
    predict("a list of lengths", b"content-length: 5, 5\r\n", 400, length=b""),
    predict("a length of 23 digits", b"content-length: " + b"9" * 23 + b"\r\n", 400, length=b""),
    predict("a length over the limit", b"content-length: 16385\r\n", 413, length=b""),
    predict("a length of 99 MB", b"content-length: 99999999\r\n", 413, length=b""),
    predict("no length", b"", 400, length=b"", body=b""),
]

REQUESTS = [*FIRST_LINES, *PATHS, *HEADER_LINES, *LENGTHS]
