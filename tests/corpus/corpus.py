"""What a case of the corpus is: bytes for one route, and the status that they must be answered with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from raw_http import RESET, Headers

# Stands in whatever the caller may name or write, and must never come back nor be logged.
CANARY = b"c4n4ry"
# As long as the id that takes its place before a case is sent.
PREDICTION_ID = b"00000000-0000-0000-0000-000000000000"
JSON: Headers = ((b"content-type", b"application/json"),)
KIB = 1024

# Whatever a route says of a request that it takes: 200 or 201.
GOOD = -1
# The refusal may be written into a connection that the sender is still writing to.
TOO_LARGE = frozenset({413, RESET})


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    path: str
    limit: int
    status: int
    # What stands around the value of its free text.
    before: bytes
    after: bytes

    def hold(self, value: bytes) -> bytes:
        return self.before + value + self.after

    @property
    def good(self) -> bytes:
        return self.hold(b'"' + CANARY + b' lost my bag"')


ONE = Route("one", "/v1/predictions", 16 * KIB, 200, b'{"text":', b"}")
BATCH = Route("batch", "/v1/predictions/batch", 256 * KIB, 200, b'{"texts":[', b"]}")
FEEDBACK = Route(
    "feedback",
    "/v1/feedback",
    16 * KIB,
    201,
    b'{"prediction_id":"' + PREDICTION_ID + b'","verdict":"rejected","comment":',
    b"}",
)
ROUTES = (ONE, BATCH, FEEDBACK)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    route: Route
    body: bytes
    statuses: frozenset[int]
    headers: Headers = JSON

    def __str__(self) -> str:
        return f"{self.route.name}: {self.name}"

    @property
    def is_cheap(self) -> bool:
        return len(self.body) <= ONE.limit + 1


@dataclass(frozen=True, slots=True)
class Value:
    """What may stand where a text does, as it is written in JSON."""

    name: str
    json: bytes
    status: int
    # A comment may be left out or blank, and its length is counted otherwise.
    as_comment: int | None = None

    def on(self, route: Route) -> Case:
        status = self.as_comment if route is FEEDBACK and self.as_comment is not None else self.status
        return build_case(self.name, route, route.hold(self.json), status)


def build_case(name: str, route: Route, body: bytes, status: int, headers: Headers = JSON) -> Case:
    return Case(name, route, body, frozenset({route.status if status == GOOD else status}), headers)


def on_every_route(values: Iterable[Value]) -> Iterator[Case]:
    for value in values:
        for route in ROUTES:
            yield value.on(route)


def quoted(content: str | bytes) -> bytes:
    """A string of JSON with these very bytes in it."""
    return b'"' + (content.encode() if isinstance(content, str) else content) + b'"'
