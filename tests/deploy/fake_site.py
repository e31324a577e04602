"""A public address: it answers as the image does that is in it. The old one goes on until the new one has started."""

import time
from typing import Any

from tests.deploy.answering import Answer
from tests.deploy.journal import Journal
from tests.deploy.releases import KEY, Behaviour, Behaviours, name


class FakeSite:
    def __init__(self, title: str, image: str, behaviours: Behaviours, journal: Journal) -> None:
        self.title = title
        self.image = image
        self._serving = image
        self._old_answers: int | None = None  # that the old container still gives; None: no new one is starting
        self._behaviours = behaviours
        self._journal = journal
        self._good_answers = 0
        self._hiccups = self._looks = 0
        self.host = ""
        self.state, self.usage = "Running", "Normal"
        self.settings: dict[str, str] = {}
        self.hangs_seconds = 0.0  # before every answer
        self.takes_up_settings = True  # False: only a restart lets it see its new image

    def set_image(self, image: str) -> None:
        self.image = image
        if self.takes_up_settings:
            self.restart()

    def restart(self) -> None:
        self._old_answers = self._behaviours.of(self.image).starts_after
        if self._serving == self.image:
            self._good_answers = 0

    def stop(self) -> None:
        self.state = "Stopped"

    def start(self) -> None:
        """With the image that it has by now: there is no old container that could answer."""
        self.state = "Running"
        self._serving = self.image
        self.restart()

    def answer(self, method: str, path: str, headers: Any, body: Any) -> Answer:
        time.sleep(self.hangs_seconds)
        if self.state == "Stopped":
            self._journal.write(f"{self.title}: {method} {path} 403 as it is stopped")
            return Answer(403)
        self._switch()
        behaviour = self._behaviours.of(self._serving)
        answer = self._route(behaviour, path, headers, body)
        self._journal.write(f"{self.title}: {method} {path} {answer.status} from {name(self._serving)}")
        return answer

    def _switch(self) -> None:
        if self._old_answers:
            self._old_answers -= 1
        elif self._old_answers is not None and self._behaviours.of(self.image).starts and self._serving != self.image:
            self._serving = self.image
            self._good_answers = self._hiccups = 0

    def _route(self, behaviour: Behaviour, path: str, headers: Any, body: Any) -> Answer:
        if path in ("/health/ready", "/_stcore/health"):
            return self._health(behaviour, path)
        if self._has_fallen(behaviour):
            return Answer(503)
        if headers.get("Authorization") != f"Bearer {KEY}" and behaviour.refuses_strangers:
            return Answer(401)
        if path == "/v1/model":
            return Answer(200, {"name": "tweet-sentiment", "version": "7"})
        return self._predict(behaviour, body["text"])

    def _has_fallen(self, behaviour: Behaviour) -> bool:
        return behaviour.falls_after is not None and self._good_answers >= behaviour.falls_after

    def _health(self, behaviour: Behaviour, path: str) -> Answer:
        if behaviour.health != 200 or self._has_fallen(behaviour):
            return Answer(behaviour.health if behaviour.health != 200 else 503)
        self._looks += 1
        if behaviour.flaps and self._looks % 2:
            return Answer(503)
        self._good_answers += 1
        is_api = path == "/health/ready"
        return Answer(200, {"status": "ready", "release": behaviour.release} if is_api else "ok")

    def _predict(self, behaviour: Behaviour, text: str) -> Answer:
        if self._hiccups < behaviour.hiccups:
            self._hiccups += 1
            return Answer(503)
        time.sleep(behaviour.takes_seconds)
        label = "positive" if text.startswith("Thank you") else "negative"
        return Answer(200, {"label": (behaviour.labels or {}).get(label, label)})
