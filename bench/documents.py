"""Where the tables are kept: the short one in the README, the long one in docs/benchmarks.md.

The trainer's code is imported where it is used, since it takes longer to load than all of the bench.
"""

from pathlib import Path

from bench.texts import ROOT

LONG = ROOT / "docs" / "benchmarks.md"
NAME = "bench"


def require_documents(readme: Path) -> None:
    """Asked before the measuring: it would be a pity to find out afterwards."""
    from trainer.figures import require_marks

    for document in (readme, LONG):
        require_marks(document, NAME)


def write_documents(readme: Path, short: str, long: str) -> None:
    from trainer.figures import write_between_marks

    write_between_marks(readme, short, NAME)
    write_between_marks(LONG, long, NAME)
