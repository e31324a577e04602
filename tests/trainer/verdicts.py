"""People who judge what a real API answers: made-up tweets of an airline's lounge, which no model has met before."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, insert, update
from uuid_utils.compat import uuid7

from inference.app import create_app
from inference.feedback_store import StoredFeedback
from inference.loop_tables import metadata
from inference.rows import build_row
from inference.settings import Settings as ApiSettings
from inference.store import Store
from inference.tables import feedback, predictions
from tests.inference.running import serving
from trainer.bundle import Bundle, load_bundle
from trainer.dataset import Dataset

WHO = ("my aunt", "the twins", "our team", "grandpa", "the whole choir", "my manager", "the newlyweds", "everyone here")
WHERE = ("in the lounge", "at the kiosk", "by the jet bridge", "near the carousel", "at the transfer desk")
SAID = {
    "negative": (
        "found the sofas torn", "got soggy sandwiches", "queued for lukewarm tea", "slept on the tiles",
        "was sent to a locked door", "shivered next to a broken heater", "counted eleven blown bulbs",
    ),
    "positive": (
        "found the sofas plush", "got crisp pastries", "sipped splendid tea", "napped like kittens",
        "was waved through by a grinning steward", "warmed up beside the fireplace", "counted eleven fresh bouquets",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    text: str
    label: str


def lounge_tweets(count: int | None = None) -> list[Labelled]:
    """Of both labels in turn; 560 if no fewer are asked for."""
    told = {
        label: [Labelled(f"{who} {what} {where}", label) for what, who, where in product(sayings, WHO, WHERE)]
        for label, sayings in SAID.items()
    }
    return [tweet for pair in zip(*told.values(), strict=True) for tweet in pair][:count]


def more_tweets(count: int) -> list[Labelled]:
    tweets = lounge_tweets()
    return [
        Labelled(f"{tweet.text}, said number {turn}", tweet.label)
        for turn in range(1 + count // len(tweets))
        for tweet in tweets
    ][:count]


def more_like(sample: Dataset, count: int) -> list[Labelled]:
    """Tweets like those that the champion learned, each in a few wordings of its own."""
    told = [
        Labelled(f"{before} {text}", sample.labels[label])
        for before in ("honestly", "well then", "fyi")
        for text, label in zip(sample.train.texts, sample.train.labels.tolist(), strict=True)
    ]
    return told[:count]


def flipped(tweets: Sequence[Labelled]) -> list[Labelled]:
    other = {"negative": "positive", "positive": "negative"}
    return [Labelled(tweet.text, other[tweet.label]) for tweet in tweets]


@contextmanager
def answering(folder: Path, bundle: Path, **settings: Any) -> Iterator["People"]:
    """The real API with a database of its own; the people who ask it."""
    folder.mkdir()
    chosen = ApiSettings(
        database_url=SecretStr(f"sqlite:///{folder / 'inference.db'}"),
        model_dir=folder / "models",
        spool_dir=folder / "spool",
        bundle=bundle,
        # Thousands of verdicts in a row are what these rules are for, but not what is looked at here.
        **{"alert_rejections": 0, "alert_false_alarm_every": 0.0, "alert_flood": 10**6, "log_lines_per_second": 0},
        **settings,
    )
    engine = create_engine(chosen.database_url.get_secret_value())
    metadata.create_all(engine)
    try:
        with serving(create_app(chosen)) as url:
            yield People(url, engine, load_bundle(bundle))
    finally:
        engine.dispose()


@dataclass(frozen=True)
class People:
    url: str
    engine: Engine
    model: Bundle

    def judge(self, tweets: Sequence[Labelled], *people: str | None) -> None:
        """Over HTTP: each tweet is asked for, and judged by the next of the people: confirmed, or rejected."""
        with requests.Session() as session:
            session.trust_env = False
            for tweet, name in zip(tweets, turns(people, len(tweets)), strict=True):
                prediction = self.ask(session, "/v1/predictions", {"text": tweet.text})
                verdict = verdict_on(prediction["label"], tweet.label)
                named = {"reviewer": name} if name else {}
                self.ask(session, "/v1/feedback", {"prediction_id": prediction["prediction_id"]} | verdict | named)

    def ask(self, session: requests.Session, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = session.post(self.url + path, json=body, timeout=30)
        assert answer.ok, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def have_judged(self, tweets: Sequence[Labelled], *people: str | None) -> None:
        """The same, put into the database at once: thousands of requests would take minutes. Names are pseudonyms."""
        texts = [tweet.text for tweet in tweets]
        chosen, _ = self.model.classifier.decide(self.model.classifier.probabilities(texts))
        labels = [self.model.card.labels[index] for index in chosen]
        ids = [uuid7() for _ in tweets]
        rows = [
            predicted(prediction_id, text, label) for prediction_id, text, label in zip(ids, texts, labels, strict=True)
        ]
        Store(self.engine).write_predictions(rows)
        verdicts = [
            StoredFeedback(
                prediction_id,
                reviewer=name,
                comment=None,
                created_at=datetime.now(UTC),
                **({"label": tweet.label} | verdict_on(label, tweet.label)),
            )
            for prediction_id, tweet, label, name in zip(ids, tweets, labels, turns(people, len(tweets)), strict=True)
        ]
        with self.engine.begin() as connection:
            connection.execute(insert(feedback), [asdict(each) for each in verdicts])

    def forget_texts(self, count: int) -> None:
        """As retention does with the oldest."""
        with self.engine.begin() as connection:
            connection.execute(update(predictions).where(predictions.c.sequence <= count).values(text=""))


def turns(people: Sequence[str | None], count: int) -> list[str | None]:
    people = people or ("ada", "ben", "cleo", "dan", "eve")
    return [people[place % len(people)] for place in range(count)]


def verdict_on(predicted: str, label: str) -> dict[str, Any]:
    return {"verdict": "confirmed"} if predicted == label else {"verdict": "rejected", "label": label}


def predicted(prediction_id: Any, text: str, label: str) -> bytes:
    return build_row(
        prediction_id=prediction_id,
        text=text,
        label=label,
        probability=0.75,
        probabilities={label: 0.75, ("positive" if label == "negative" else "negative"): 0.25},
        abstained=False,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=datetime.now(UTC),
        author=None,
    )
