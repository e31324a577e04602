"""Which labels of people a model may learn from. Pure: corrections in, those to keep and the reasons of the rest out.

Whoever may click may also lie. What one tweet says wrongly is left out and counted; what one person could do to the
whole batch refuses it, until somebody leaves the person out or vouches for them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from trainer.errors import TrainerError
from trainer.feedback import Correction

# All verdicts without a name are one person's: else whoever leaves the name out would have no limit.
UNNAMED = "unnamed"
# Of a pseudonym of 64 digits: enough to name one person, few enough to type.
SHOWN = 16
# So many labels are no flood, whatever their share of a small batch.
NO_FLOOD = 50
DISPUTES, DISPUTED_SHARE = 10, 1 / 2
KNOWN_WRONG, KNOWN_WRONG_SHARE = 20, 1 / 3


class UnknownPerson(TrainerError):
    """--trust or --without names nobody, or more than one."""


@dataclass(frozen=True)
class Rules:
    """`reviewer_share`: of one person in the labels of a batch; `trusted` and `without`: people, by pseudonym."""

    reviewer_share: float
    at_least: int
    trusted: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LeftOut:
    reason: str
    corrections: int


@dataclass(frozen=True)
class Contributor:
    """A person, and their labels among those that are kept: one a tweet, and `share` is that of the tweets."""

    name: str
    labels: int
    share: float
    against_model: int  # other labels than the model had given


@dataclass(frozen=True)
class Screening:
    """`kept`: one correction a tweet, oldest first. Nothing may be trained where there are `refusals`."""

    kept: list[Correction]
    left_out: list[LeftOut]
    contributors: list[Contributor]
    distrusted: list[str] = field(default_factory=list)  # contradicted most of what others said
    refusals: list[str] = field(default_factory=list)


def screen(
    corrections: Iterable[Correction],
    rules: Rules,
    *,
    known: Mapping[str, str] | None = None,
    tests: Set[str] = frozenset(),
) -> Screening:
    """The order of the corrections does not matter.

    `known`: the label of each key that the original data has; `tests`: the keys of tweets that are only for testing.
    """
    known = known or {}
    sieve = Sieve(sorted(corrections, key=lambda each: (each.created_at, each.prediction_id)))
    sieve.drop("by people left out with --without", lambda each: person(each) in rules.without)
    sieve.drop("in a test set, and stay there", lambda each: each.key in tests)
    refusals = refuse_known_liars(sieve.rest, known, rules)
    sieve.drop(
        "the original data gives the tweet another label", lambda each: known.get(each.key, each.label) != each.label
    )
    distrusted = find_disputers(sieve.rest, rules.trusted)
    sieve.drop("by people who contradict most of what others say", lambda each: person(each) in distrusted)
    disputed = {key for key, labels in labels_of(sieve.rest).items() if len(labels) > 1}
    sieve.drop("the same tweet got different labels", lambda each: each.key in disputed)
    sieve.drop("in the original data already", lambda each: each.key in known)
    contributors = count_contributors(sieve.rest)
    refusals += refuse_floods(contributors, rules)
    first = {each.key: each for each in reversed(sieve.rest)}
    sieve.drop("the same tweet again, with the same label", lambda each: first[each.key] is not each)
    if len(sieve.rest) < rules.at_least:
        refusals.append(
            f"{len(sieve.rest):,} labels can be learned from, fewer than {rules.at_least:,} "
            "(TRAINER_RETRAIN_AT_LEAST): wait for more"
        )
    shown = [shown_name(each) for each in sorted(distrusted)]
    return Screening(sieve.rest, sieve.left_out, [shown_as(each) for each in contributors], shown, refusals)


class Sieve:
    """What is left, and how many went for which reason."""

    def __init__(self, corrections: Sequence[Correction]) -> None:
        self.rest = list(corrections)
        self.left_out: list[LeftOut] = []

    def drop(self, reason: str, is_dropped: Callable[[Correction], bool]) -> None:
        before = len(self.rest)
        self.rest = [each for each in self.rest if not is_dropped(each)]
        if dropped := before - len(self.rest):
            self.left_out.append(LeftOut(reason, dropped))


def person(correction: Correction) -> str:
    return correction.reviewer or UNNAMED


def shown_name(name: str) -> str:
    return name[:SHOWN]


def shown_as(contributor: Contributor) -> Contributor:
    return Contributor(shown_name(contributor.name), contributor.labels, contributor.share, contributor.against_model)


def find_people(given: Iterable[str], corrections: Iterable[Correction]) -> frozenset[str]:
    """The people that are meant: by their pseudonym, by its beginning as it is shown, or by `unnamed`."""
    people = {person(each) for each in corrections} | {UNNAMED}
    return frozenset(find_person(name, people) for name in given)


def find_person(name: str, people: Set[str]) -> str:
    if name in people:
        return name
    found = [each for each in people if len(name) >= SHOWN and each.startswith(name)]
    if len(found) != 1:
        raise UnknownPerson(
            f"{name!r} names {len(found) or 'nobody'} of those who gave verdicts: give a pseudonym, or its first "
            f"{SHOWN} characters, as a refusal or a proposal shows it, or {UNNAMED!r}"
        )
    return found[0]


def labels_of(corrections: Iterable[Correction]) -> dict[str, set[str]]:
    """Each tweet's labels, whoever gave them."""
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for each in corrections:
        labels[each.key].add(each.label)
    return labels


