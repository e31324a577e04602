"""Whole bodies: what is no JSON, JSON of another shape, names given twice, encodings of all of it, and sizes."""

from collections.abc import Iterator

from corpus import BATCH, CANARY, FEEDBACK, GOOD, ONE, PREDICTION_ID, ROUTES, TOO_LARGE, Case, Route, build_case

BOM = b"\xef\xbb\xbf"
DEPTHS = (1_000, 100_000, 250_000)
MIB = 1024 * 1024

NOT_JSON: dict[str, bytes] = {
    "an empty body": b"",
    "spaces": b"  \n ",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "1e999": b"1e999",
    "-1e999": b"-1e999",
    "5,000 digits": b"9" * 5000,
    "a word": CANARY,
    "an open brace": b"{",
    "form fields": b"text=" + CANARY,
    "XML": b"<text>" + CANARY + b"</text>",
    "a NUL": b"\0",
    "a name without quotes": b"{" + CANARY + b":1}",
    "a lone surrogate as a name": b'{"\\ud800' + CANARY + b'":1}',
    "a name that is not UTF-8": b'{"\xff' + CANARY + b'":1}',
    "101 fields": b"{" + b",".join(b'"%s%d":0' % (CANARY, number) for number in range(101)) + b"}",
}
OTHER_SHAPES: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a number": b"12",
    "a text": b'"' + CANARY + b'"',
    "a list": b"[]",
    "a list of texts": b'["' + CANARY + b'"]',
    "an empty object": b"{}",
    "another field only": b'{"' + CANARY + b'":1}',
    "90 unknown fields": b"{" + b",".join(b'"%s%d":0' % (CANARY, number) for number in range(90)) + b"}",
}


def documents() -> Iterator[Case]:
    for route in ROUTES:
        for name, body in NOT_JSON.items():
            yield build_case(f"nothing but {name}", route, body, 400)
        for name, body in OTHER_SHAPES.items():
            yield build_case(f"nothing but {name}", route, body, 422)
        for name, (body, status) in changes_of(route.good).items():
            yield build_case(name, route, body, status)
        yield from sizes(route)
        yield from depths(route)
        yield from names_given_twice(route)
    yield from wrong_batches()
    yield from wrong_feedback()


