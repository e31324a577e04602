"""`trainer train` and `trainer evaluate`: from a dataset to a measured bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.commands.options import (
    BINARY,
    BundleFolder,
    DatasetOption,
    LabelColumn,
    Labels,
    Limit,
    TextColumn,
    load,
    repeatable_command,
)
from trainer.commands.promotion import say_verdict
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.evaluation import Evaluation
    from trainer.registry import Client
    from trainer.training import Training


def train(
    candidate: Annotated[str, typer.Argument(help="the recipe, e.g. tfidf_logreg")],
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Annotated[Path | None, typer.Option(help="bundle folder; default var/bundles/CANDIDATE")] = None,
) -> None:
    """Fit a candidate; log, evaluate and register its bundle as the challenger."""
    from trainer import registry, training
    from trainer.candidates import find_candidate
    from trainer.standard import standard_test_sets

    recipe = find_candidate(candidate)
    settings = Settings()
    client = registry.connect(settings)
    loaded = load(dataset, labels, text_column, label_column, limit)
    result = training.train(
        recipe,
        loaded,
        # Of a published set that --limit cut, the whole test side is used: a tweet is on one side for ever.
        standard_test_sets(
            loaded.labels, settings, apart_from=[own.dataset for own in training.own_tests(loaded) if not limit]
        ),
        client,
        settings,
        folder=output or settings.bundles_dir / candidate,
        command=repeatable_command(
            "train",
            candidate,
            dataset=dataset,
            labels=labels,
            text_column=text_column,
            label_column=label_column,
            limit=limit,
        ),
    )
    report(result, client)


def report(result: "Training", client: "Client") -> None:
    """Print the scores of a new bundle, where it lies, and what the gate says of it beside the champion."""
    from trainer import judging, registry
    from trainer.figures import table

    settings = Settings()
    typer.echo(table(result.bundle.card.metrics))
    fitted = "" if result.fit_seconds is None else f"fitted in {result.fit_seconds:.1f} s, "
    typer.echo(f"{fitted}bundle {result.bundle.folder} digest {result.bundle.digest[:12]}")
    version, is_new = result.registered.version, result.registered.is_new
    typer.echo(f"registered{'' if is_new else ' already'} as {settings.model_name} version {version}")
    if is_new and registry.version_of(registry.CHAMPION, client, settings):
        say_verdict(version, judging.judge_registered(version, result.bundle, result.tests, client, settings))
    else:
        typer.echo(f"next:\n    trainer gate {version}")


def evaluate(
    bundle: BundleFolder,
    dataset: Annotated[list[str] | None, typer.Option(help="test on these; default: every standard set here")] = None,
    recorded: Annotated[bool, typer.Option(help="print the figures in the bundle, measure nothing")] = False,
    write: Annotated[Path | None, typer.Option(help="also write the table into this document")] = None,
    slices: Annotated[bool, typer.Option(help="also score slices: negation, emoji, French, ...")] = False,
    curves: Annotated[Path | None, typer.Option(help="also draw the risk/coverage curves into this folder")] = None,
) -> None:
    """Score a bundle, from its files, on test splits. Whether a file of your own was trained on is yours to know."""
    from trainer import evaluation
    from trainer.bundle import load_bundle
    from trainer.figures import table, write_between_marks
    from trainer.standard import standard_test_sets

    if recorded and (slices or curves):
        raise typer.BadParameter("--recorded measures nothing: leave it out to have slices or curves")
    settings = Settings()
    loaded = load_bundle(bundle)
    metrics = loaded.card.metrics
    if not recorded:
        tests = [
            test
            for test in standard_test_sets(tuple(loaded.card.labels), settings, names=dataset)
            if evaluation.has_every_label(test.tweets, loaded.card.labels, name=f"{test.dataset}, {test.split}")
        ]
        evaluations = [
            evaluation.evaluate(loaded, test.tweets, dataset=test.dataset, split=test.split) for test in tests
        ]
        metrics = [each.scores for each in evaluations]
        for each in evaluations:
            typer.echo(f"{each.scores.dataset}: {each.microseconds_per_tweet:.0f} microseconds a tweet", err=True)
    typer.echo(table(metrics))
    if not recorded:
        show_decisions(evaluations, [test.tweets.texts for test in tests] if slices else None, curves)
    if write:
        write_between_marks(write, table(metrics))


def show_decisions(evaluations: "list[Evaluation]", texts: list[list[str]] | None, curves: Path | None) -> None:
    """What the band leaves to a person; with `texts` the slices too, with a folder for `curves` the pictures."""
    from trainer.abstention import abstention_of
    from trainer.decision_plots import risk_coverage
    from trainer.figures import abstention_table, slice_table
    from trainer.slices import score_slices

    typer.echo("\n" + abstention_table([(each.scores, abstention_of(each)) for each in evaluations]))
    for each, own in zip(evaluations, texts or [], strict=texts is not None):
        typer.echo("\n" + slice_table(f"{each.scores.dataset}, {each.scores.split}", score_slices(each, own)))
    if curves:
        curves.mkdir(parents=True, exist_ok=True)
        for each in evaluations:
            file = curves / f"{each.scores.dataset}.{each.scores.split}.risk_coverage.png"
            risk_coverage(each).savefig(file)
            typer.echo(f"drawn {file}")
