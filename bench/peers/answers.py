"""Whether a peer answers what it should, asked before it is timed: what is wrong may be as fast as it likes."""

from collections.abc import Sequence

import requests

from bench.peers.peer import PeerFailed
from bench.texts import Golden

# Rounding in a quantized graph depends on the texts that share its batch; another model's answers lie further away.
TOLERANCE = 0.02
CHECKED = 5
SECONDS = 60


def ask(url: str, body: object) -> object:
    try:
        answer = requests.post(url, json=body, timeout=SECONDS)
        answer.raise_for_status()
        content: object = answer.json()
    except requests.RequestException as error:
        raise PeerFailed(f"{url} does not answer: {error}") from error
    return content


def check_predictions(url: str, golden: Sequence[Golden], labels: Sequence[str]) -> None:
    """The API gives a bundle's golden texts their probabilities, one by one and in a batch."""
    golden = golden[:CHECKED]
    alone = [ask(f"{url}/v1/predictions", {"text": each.text}) for each in golden]
    batch = ask(f"{url}/v1/predictions/batch", {"texts": [each.text for each in golden]})
    for answers in (alone, part_of(batch, "predictions")):
        for each, answer in zip(golden, list_of(answers), strict=True):
            check_close([part_of(part_of(answer, "probabilities"), label) for label in labels], each)


def check_invocations(url: str, golden: Sequence[Golden], labels: Sequence[str]) -> None:
    """The same of MLflow, which answers with the rows of a table."""
    golden = golden[:CHECKED]
    table = ask(f"{url}/invocations", {"inputs": [each.text for each in golden]})
    for each, row in zip(golden, list_of(part_of(table, "predictions")), strict=True):
        check_close([part_of(row, f"p_{label}") for label in labels], each)


def check_shape(url: str) -> None:
    """For those that know nothing: a label and its probability."""
    answer = ask(url, {"text": "Third delay today. Third."})
    probability = part_of(answer, "probability")
    if not isinstance(probability, float) or not 0 <= probability <= 1:
        raise PeerFailed(f"{url} gives {probability!r} as a probability")


def check_close(given: Sequence[object], golden: Golden) -> None:
    for value, expected in zip(given, golden.probabilities, strict=True):
        if not isinstance(value, float) or abs(value - expected) > TOLERANCE:
            raise PeerFailed(f"{golden.text!r} gets {value!r} instead of {expected}")


def part_of(content: object, name: str) -> object:
    if not isinstance(content, dict) or name not in content:
        raise PeerFailed(f"an answer has no {name!r}")
    return content[name]


def list_of(content: object) -> list[object]:
    if not isinstance(content, list):
        raise PeerFailed("an answer is no list")
    return content
