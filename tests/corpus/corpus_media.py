"""Good bodies that are declared as something else, and something else that is declared as a good body."""

import gzip
import zlib
from collections.abc import Iterator

from corpus import CANARY, GOOD, JSON, ROUTES, Case, Route, build_case
from raw_http import Headers

MIB = 1024 * 1024
CONTENT_TYPES = {
    "application/json; charset=utf-8": GOOD,
    "application/JSON": GOOD,
    "application/json ;charset=latin-1": GOOD,
    "application/json;": GOOD,
    "application/jsonp": 415,
    "application/json, text/plain": 415,
    "application/json5": 415,
    "application/problem+json": 415,
    "application/x-ndjson": 415,
    "text/json": 415,
    "text/plain": 415,
    "text/plain; application/json": 415,
    "application/xml": 415,
    "application/octet-stream": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "*/*": 415,
    "c4n4ry": 415,
    "": 415,
}
BOUNDARY = b"--x\r\ncontent-disposition: form-data; name=text\r\n\r\n" + CANARY + b"\r\n--x--\r\n"


def media() -> Iterator[Case]:
    for route in ROUTES:
        yield build_case("no content type", route, route.good, 415, ())
        for content_type, status in CONTENT_TYPES.items():
            headers = ((b"content-type", content_type.encode()),)
            yield build_case(f"declared {content_type or 'empty'}", route, route.good, status, headers)
        yield from encoded(route)
        yield from of_other_kinds(route)


def encoded(route: Route) -> Iterator[Case]:
    packed = gzip.compress(route.good, mtime=0)
    bomb = gzip.compress(b" " * 10 * MIB, mtime=0)
    for name, body, encodings, status in (
        ("identity", route.good, [b"identity"], GOOD),
        ("gzip", packed, [b"gzip"], 415),
        ("gzip, undeclared", packed, [], 400),
        ("gzip, in name only", route.good, [b"gzip"], 415),
        ("gzip that unpacks to 10 MB", bomb, [b"gzip"], 415),
        ("deflate", zlib.compress(route.good), [b"deflate"], 415),
        ("brotli, in name only", route.good, [b"br"], 415),
        ("identity, then gzip", packed, [b"identity", b"gzip"], 415),
        ("one of our own", route.good, [CANARY], 415),
    ):
        headers: Headers = (*JSON, *((b"content-encoding", encoding) for encoding in encodings))
        yield build_case(f"encoded: {name}", route, body, status, headers)


def of_other_kinds(route: Route) -> Iterator[Case]:
    for name, content_type, body in (
        ("multipart", b"multipart/form-data; boundary=x", BOUNDARY),
        ("form", b"application/x-www-form-urlencoded", b"text=" + CANARY),
        ("XML", b"application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        ("nothing", b"text/plain", b""),
    ):
        yield build_case(f"{name}, and honest about it", route, body, 415, ((b"content-type", content_type),))
