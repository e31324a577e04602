"""Versions of a registered model as the trainer leaves them: with their tags, a verdict of the gate, and a card."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

PASSED = [
    {"name": "labels", "passed": True, "found": "the challenger knows negative, positive, like the champion"},
    {"name": "macro-F1, sample, test", "passed": True, "found": "0.8110 -> 0.8190 on 335 tweets: +0.8 points"},
    {"name": "time", "passed": True, "found": "0.05 ms for one tweet on one core; at most 5"},
]
FAILED = [*PASSED[:2], {"name": "time", "passed": False, "found": "9.71 ms for one tweet on one core; at most 5"}]
CARD = "# A challenger\n\nTrained on the sample.\n\n| set | macro-F1 |\n|---|---|\n| sample, test | 0.819 |\n"


class Published(Protocol):
    """Of conftest."""

    url: str
    name: str

    def publish(self, bundle: Path, *, digest: str | None = None) -> str: ...
    def promote(self, version: str) -> None: ...
    def challenge(self, version: str) -> None: ...


def digest_of(bundle: Path) -> str:
    return sha256((bundle / "model.json").read_bytes()).hexdigest()


def publish_champion(registry: Published, bundle: Path) -> str:
    number = publish_tagged(registry, bundle, {})
    registry.promote(number)
    return number


def publish_challenger(
    registry: Published,
    bundle: Path,
    champion: Path,
    against: str = "1",
    checks: Sequence[dict[str, object]] = PASSED,
) -> str:
    """The gate has compared it with that champion."""
    verdict = {
        "passed": all(each["passed"] for each in checks),
        "at": "2026-03-01T12:00:00Z",
        "digest": digest_of(bundle),
        "against_version": against,
        "against_digest": digest_of(champion),
        "checks": list(checks),
    }
    number = publish_tagged(registry, bundle, {"gate": json.dumps(verdict)}, CARD)
    registry.challenge(number)
    return number


def publish_tagged(registry: Published, bundle: Path, tags: dict[str, str], card: str | None = None) -> str:
    # Seconds to import, so only where it is used.
    from mlflow import MlflowClient

    client = MlflowClient(registry.url, registry.url)
    number = registry.publish(bundle, digest=digest_of(bundle))
    for key, value in {"candidate": "tfidf_logreg", "dataset": "sample", **tags}.items():
        client.set_model_version_tag(registry.name, number, key, value)
    if card is not None:
        client.update_model_version(registry.name, number, card)
    return number
