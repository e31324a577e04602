"""The pipeline, one command per stage, in the order of the flow; the stages' commands lie in `trainer/commands`."""

import logging
import sys

import typer
from pydantic import ValidationError

from trainer.commands import (
    behaviour,
    comparison,
    dataset,
    drift,
    narrowing,
    noise,
    promotion,
    registry,
    retraining,
    scoring,
    study,
    teaching,
    training,
)
from trainer.errors import TrainerError

app = typer.Typer(
    help="The pipeline, one command per stage, in the order of the flow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(dataset.app, name="dataset")
app.add_typer(study.app, name="study")
for command in (
    noise.noise,
    training.train,
    teaching.teach,
    narrowing.narrow,
    training.evaluate,
    behaviour.behave,
    comparison.compare,
    promotion.card,
    registry.register,
    retraining.retrain,
    promotion.gate,
    promotion.promote,
    promotion.rollback,
    promotion.journal,
    drift.drift,
    scoring.score,
):
    app.command()(command)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app(dataset.with_show(sys.argv[1:]), prog_name="trainer")
    except Exception as error:
        if (explanation := explain(error)) is None:
            raise
        typer.echo(f"error: {explanation}", err=True)
        raise SystemExit(1) from None


def explain(error: Exception) -> str | None:
    """One line for what a person can mend; None for what only a developer can."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{error.title}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    # By the name of their package: importing these libraries here would make `--help` wait for them.
    library = type(error).__module__.partition(".")[0]
    if isinstance(error, TrainerError | OSError) or library in {"mlflow", "pyarrow", "pydantic_settings", "sqlalchemy"}:
        return next(iter(str(error).splitlines()), type(error).__name__)
    return None


if __name__ == "__main__":
    main()
