"""`trainer gate`, `promote`, `rollback`, `journal`, `card`: who may become champion, who did, and what a model is."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.commands.options import BundleFolder
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.api import Journal, Move
    from trainer.gate import Verdict

Version = Annotated[str, typer.Argument(help="a version number, or an alias")]
Reason = Annotated[str, typer.Option(help="why, for the journal")]
By = Annotated[str, typer.Option(help="who; default: the user of this machine")]


def gate(version: Version = "challenger") -> None:
    """Judge a version beside the champion, on the standard test sets that are here; exit with 1 where it is refused."""
    from trainer import judging, promotion, registry

    settings = Settings()
    client = registry.connect(settings)
    number = promotion.resolve(version, client, settings)
    if number == registry.version_of(registry.CHAMPION, client, settings):
        typer.echo(f"version {number} is the champion: there is nothing to judge")
        return
    verdict = judging.judge_version(number, client, settings)
    typer.echo(checks_table(verdict))
    say_verdict(number, verdict)
    if not verdict.passed:
        raise typer.Exit(1)


def promote(
    version: Version = "challenger",
    reason: Reason = ...,  # type: ignore[assignment]
    by: By = "",
) -> None:
    """Make a version that passed the gate the champion, through the API: it serves within seconds."""
    from trainer.api import Api
    from trainer.promotion import user_name

    say_move(Api(Settings()).promote(version, reason=reason, by=by or user_name()))


def rollback(
    reason: Reason = ...,  # type: ignore[assignment]
    by: By = "",
) -> None:
    """Go back to the champion before, through the API; never to a version that was refused or rolled away from."""
    from trainer.api import Api
    from trainer.promotion import user_name

    say_move(Api(Settings()).roll_back(reason=reason, by=by or user_name()))


def journal(
    at: Annotated[
        str, typer.Option(help="as it was then, e.g. 2026-03-01T12:00:00+01:00; without a zone it is UTC")
    ] = "",
    limit: Annotated[int, typer.Option(help="the latest so many moves", min=1, max=1000)] = 20,
) -> None:
    """Which model was champion when, who moved it, and why."""
    from trainer.api import Api

    found = Api(Settings()).journal(at=moment(at) if at else None, limit=limit)
    typer.echo(journal_table(found))
    if found.champion:
        typer.echo(f"champion{' then' if at else ''}: version {found.champion.to_version}")


def card(bundle: BundleFolder) -> None:
    """Print the model card of a bundle: what it is for, what it scores, where it fails, how to make it again."""
    from trainer.bundle import load_bundle
    from trainer.model_card import model_card

    typer.echo(model_card(load_bundle(bundle)))


def say_verdict(version: str, verdict: "Verdict") -> None:
    """What the gate said, every reason of a refusal, and the next step where there is one."""
    against = f" beside version {verdict.against_version}" if verdict.against_version else ""
    if verdict.passed:
        typer.echo(f"version {version} passed the gate{against} ({len(verdict.checks)} checks); next:")
        typer.echo(f'    trainer promote {version} --reason "..."')
        return
    typer.echo(f"version {version} was refused{against}; {len(verdict.failed)} of {len(verdict.checks)} checks failed:")
    for check in verdict.failed:
        typer.echo(f"    {check.name}: {check.found}")


def say_move(move: "Move") -> None:
    typer.echo(f"champion: version {move.from_version or 'none'} -> {move.to_version} by {move.by}: {move.reason}")


def checks_table(verdict: "Verdict") -> str:
    rows = ["| check | | found |", "|---|---|---|"]
    rows += [f"| {each.name} | {'passed' if each.passed else 'REFUSED'} | {each.found} |" for each in verdict.checks]
    return "\n".join(rows)


def journal_table(found: "Journal") -> str:
    if not found.items:
        return "no move of the champion is known"
    rows = ["| when (UTC) | what | from | to | by | why |", "|---|---|---|---|---|---|"]
    return "\n".join([*rows, *(journal_row(move) for move in found.items)])


def journal_row(move: "Move") -> str:
    why = " ".join((move.reason or "–").split()).replace("|", r"\|")
    at = move.at.astimezone(UTC)
    return (
        f"| {at:%Y-%m-%d %H:%M:%S} | {move.kind} | {move.from_version or '–'} | {move.to_version} "
        f"| {move.by or '–'} | {why} |"
    )


def moment(given: str) -> str:
    """An RFC 3339 time."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter(f"--at {given!r} is no time: write it as 2026-03-01T12:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
