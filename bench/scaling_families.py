"""What a million tweets cost by family: each bundle over real tweets, by the local engine, in one process."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.markdown import number, table_head, table_row
from bench.scaling_rows import Tweets
from bench.scaling_runs import Run, run_score

# Some models are a hundred times as slow as others: of those fewer tweets say enough.
FEW, MANY, ENOUGH_SECONDS = 10_000, 200_000, 10


def family_table(bundles: Sequence[Path], tweets: Tweets, folder: Path) -> Iterator[str]:
    from trainer.bundle import load_bundle

    sources = {rows: tweets.write(folder / f"family-{rows}", rows) for rows in (1, FEW, MANY)}
    yield "What a million tweets cost, by family: one process, its start taken off."
    yield ""
    yield from table_head("bundle", "μs a tweet", "a million, minutes", "a million, core-hours", "megabytes, at most")
    for path in bundles:
        run, seconds = measure(path, sources, folder)
        yield table_row(
            load_bundle(path).card.name,
            number(seconds * 1e6),
            number(seconds * 1e6 / 60),
            f"{seconds * 1e6 / 3600:.3f}",
            number(run.megabytes),
        )


def measure(bundle: Path, sources: dict[int, Path], folder: Path) -> tuple[Run, float]:
    """A run that is long enough to say something, and its seconds a tweet."""
    runs = []
    for rows, source in sources.items():
        runs.append(run_score(source, folder / "scored", rows, engine="local", bundle=bundle))
        if runs[-1].seconds - runs[0].seconds > ENOUGH_SECONDS:
            break
    return runs[-1], (runs[-1].seconds - runs[0].seconds) / runs[-1].rows