def changes_of(good: bytes) -> dict[str, tuple[bytes, int]]:
    text = good.decode()
    return {
        "as it should be": (good, GOOD),
        "white space around": (b" \r\n\t" + good + b"\n ", GOOD),
        "a comma at the end of the object": (good[:-1] + b",}", 400),
        "a comma behind the object": (good + b",", 400),
        "a word behind": (good + b" " + CANARY, 400),
        "twice": (good + b"\n" + good, 400),
        "a brace too many": (good + b"}", 400),
        "without its end": (good[:-1], 400),
        "cut in half": (good[: len(good) // 2], 400),
        "in a list": (b"[" + good + b"]", 422),
        "a comment behind": (good + b" // " + CANARY, 400),
        "a comment inside": (good.replace(b":", b":/* " + CANARY + b" */", 1), 400),
        "single quotes everywhere": (good.replace(b'"', b"'"), 400),
        "an unknown field": (good[:-1] + b',"' + CANARY + b'":1}', 422),
        "a form feed before": (b"\x0c" + good, 400),
        "a NUL behind": (good + b"\0", 400),
        "byte order mark": (BOM + good, 400),
        "UTF-16": (text.encode("utf-16"), 400),
        "UTF-16, little end, unmarked": (text.encode("utf-16-le"), 400),
        "UTF-16, big end, unmarked": (text.encode("utf-16-be"), 400),
        "UTF-32": (text.encode("utf-32"), 400),
        "UTF-32, big end, unmarked": (text.encode("utf-32-be"), 400),
        "UTF-7": (good.replace(b"{", b"+AHs-").replace(b"}", b"+AH0-"), 400),
        "EBCDIC": (text.encode("cp500"), 400),
    }


def sizes(route: Route) -> Iterator[Case]:
    for size in (route.limit - 1, route.limit):
        yield build_case(f"{size:,} bytes", route, route.good.ljust(size), GOOD)
    yield Case(f"{route.limit + 1:,} bytes", route, route.good.ljust(route.limit + 1), TOO_LARGE)
    yield Case("10 MB", route, route.good.ljust(10 * MIB), TOO_LARGE)
    long = route.hold(b'"' + CANARY * (route.limit // len(CANARY) - 40) + b'"')
    yield build_case("a text that fills the body", route, long, 422)


def depths(route: Route) -> Iterator[Case]:
    for depth in DEPTHS:
        for name, body in (("", b"[" * depth + b"]" * depth), (", never closed", b'{"a":[' * (depth // 6))):
            statuses = frozenset({400}) if len(body) <= route.limit else TOO_LARGE
            yield Case(f"nested {depth:,}{name}", route, body, statuses)


def names_given_twice(route: Route) -> Iterator[Case]:
    """The last counts, but what stood before it has to be JSON all the same."""
    name = route.before[1 : route.before.index(b":") + 1]
    escaped = name.replace(b"t", b"\\u0074", 1)
    rest = route.good[1:]
    for title, first, status in (
        ("a text", name + b'"%s"' % CANARY, GOOD),
        ("a number", name + b"1", GOOD),
        ("a list", name + b"[[]]", GOOD),
        ("its name with an escape", escaped + b"1", GOOD),
        ("NaN", name + b"NaN", 400),
        ("1e999", name + b"1e999", 400),
        ("-Infinity", name + b"-Infinity", 400),
        ("a text, then NaN", name + b'"%s",' % CANARY + name + b"NaN", 400),
        ("NaN, its name with an escape", escaped + b"NaN", 400),
        ("a text that is not UTF-8", name + b'"\xff"', 400),
    ):
        yield build_case(f"a name twice, first {title}", route, b"{" + first + b"," + rest, status)
    body = route.good[:-1] + b"," + name + b"1}"
    yield build_case("a name twice, the last a number", route, body, 422)


def wrong_batches() -> Iterator[Case]:
    for name, texts, status in (
        ("256 texts", b",".join([b'"%s"' % CANARY] * 256), GOOD),
        ("257 texts", b",".join([b'"%s"' % CANARY] * 257), 422),
        ("no text", b"", 422),
        ("256 numbers", b",".join([b"1"] * 256), 422),
        ("a blank one among them", b'"%s"," "' % CANARY, 422),
        ("a NUL in the last", b'"%s","\\u0000"' % CANARY, 422),
        ("a lone surrogate in the last", b'"%s","\\ud800"' % CANARY, 400),
        ("one too long among them", b'"%s","%s"' % (CANARY, CANARY * 200), 422),
    ):
        yield build_case(name, BATCH, BATCH.hold(texts), status)
    yield build_case("texts is a text", BATCH, b'{"texts":"%s"}' % CANARY, 422)
    yield build_case("texts is an object", BATCH, b'{"texts":{"0":"%s"}}' % CANARY, 422)
    yield build_case("one text", BATCH, ONE.good, 422)
    yield build_case("a batch", ONE, BATCH.good, 422)


def wrong_feedback() -> Iterator[Case]:
    for name, prediction_id, verdict, more, status in (
        ("an id that is none", CANARY, b'"rejected"', b"", 404),
        ("an id with a NUL", CANARY + b"\\u0000", b'"rejected"', b"", 404),
        ("an id of 5,000 characters", CANARY * 833, b'"rejected"', b"", 404),
        ("an unknown id", PREDICTION_ID.replace(b"0", b"1"), b'"rejected"', b"", 404),
        ("another verdict", PREDICTION_ID, b'"%s"' % CANARY, b"", 422),
        ("a verdict that is a list", PREDICTION_ID, b'["rejected"]', b"", 422),
        ("a label that the model has not", PREDICTION_ID, b'"rejected"', b',"label":"%s"' % CANARY, 422),
        ("a label with a NUL", PREDICTION_ID, b'"rejected"', b',"label":"%s\\u0000"' % CANARY, 422),
        ("a label that is a number", PREDICTION_ID, b'"rejected"', b',"label":1', 422),
    ):
        body = b'{"prediction_id":"%s","verdict":%s%s}' % (prediction_id, verdict, more)
        yield build_case(name, FEEDBACK, body, status)
