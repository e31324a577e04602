"""The tables of the pages under many people: each kind of interaction, and each round's memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bench.latency import quantile
from bench.machine import conditions, library
from bench.markdown import number, share, table_head, table_row
from bench.page_person import KINDS, REFRESH, Sample
from bench.sessions_measuring import Measured

TARGET_MS, TARGET_MEGABYTES = 500.0, 15.0
FAILURES_SHOWN = 10


def report(found: Measured, load: float) -> str:
    """`load`: of the machine before any of it was started, for those who read the figures."""
    rounds, samples = found.rounds, samples_of(found)
    busy, cores = max(each.driver_busy for each in rounds), max(each.busy_cores for each in rounds)
    lines = [
        f"{conditions()} With {library('streamlit')}; load of the machine before: {load:.2f}. {found.people} people at "
        f"once, rounds: {len(rounds)}. The driver kept to one core and was busy for {share(busy)} of it at most; "
        f"Streamlit, the API and MLflow shared both with it, and Streamlit used {cores:.2f} cores at most.",
        "",
        *table_head("milliseconds until the answer is complete", "times", "p50", "p95", "p99", "failed"),
        *(row for kind in KINDS for row in interaction_rows(kind, [each for each in samples if each.kind == kind])),
        *interaction_rows("**all that people do**", clicks_of(samples)),
        "",
        *table_head("Streamlit's memory", "MB, all open", "MB a session", "MB, all gone", "of that held", "growth, MB"),
        *memory_rows(found),
        "",
        verdict(found),
    ]
    return "\n".join(lines + failure_lines(samples))


def interaction_rows(name: str, samples: Sequence[Sample]) -> list[str]:
    if not samples:
        return []
    ordered = sorted(1000 * each.seconds for each in samples)
    failed = sum(bool(each.errors) for each in samples)
    figures = (number(quantile(ordered, part)) for part in (0.5, 0.95, 0.99))
    return [table_row(name, f"{len(samples):,}", *figures, f"{failed:,}")]


def memory_rows(found: Measured) -> list[str]:
    before = found.before
    rows = [table_row("before", "–", "–", number(before.left), number(before.trimmed), "–")]
    for place, (last, this) in enumerate(pairwise([before, *(each.memory for each in found.rounds)]), start=1):
        a_session = number((this.open - before.left) / found.people)
        growth = f"{this.trimmed - last.trimmed:+.1f}"
        rows.append(
            table_row(f"round {place}", number(this.open), a_session, number(this.left), number(this.trimmed), growth)
        )
    return rows


def verdict(found: Measured) -> str:
    slow, heavy = p95_ms(found), megabytes_a_session(found)
    return (
        f"An interaction takes {number(slow)} ms at the 95th percentile ({word(slow, TARGET_MS)} the {TARGET_MS:.0f}), "
        f"a session {number(heavy)} MB at most ({word(heavy, TARGET_MEGABYTES)} the {TARGET_MEGABYTES:.0f})."
    )


def misses_target(found: Measured) -> bool:
    has_failures = any(each.errors for each in samples_of(found))
    return has_failures or p95_ms(found) > TARGET_MS or megabytes_a_session(found) > TARGET_MEGABYTES


def p95_ms(found: Measured) -> float:
    return quantile(sorted(1000 * each.seconds for each in clicks_of(samples_of(found))), 0.95)


def megabytes_a_session(found: Measured) -> float:
    return max((each.memory.open - found.before.left) / found.people for each in found.rounds)


def samples_of(found: Measured) -> list[Sample]:
    return [sample for each in found.rounds for sample in each.samples]


def clicks_of(samples: Iterable[Sample]) -> list[Sample]:
    return [each for each in samples if each.kind != REFRESH]


def failure_lines(samples: Iterable[Sample]) -> list[str]:
    said = Counter((each.kind, error) for each in samples for error in each.errors)
    return [f"- {kind}, {times} times: {error}" for (kind, error), times in said.most_common(FAILURES_SHOWN)]


def word(figure: float, limit: float) -> str:
    return "within" if figure <= limit else "over"
