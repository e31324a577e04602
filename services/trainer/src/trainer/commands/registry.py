"""`trainer register`: a bundle becomes a version."""

from typing import Annotated

import typer

from trainer.commands.options import BundleFolder
from trainer.commands.promotion import say_verdict
from trainer.settings import Settings


def register(
    bundle: BundleFolder,
    champion_if_none: Annotated[
        bool, typer.Option(help="make it the champion where the registry has none: there is nothing to compare it with")
    ] = False,
) -> None:
    """Verify a bundle, make it the next version and challenger, and judge it; again, it only gets the tags it lacks."""
    from trainer import judging, promotion, registry
    from trainer.bundle import load_bundle

    settings = Settings()
    loaded = load_bundle(bundle)
    client = registry.connect(settings)
    registered = registry.register(loaded, client, settings)
    version = registered.version
    typer.echo(f"{settings.model_name} version {version} is {loaded.folder} ({loaded.digest[:12]})")
    if champion_if_none and promotion.crown_first(version, client, settings):
        typer.echo(f"version {version} is the champion")
    elif registered.is_new and registry.version_of(registry.CHAMPION, client, settings):
        say_verdict(version, judging.judge_version(version, client, settings))
