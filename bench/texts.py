"""About a thousand different tweets of our own writing, and as many times more that differ in their last word."""

import csv
import json
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHAMPION = ROOT / "models" / "champion"
TWEETS = 1_000
# More than a service may remember: what it answers, it has not seen.
VARIANTS = 40


@dataclass(frozen=True, slots=True)
class Golden:
    """A text, and the probabilities that its bundle promises for it."""

    text: str
    probabilities: tuple[float, ...]


def tweets() -> list[str]:
    """The golden texts first, then English and French in turn; always the same."""
    golden = [each.text for each in golden_of(CHAMPION)]
    files = [read_texts(file) for file in sorted((ROOT / "data" / "sample").glob("*.csv"))]
    in_turn = (text for text in chain.from_iterable(zip_longest(*files)) if text is not None)
    return list(dict.fromkeys(chain(golden, in_turn)))[:TWEETS]


def new_tweets() -> list[str]:
    """Each with a number behind it, so that none is ever a copy of another."""
    return [f"{text} {number}" for number in range(VARIANTS) for text in tweets()]


def golden_of(bundle: Path) -> list[Golden]:
    # Read as the file it is: the trainer's own reader brings more libraries than a driver should carry.
    card = json.loads((bundle / "model.json").read_text(encoding="utf-8"))
    return [Golden(each["text"], tuple(each["probabilities"])) for each in card["golden"]]


def read_texts(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]
