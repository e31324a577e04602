"""`trainer study`: one question about models a command, answered by fits side by side on the validation tweets."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.commands.options import (
    BINARY,
    Address,
    DatasetOption,
    EngineName,
    LabelColumn,
    Labels,
    Limit,
    TextColumn,
    Workers,
    load,
    require_ray,
)
from trainer.settings import Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.dataset import Dataset
    from trainer.study import Arm, Result

app = typer.Typer(
    help="Questions about models, answered by fits side by side on the validation tweets.", no_args_is_help=True
)

STUDIES = Path("var/studies")
Output = Annotated[Path | None, typer.Option(help="folder of the table and the plot; default var/studies/NAME")]
Candidates = Annotated[list[str] | None, typer.Argument(help="the recipes, e.g. tfidf_logreg")]


@app.command()
def preparation(
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Output = None,
) -> None:
    """Lemmas, stems or words as written, times stop words kept or dropped, on the classic candidate."""
    from trainer.studies.preparation import build_arms
    from trainer.study_report import draw_arms

    loaded = load(dataset, labels, text_column, label_column, limit)
    run("preparation", loaded, build_arms(loaded), draw_arms, output)


@app.command()
def embeddings(
    candidates: Candidates = None,
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Output = None,
) -> None:
    """Word vectors learned here against pretrained ones, in the same network."""
    from trainer.candidates import find_candidate
    from trainer.studies.embeddings import CANDIDATES, build_arms
    from trainer.study_report import draw_arms

    recipes = [find_candidate(name) for name in candidates or CANDIDATES]
    loaded = load(dataset, labels, text_column, label_column, limit)
    run("embeddings", loaded, build_arms(loaded, recipes), draw_arms, output)


@app.command()
def curve(
    candidates: Candidates = None,
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    sizes: Annotated[str, typer.Option(help="numbers of train tweets")] = "10000,100000,1000000",
    output: Output = None,
) -> None:
    """A learning curve: the same candidates on ever more train tweets."""
    from trainer.candidates import find_candidate
    from trainer.studies.learning_curve import build_arms, draw_curve, parse_sizes

    recipes, wanted = [find_candidate(name) for name in candidates or ["tfidf_logreg"]], parse_sizes(sizes)
    loaded = load(dataset, labels, text_column, label_column, limit)
    run("curve", loaded, build_arms(loaded, recipes, wanted), draw_curve, output)


@app.command()
def search(
    candidate: Annotated[str, typer.Argument(help="the recipe, e.g. tfidf_logreg")] = "tfidf_logreg",
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    trials: Annotated[int, typer.Option(help="how many there shall be, earlier ones counted", min=1)] = 30,
    storage: Annotated[str, typer.Option(help="Optuna's database")] = "sqlite:///var/studies/search.db",
    engine: Annotated[
        EngineName, typer.Option(help="one trial after the other here, or many on Ray's workers")
    ] = "local",
    address: Address = None,
    workers: Workers = None,
    output: Output = None,
) -> None:
    """Search a candidate's settings; the same command goes on where it was interrupted, with either engine."""
    from trainer.ray_cluster import joined_cluster
    from trainer.registry import connect
    from trainer.studies import search as stage
    from trainer.studies.search_ray import search_on_ray
    from trainer.study import open_study
    from trainer.study_report import table, write_report

    require_ray(engine, address, workers)
    recipe, settings = stage.find_searchable(candidate), Settings()
    with joined_cluster(address, workers) if engine == "ray" else nullcontext() as many:
        loaded = load(dataset, labels, text_column, label_column, limit)
        client = connect(settings)
        with open_study(f"search {candidate}", loaded, client, settings) as run_id:
            if many:
                found = search_on_ray(
                    recipe, loaded, settings, run_id=run_id, trials=trials, workers=many, storage=storage
                )
            else:
                found = stage.search(recipe, loaded, client, settings, run_id=run_id, trials=trials, storage=storage)
            text = f"{table(found.results)}\n\n{stage.summary(found)}"
            folder = output or STUDIES / f"search-{candidate}"
            write_report(folder, text, stage.draw_search(found))
    typer.echo(text)
    typer.echo(f"written to {folder}")


def run(
    name: str,
    dataset: "Dataset",
    arms: "Sequence[Arm]",
    draw: "Callable[[Sequence[Result]], Figure]",
    output: Path | None,
) -> None:
    """Fit the arms, or read them back; print, write and log the report."""
    from trainer.registry import connect
    from trainer.study import open_study, run_arms
    from trainer.study_report import table, write_report

    settings, folder = Settings(), output or STUDIES / name
    client = connect(settings)
    with open_study(name, dataset, client, settings) as run_id:
        results = run_arms(arms, client, settings, run_id=run_id)
        write_report(folder, table(results), draw(results))
    typer.echo(table(results))
    typer.echo(f"written to {folder}")
