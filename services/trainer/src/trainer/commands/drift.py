"""`trainer drift`: whether live traffic has moved away from what the champion was trained on."""

import logging
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trainer.errors import TrainerError
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.api import Api
    from trainer.drift_look import Looker

logger = logging.getLogger(__name__)


def drift(
    since: Annotated[
        int | None, typer.Option(help="cursor of the prediction log; default: where the last look ended", min=0)
    ] = None,
    window: Annotated[int | None, typer.Option(help="tweets in a window; default TRAINER_DRIFT_WINDOW", min=50)] = None,
    reference: Annotated[
        Literal["artifact", "data", "log"] | None,
        typer.Option(help="compare with this only: kept with the model, its training data, its first predictions"),
    ] = None,
    every: Annotated[
        float | None, typer.Option(help="look again after so many minutes, until stopped", min=0.01)
    ] = None,
    output: Annotated[Path | None, typer.Option(help="also write the report, an HTML page, into this file")] = None,
    report: Annotated[bool, typer.Option(help="tell MLflow and the API; without, the next look sees the same")] = True,
) -> None:
    """Compare live tweets with those the champion was trained on; say what moved, and tell MLflow and the API."""
    from trainer.api import Api
    from trainer.drift_look import Asked, Looker

    settings = Settings()
    api = Api(settings)
    asked = Asked(window or settings.drift_window, since, reference, is_told=report)
    looker = Looker(asked, api, settings)
    if every is None:
        look_once(looker, api, settings, output, is_told=report)
    else:
        keep_looking(looker, api, settings, output, minutes=every, is_told=report)


def look_once(looker: "Looker", api: "Api", settings: Settings, output: Path | None, *, is_told: bool) -> None:
    from trainer import drift_report, drift_telling, registry
    from trainer.drift_look import NothingToSay
    from trainer.drift_registry import asking_mlflow

    with asking_mlflow(settings):
        client = registry.connect(settings)
    try:
        found = looker.look(client)
    except NothingToSay as reason:
        typer.echo(f"nothing to say yet: {reason}")
        return
    typer.echo(f"{found.decision.state}: version {found.champion.version} beside {found.decision.reference}")
    for words in found.decision.reasons:
        typer.echo(f"- {words}")
    page = drift_report.report_page(found.decision, settings.model_name, found.champion.version)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
        typer.echo(f"report: {output}")
    if is_told:
        address = drift_telling.tell(found, page, api, client, settings)
        looker.go_on()
        typer.echo(f"report: {address or f'in MLflow ({settings.tracking_uri}), the run drift'}")


def keep_looking(
    looker: "Looker", api: "Api", settings: Settings, output: Path | None, *, minutes: float, is_told: bool
) -> None:
    """Until it is told to stop. The API or MLflow being away is no reason to end: it is asked again next time."""
    # As Ctrl-C, which ends a look in its middle: one that was not told of is made again.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    pause = threading.Event()
    try:
        while True:
            try:
                look_once(looker, api, settings, output, is_told=is_told)
            except (TrainerError, OSError) as error:
                logger.warning("drift_not_looked_at again_in_minutes=%g reason=%s", minutes, error)
            pause.wait(minutes * 60)
    except KeyboardInterrupt:
        typer.echo("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)
