"""A file of keys such as operators write, the keys that open it, and a service that is closed with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inference.access.keys import make_key, write_line
from inference.access.scopes import SCOPES
from inference.app import create_app
from inference.settings import Settings
from tests.inference.running import Answer, Wire, build_request, serving

SINGLE = "/v1/predictions"
LATE = b'{"text": "late"}'


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


@dataclass
class KeyRing:
    path: Path
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, scopes: str = "predict", until: str | None = None) -> str:
        """The key; its line is in the file from now on."""
        key = make_key()
        self.lines.append(write_line(name, scopes, key, until))
        self.write(self.lines)
        return key

    def revoke(self, name: str) -> None:
        self.write([line for line in self.lines if not line.startswith(f"{name} ")])

    def write(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        self.path.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")


def add_one_of_each(keys: KeyRing) -> dict[str, str]:
    return {scope: keys.add(scope, scope) for scope in SCOPES}


@contextmanager
def wired(settings: Settings, **changes: object) -> Iterator[Wire]:
    app = create_app(settings.model_copy(update={"drain_seconds": 0.0, **changes}))
    with serving(app) as url, Wire(url) as wire:
        yield wire


def predict(wire: Wire, *headers: str) -> Answer:
    return wire.ask(build_request(SINGLE, LATE, "POST", *headers))
