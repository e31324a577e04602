"""Whether the API, and the pages, are well at their public addresses."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from .smoke import smoke
from .steps import Gate, Nudge
from .waiting import Pace, Seen, say, wait

# The first request to a site that sleeps waits for the container.
COLD_START_SECONDS = 60.0


def ask(url: str, seconds: float) -> requests.Response | str:
    """The answer, or in words why there is none."""
    try:
        return requests.get(url, timeout=seconds, allow_redirects=False)
    except requests.Timeout:
        return f"no answer within {seconds:g} s"
    except requests.RequestException as error:
        return f"no answer ({type(error).__name__})"


def read_release(response: requests.Response) -> str | None:
    """The release that a ready API names; None where it names none."""
    try:
        body: Any = response.json()
    except ValueError:
        return None
    release = body.get("release") if isinstance(body, dict) else None
    return release if isinstance(release, str) and release else None


def find_release(url: str, pace: Pace) -> str | None:
    """What serves before anything is changed, where that can be known."""
    answer = ask(f"{url}/health/ready", min(COLD_START_SECONDS, 6 * pace.answer_seconds))
    return read_release(answer) if isinstance(answer, requests.Response) and answer.ok else None


@dataclass(frozen=True)
class ApiGate(Gate):
    release: str
    old_release: str | None
    key: str
    pace: Pace

    @property
    def tells_apart(self) -> bool:
        return self.old_release != self.release

    def describe(self) -> str:
        return f"GET {self.url}/health/ready until it is ready with release {self.release}, then the smoke test"

    def check(self, nudge: Nudge | None = None) -> None:
        self._wait(f"release {self.release}", lambda release: release == self.release, nudge)
        smoke(self.url, self.key, self.pace)

    def check_restored(self, nudge: Nudge | None = None) -> None:
        if self.old_release is not None:
            self._wait(f"release {self.old_release}", lambda release: release == self.old_release, nudge)
        else:
            self._wait(f"another release than {self.release}", lambda release: release != self.release, nudge)

    def _wait(self, wanted: str, is_wanted: Callable[[str | None], bool], nudge: Nudge | None) -> None:
        nudges = [nudge] if nudge else []
        nudged_at = time.monotonic() + self.pace.timeout_seconds / 3

        def look() -> Seen:
            answer = ask(f"{self.url}/health/ready", self.pace.answer_seconds)
            if isinstance(answer, str):
                return Seen(False, answer)
            if answer.status_code != 200:
                return Seen(False, f"answers {answer.status_code}")
            release = read_release(answer)
            if nudges and not is_wanted(release) and time.monotonic() > nudged_at:
                nudges.pop()()
            return Seen(is_wanted(release), f"ready, release {release or 'unknown'}")

        say(f"  gate: {self.url}/health/ready must be ready with {wanted}")
        wait("gate", look, self.pace, self.pace.in_a_row)


@dataclass(frozen=True)
class PagesGate(Gate):
    pace: Pace = field(default_factory=Pace)

    @property
    def tells_apart(self) -> bool:
        return False

    def describe(self) -> str:
        return f"GET {self.url}/_stcore/health until it is well {2 * self.pace.in_a_row} times in a row"

    def check(self, nudge: Nudge | None = None) -> None:
        def look() -> Seen:
            answer = ask(f"{self.url}/_stcore/health", self.pace.answer_seconds)
            if isinstance(answer, str):
                return Seen(False, answer)
            return Seen(answer.status_code == 200, f"answers {answer.status_code}")

        say(f"  gate: {self.url}/_stcore/health must be well")
        # Streamlit does not say which release it is: a look more often, so that an old process has gone meanwhile.
        wait("gate", look, self.pace, 2 * self.pace.in_a_row)

    def check_restored(self, nudge: Nudge | None = None) -> None:
        self.check()
