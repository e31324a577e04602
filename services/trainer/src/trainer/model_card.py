"""The model card (Mitchell et al. 2019, arXiv 1810.03993): one page on what a model is, scores, and where it fails.

trainer card models/champion

Generated from the bundle alone, and from the gate's verdict where there is one: nobody has to keep it up to date.
"""

import re
from collections.abc import Iterator

from trainer.bundle import Bundle
from trainer.card import Card
from trainer.figures import table
from trainer.gate import Check, Verdict
from trainer.sources import NEUTRAL, find_source

GATE = "## The gate"
_GATE_SECTION = re.compile(rf"{GATE}\n.*?(?=\n## |\Z)", re.DOTALL)
NOT_JUDGED = "This model has not been through the gate: `trainer gate` judges a version beside the champion."
# Of a version's description, in the registry's database.
LONGEST = 5_000
CUT = "\n\n(Cut here; `trainer card` prints the whole.)\n"


def model_card(bundle: Bundle, verdict: Verdict | None = None, terms: str = "") -> str:
    """Markdown. `terms`: those of the training data, by default as they are known of its sets."""
    card = bundle.card
    sections = (
        _introduction(card),
        _use(card),
        _labels(card),
        f"## What it scores\n\n{_figures(card)}",
        f"{GATE}\n\n{_gate(verdict, shows_all=True) if verdict else NOT_JUDGED}",
        _limits(card),
        _data(card, terms or terms_of(card.dataset.name)),
        f"## How to make it again\n\n```\n{card.command}\n```",
        _files(bundle),
    )
    return "\n\n".join(sections) + "\n"


def with_verdict(card: str, verdict: Verdict, *, longest: int = LONGEST) -> str:
    """The same card with this verdict in it, with as much of it as leaves the card below `longest` characters."""
    wordings = (_gate(verdict, shows_all=True), _gate(verdict, shows_all=False))
    written = [_with_section(card, f"{GATE}\n\n{wording}\n") for wording in wordings]
    return next((each for each in written if len(each) <= longest), shortened(written[-1], longest=longest))


def shortened(card: str, *, longest: int = LONGEST) -> str:
    """Cut from its end: what comes first is what most people read a card for."""
    return card if len(card) <= longest else card[: longest - len(CUT)] + CUT


def terms_of(dataset: str) -> str:
    """The terms of each part of a dataset, `sentiment140+us_airline:4` or a file's name."""
    return " ".join(_terms(part.partition(":")[0]) for part in dataset.split("+"))


def _terms(name: str) -> str:
    source = find_source(name)
    return f"{name}: {source.terms if source else 'its terms are its owner’s to say.'}"


def _with_section(card: str, section: str) -> str:
    found, times = _GATE_SECTION.subn(lambda _: section, card, count=1)
    return found if times else f"{card.rstrip()}\n\n{section}"


def _introduction(card: Card) -> str:
    learned = f"fitted on {card.dataset.train:,} tweets of {card.dataset.name}"
    return f"# {card.name}\n\nTells whether a tweet is {' or '.join(card.labels)}, with a probability; {learned}."


def _use(card: Card) -> str:
    two_labels = "\nFacts and questions have no label of their own: they get the likelier of the two."
    return f"""## What it is for

To watch what is said of an airline on social networks: many tweets together, within minutes, so that people look
where a bad buzz may begin. Not for judging or answering a single person unseen, for deleting what somebody wrote,
nor for texts other than tweets.{"" if NEUTRAL in card.labels else two_labels}"""


def _labels(card: Card) -> str:
    low, high = card.abstain_band
    two = len(card.labels) == 2
    measure = "the probability of negative" if two else "negative's share against its strongest rival"
    otherwise = "positive" if two else "the likeliest of the others"
    return f"""## Labels

{", ".join(card.labels)}. A tweet is called negative where {measure} is at least {card.threshold:.3f}, else {otherwise}.
Between {low:.3f} and {high:.3f} it is marked `abstained`: too close to tell, a person should read it.
A text is read up to {card.max_tokens} tokens."""


def _figures(card: Card) -> str:
    if not card.metrics:
        return "Nothing is recorded in the bundle: `trainer evaluate` measures it."
    return f"{table(card.metrics)}\n\nEach from the bundle's files, on tweets that it was not fitted on."


def _gate(verdict: Verdict, *, shows_all: bool) -> str:
    against = (
        f"against version {verdict.against_version}" if verdict.against_version else "in a registry without champion"
    )
    passed = [check for check in verdict.checks if check.passed]
    word = "Passed" if verdict.passed else "Refused"
    head = (
        f"{word} on {verdict.at:%Y-%m-%d %H:%M} UTC, {against}: {len(passed)} of {len(verdict.checks)} checks passed."
    )
    shown = [*verdict.failed, *(passed if shows_all else [])]
    return "\n".join([head, *([""] if shown else []), *(_line(check) for check in shown)])


def _line(check: Check) -> str:
    return f"- {'' if check.passed else '**refused** '}{check.name}: {check.found}"


def _limits(card: Card) -> str:
    return "## Where it fails\n\n" + "\n".join(_weaknesses(card))


def _weaknesses(card: Card) -> Iterator[str]:
    yield "- Irony, thanks for nothing, and what only a picture or the tweet before makes clear."
    yield "- Languages: it learned English; of French and others it knows what its training data happened to hold."
    if "sentiment140" in card.dataset.name:
        yield "- Sentiment140's labels come from emoticons: some are wrong, and it learned those too."
    yield "- A sentiment whose words changed since the tweets were collected; `trainer drift` watches for that."


def _data(card: Card, terms: str) -> str:
    data = card.dataset
    sides = f"{data.train:,} tweets to fit, {data.validation:,} to calibrate, {data.test:,} kept for tests"
    return f"## What it learned from\n\n{data.name}: {sides}.\nFingerprint `{data.fingerprint}`.\n{terms}"


def _files(bundle: Bundle) -> str:
    hashes = "\n".join(f"- `{file}`: SHA-256 `{digest}`" for file, digest in bundle.card.files.items())
    libraries = ", ".join(f"{name} {version}" for name, version in bundle.card.libraries.items())
    return f"""## Files

Digest `{bundle.digest}`, {bundle.megabytes:.1f} MB.

{hashes}

Made with {libraries}."""
