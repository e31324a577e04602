"""An API of models that says what a test wants it to say, remembers what it was asked, and moves its champion."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Json = dict[str, object]
DIGESTS = {number: f"{number}{'0123456789abcdef' * 4}"[:64] for number in "123456789"}
NOON = "2026-03-01T12:00:00Z"


def check(name: str = "scores", passed: bool = True, found: str = "0.841 -> 0.843 on 2,000 tweets") -> Json:
    return {"name": name, "passed": passed, "found": found}


def verdict(number: str, *checks: Json, against: str | None = "1") -> Json:
    asked = list(checks) or [check()]
    return {
        "passed": all(each["passed"] for each in asked),
        "at": NOON,
        "digest": DIGESTS[number],
        "against_version": against,
        "against_digest": None if against is None else DIGESTS[against],
        "checks": asked,
    }


def version(number: str, **changes: object) -> Json:
    usual: Json = {
        "version": number,
        "digest": DIGESTS[number],
        "candidate": "bigru_distilled",
        "dataset": "sentiment140",
        "created_at": NOON,
        "aliases": [],
        "verdict": None,
        "refusal": None,
        "card": None,
    }
    return usual | changes


def move(kind: str, before: str | None, after: str, at: str = NOON, **changes: object) -> Json:
    usual: Json = {"by": "Ana", "reason": "better on airline tweets", "from_digest": None, "to_digest": None}
    return usual | {"at": at, "kind": kind, "from_version": before, "to_version": after} | changes


def shadow(**changes: object) -> Json:
    usual: Json = {
        "challenger_version": "2",
        "challenger_digest": DIGESTS["2"],
        "champion_version": "1",
        "champion_digest": DIGESTS["1"],
        "since": "2026-03-01T10:00:00Z",
        "until": NOON,
        "compared": 1234,
        "disagreed": 56,
        "disagreed_share": 0.0454,
        "disagreed_share_low": 0.0351,
        "disagreed_share_high": 0.0585,
        "dropped": 0,
        "champion_microseconds": 53.2,
        "challenger_microseconds": 3550.0,
        "challenger_right": 8,
        "champion_right": 2,
        "p_value": 0.109375,
        "disagreements": [disagreement()],
    }
    return usual | changes


def disagreement(text: str | None = "not bad at all", **changes: object) -> Json:
    usual: Json = {
        "prediction_id": "01a21694-0000-7000-8000-000000000000",
        "text": text,
        "champion_label": "negative",
        "label": "positive",
        "probability": 0.7,
        "right_label": None,
        "created_at": NOON,
    }
    return usual | changes


def drift(state: str = "drifted", **changes: object) -> Json:
    usual: Json = {
        "report_id": "01a21694-0000-7000-8000-000000000000",
        "at": NOON,
        "model_version": "1",
        "model_digest": DIGESTS["1"],
        "state": state,
        "reasons": ["more unknown words than before: 9 % instead of 3 %"],
        "monitors": [
            {"name": "unknown words", "statistic": 0.31, "threshold": 0.2, "moved": True, "words": "9 % instead of 3 %"}
        ],
        "windows": 2,
        "predictions": 1000,
        "since": 0,
        "until": 1000,
        "reference": "sentiment140, 20,000 tweets of the training",
        "link": "https://mlflow.example.org/#/runs/1",
    }
    return usual | changes


@dataclass
class CannedModels:
    """One champion of version 1 and its line in the journal, unless a test says otherwise."""

    versions: list[Json] = field(default_factory=lambda: [version("1", aliases=["champion"])])
    champion: str | None = "1"
    challenger: str | None = None
    moves: list[Json] = field(default_factory=lambda: [move("found", None, "1", by=None, reason=None)])
    shadows: list[Json] = field(default_factory=list)
    reports: list[Json] = field(default_factory=list)
    # Where a rollback leads.
    back: str | None = None
    # What answers, where it is not the champion.
    serves: str | None = None
    refused: Json | None = None
    # What is answered to a path in place of the usual: status, body, headers.
    instead: dict[str, tuple[int, Json, dict[str, str]]] = field(default_factory=dict)
    # A move is carried out, and its answer breaks off.
    loses_answers: bool = False
    asked: list[tuple[str, Json, str | None]] = field(default_factory=list)
    url: str = ""

    def refuse(self, path: str, status: int, detail: str, **headers: str) -> None:
        self.instead[path] = (status, {"title": "", "status": status, "detail": detail}, headers)

    def answer(self, path: str) -> tuple[int, Json, dict[str, str]]:
        if path in self.instead:
            return self.instead[path]
        answers: Mapping[str, Json] = {
            "/v1/model": {"version": self.serves or self.champion or "pretrained", "refused": self.refused},
            "/v1/models": {
                "registered_model": "tweet-sentiment",
                "champion": self.champion,
                "challenger": self.challenger,
                "items": [each | {"refusal": self.refusal_of(each)} for each in self.versions],
            },
            "/v1/journal": {
                "items": self.moves,
                "champion": self.moves[0] if self.moves else None,
                "rollback_to": self.back,
            },
            "/v1/shadow": {"items": self.shadows},
            "/v1/drift-reports": {"items": self.reports},
        }
        return 200, answers[path], {}

    def carry_out(self, path: str, body: Json) -> tuple[int, Json, dict[str, str]]:
        if path in self.instead:
            return self.instead[path]
        if path == "/v1/promotions":
            kind, target = "promotion", str(body["version"])
        else:
            kind, target = "rollback", str(self.back or self.moves[0]["from_version"])
        at = f"2026-03-01T13:{len(self.moves):02}:00Z"
        done = move(kind, self.champion, target, at=at, by=body["by"], reason=body["reason"])
        self.moves.insert(0, done)
        self.back = self.champion if kind == "promotion" else None
        self.champion = target
        return 201, done, {}

    def refusal_of(self, version: Json) -> str | None:
        judged = version["verdict"]
        assert judged is None or isinstance(judged, dict)
        if version["version"] == self.champion or judged is None or not judged["passed"]:
            return "not now"
        is_of_now = judged["against_version"] == self.champion and judged["digest"] == version["digest"]
        return None if is_of_now else "another bundle was judged, or compared with another champion"

    @property
    def sent(self) -> list[tuple[str, Json]]:
        return [(path, body) for path, body, _ in self.asked if path in ("/v1/promotions", "/v1/rollbacks")]


def with_challenger(*checks: Json, **changes: object) -> CannedModels:
    """Version 2 wants to become champion; without checks it passed the gate."""
    challenger = version("2", aliases=["challenger"], verdict=verdict("2", *checks))
    champion = version("1", aliases=["champion"])
    return CannedModels(versions=[challenger | changes, champion], challenger="2")


@contextmanager
def served(api: CannedModels) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            api.asked.append((path, {}, self.headers.get("Authorization")))
            self.reply(*api.answer(path))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            api.asked.append((self.path, body, self.headers.get("Authorization")))
            answer = api.carry_out(self.path, body)
            if api.loses_answers:
                self.close_connection = True
            else:
                self.reply(*answer)

        def reply(self, status: int, body: Json, headers: dict[str, str]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the tests read the answers, not the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
