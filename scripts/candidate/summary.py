"""What `make candidate` found, as one page of Markdown: a job's summary on GitHub, and the text of a pull request."""

from trainer.bundle import Bundle
from trainer.commands.promotion import checks_table
from trainer.comparison_report import page
from trainer.comparison_results import Comparison
from trainer.gate import Verdict

NEXT = (
    "What it is for, where it fails, and the terms of its data: `trainer card FOLDER`. Where a registry is deployed, "
    "the same bundle becomes champion there without a release: `trainer register FOLDER`, then "
    '`trainer promote --reason "…"`.'
)


def summary(bundle: Bundle, champion: Bundle, verdict: Verdict, comparison: Comparison) -> str:
    said = f"passed the gate, {len(verdict.checks)} checks" if verdict.passed else _refusal(verdict)
    parts = [
        f"# {bundle.card.name} on {bundle.card.dataset.name}: {said}",
        f"Made by `{bundle.card.command}`, digest `{bundle.digest[:12]}`, beside `models/champion` "
        f"({champion.card.name}, `{champion.digest[:12]}`), on the same tweets.",
        "## The gate",
        checks_table(verdict),
        _comparison(comparison),
        *([NEXT] if verdict.passed else []),
    ]
    return "\n\n".join(parts) + "\n"


def _refusal(verdict: Verdict) -> str:
    return f"refused by the gate, {len(verdict.failed)} of {len(verdict.checks)} checks failed"


def _comparison(comparison: Comparison) -> str:
    """The page of `trainer compare` one heading lower, and without its plots, which lie beside it."""
    lines = [line for line in page(comparison).splitlines() if not line.startswith("![")]
    lowered = "\n".join(f"#{line}" if line.startswith("#") else line for line in lines)
    return lowered.replace("\n\n\n", "\n\n")