def refuse_known_liars(corrections: Iterable[Correction], known: Mapping[str, str], rules: Rules) -> list[str]:
    """People who were asked, unknowingly, what is known, and answered otherwise too often."""
    asked = {(person(each), each.key, each.label) for each in corrections if each.key in known}
    answers = Counter(name for name, _, _ in asked)
    wrong = Counter(name for name, key, label in asked if known[key] != label)
    return [
        f"{shown_name(name)} contradicts the original data on {count:,} of the {answers[name]:,} tweets whose label is "
        f"known: {what_to_do(name)}"
        for name, count in sorted(wrong.items())
        if name not in rules.trusted and count >= KNOWN_WRONG and count > KNOWN_WRONG_SHARE * answers[name]
    ]


def find_disputers(corrections: Iterable[Correction], trusted: Set[str]) -> set[str]:
    """Those whose labels are mostly not those of the others on the same tweets.

    Whoever contradicts most goes first, and the rest is counted anew: else one person who contradicts many would make
    each of them look like one who contradicts.
    """
    by_tweet: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
    for each in corrections:
        by_tweet[each.key].setdefault(person(each), set()).add(each.label)
    # Who says both of one tweet says nothing.
    shared = [
        {name: next(iter(labels)) for name, labels in people.items() if len(labels) == 1}
        for people in by_tweet.values()
        if len(people) > 1
    ]
    found: set[str] = set()
    while worst := most_disputing(shared, found, trusted):
        found |= worst
    return found


def most_disputing(shared: Sequence[Mapping[str, str]], gone: Set[str], trusted: Set[str]) -> set[str]:
    answers: Counter[str] = Counter()
    disputes: Counter[str] = Counter()
    for people in shared:
        present = {name: label for name, label in people.items() if name not in gone}
        total = Counter(present.values())
        for name, label in present.items():
            others = (total - Counter([label])).most_common(2)
            # Nobody else, or others who do not agree among themselves: that says nothing of this one.
            if others and (len(others) == 1 or others[0][1] > others[1][1]):
                answers[name] += 1
                disputes[name] += others[0][0] != label
    mostly = {
        name: count
        for name, count in disputes.items()
        if name not in trusted and count >= DISPUTES and count > DISPUTED_SHARE * answers[name]
    }
    most = max(mostly.values(), default=0)
    return {name for name, count in mostly.items() if count == most}


def count_contributors(corrections: Iterable[Correction]) -> list[Contributor]:
    """Who gave most first. A tweet that two people labelled counts for both, whole: they may be one person."""
    given: dict[tuple[str, str], bool] = {}
    for each in corrections:
        given[person(each), each.key] = each.label != each.predicted_label
    labels, tweets = Counter(name for name, _ in given), len({key for _, key in given})
    against = Counter(name for (name, _), is_against in given.items() if is_against)
    counted = [Contributor(name, count, count / tweets, against[name]) for name, count in labels.items()]
    return sorted(counted, key=lambda each: (-each.labels, each.name))


def refuse_floods(contributors: Sequence[Contributor], rules: Rules) -> list[str]:
    return [
        f"{shown_name(each.name)} labelled {each.labels:,} tweets, {each.share:.0%} of the batch, and one person may "
        f"label {rules.reviewer_share:.0%} (TRAINER_REVIEWER_SHARE); {each.against_model:,} of these labels contradict "
        f"the model: {what_to_do(each.name)}"
        for each in contributors
        if each.name not in rules.trusted and each.labels > NO_FLOOD and each.share > rules.reviewer_share
    ]


def what_to_do(name: str) -> str:
    shown = shown_name(name)
    return f"`--without {shown}` leaves this person's labels out, `--trust {shown}` vouches for them"
