"""Images that a test makes up, and how what they start behaves: well, or wrong in one of several ways."""

from dataclasses import dataclass, replace

REGISTRY = "ghcr.io/somebody/air-paradis"
OLD_RELEASE, NEW_RELEASE = "0" * 40, "1" * 40
KEY = "ts_a-key-of-the-test"


@dataclass(frozen=True)
class Behaviour:
    release: str
    starts_after: int = 0  # so many more answers come from the old container
    starts: bool = True  # a container that dies is never switched to
    health: int = 200
    falls_after: int | None = None  # so many good answers of its health, and then 503
    flaps: bool = False  # well at every other look
    labels: dict[str, str] | None = None  # what it calls positive and negative
    refuses_strangers: bool = True
    takes_seconds: float = 0.0  # for a prediction
    hiccups: int = 0  # so many predictions answered with 503 before the first good one
    revision: str = "Running"  # what Container Apps says of it in the end
    update: str = "Succeeded"  # what becomes of the long-running operation
    run: str = "Succeeded"  # of a job


WELL = Behaviour(NEW_RELEASE)


@dataclass(frozen=True)
class Published:
    """A release's images, one a service, told apart by a digit of their digest."""

    release: str
    digit: str

    def image(self, service: str) -> str:
        return f"{REGISTRY}/{service}@sha256:{self.digit * 64}"

    def content(self) -> dict[str, object]:
        services = ("inference", "ui", "mlflow", "trainer")
        return {"release": self.release, "images": {service: self.image(service) for service in services}}


OLD, NEW = Published(OLD_RELEASE, "a"), Published(NEW_RELEASE, "b")


def name(image: str) -> str:
    """As the journal calls it: `inference new`."""
    for published, word in ((OLD, "old"), (NEW, "new")):
        for service in ("inference", "ui", "mlflow", "trainer"):
            if image == published.image(service):
                return f"{service} {word}"
    return image or "nothing"


class Behaviours:
    """By image. Those of the old release are well."""

    def __init__(self) -> None:
        self._changes: dict[str, dict[str, object]] = {}

    def change(self, image: str, **changes: object) -> None:
        self._changes.setdefault(image, {}).update(changes)

    def of(self, image: str) -> Behaviour:
        release = OLD_RELEASE if image.endswith("a" * 64) else NEW_RELEASE
        return replace(Behaviour(release), **self._changes.get(image, {}))  # type: ignore[arg-type]
