"""`trainer retrain`: from people's verdicts to a challenger and a proposal."""

from typing import Annotated

import typer

from trainer.settings import Settings


def retrain(
    candidate: Annotated[
        str, typer.Option(help="the recipe; default: the champion's own, from its weights where that can be")
    ] = "",
    replay: Annotated[
        str, typer.Option(help="the data to mix with, as for `train`; default: what the champion learned")
    ] = "",
    since: Annotated[int, typer.Option(help="verdicts behind this cursor only; default: all that are kept", min=0)] = 0,
    trust: Annotated[
        list[str] | None, typer.Option(help="vouch for this person (pseudonym, or `unnamed`); several times")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="leave this person's labels out (pseudonym, or `unnamed`); several times")
    ] = None,
) -> None:
    """Train a challenger on what people corrected, judge it beside the champion, and propose it with its reasons."""
    from trainer import registry, retraining
    from trainer.api import Api
    from trainer.document import to_markdown
    from trainer.proposal_words import first_screen

    settings = Settings()
    client = registry.connect(settings)
    api = Api(settings)
    request = retraining.Request(candidate, replay, since, tuple(trust or ()), tuple(without or ()))
    made = retraining.retrain(request, api, client, settings)
    proposal = made.proposal
    typer.echo(to_markdown(list(first_screen(proposal))))
    typer.echo(f"the whole proposal: {made.folder}/proposal.html, and in MLflow's run {proposal.run_id}, proposal/")
    if not proposal.verdict.passed:
        failed = "; ".join(f"{check.name}: {check.found}" for check in proposal.verdict.failed)
        typer.echo(f"error: version {proposal.version} does not pass the gate: {failed}", err=True)
        raise typer.Exit(1)
    if settings.promotion_policy == "gate":
        moved = retraining.promote(proposal, api)
        typer.echo(f"champion: version {moved.from_version} -> {moved.to_version} by {moved.by}: {moved.reason}")
