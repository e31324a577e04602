"""Behaviours as text: a pass rate per capability, and every row that failed."""

from collections import Counter
from collections.abc import Sequence

from trainer.behaviour import Behaviour, Outcome


def pass_rate(outcomes: Sequence[Outcome]) -> float:
    """The share of rows that passed; nothing asked is nothing passed."""
    return sum(each.passed for each in outcomes) / len(outcomes) if outcomes else 0.0


def capability_table(outcomes: Sequence[Outcome]) -> str:
    """A Markdown table, one row per capability and kind of test, in the order of the files."""
    asked, passed = Counter(map(_group, outcomes)), Counter(_group(each) for each in outcomes if each.passed)
    rows = ["| capability | kind of test | passed | share |", "|---|---|---|---|"]
    for (capability, kind), size in asked.items():
        count = passed[capability, kind]
        rows.append(f"| {capability} | {kind} | {count} of {size} | {count / size:.0%} |")
    rows.append(f"| all | | {passed.total()} of {asked.total()} | {pass_rate(outcomes):.0%} |")
    return "\n".join(rows)


def _group(outcome: Outcome) -> tuple[str, str]:
    return outcome.behaviour.capability, outcome.behaviour.kind


def failures(outcomes: Sequence[Outcome]) -> str:
    """One line per row that failed: where it stands, what was expected, what came, and the texts."""
    return "\n".join(
        f"{each.behaviour.where}: {each.behaviour.capability}: expected {each.behaviour.expected}, "
        f"got {each.found}: {_texts(each.behaviour)}"
        for each in outcomes
        if not each.passed
    )


def _texts(behaviour: Behaviour) -> str:
    return f"“{behaviour.text}”" + (f" -> “{behaviour.changed}”" if behaviour.changed else "")
