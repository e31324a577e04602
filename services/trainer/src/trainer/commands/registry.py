"""`trainer register` and `trainer promote`: from a bundle to the model that is served."""

from typing import Annotated

import typer

from trainer.commands.options import BundleFolder
from trainer.settings import Settings


def register(
    bundle: BundleFolder,
    champion_if_none: Annotated[bool, typer.Option(help="promote it where the registry has no champion")] = False,
) -> None:
    """Verify a bundle and make it the next version and challenger; registering it again changes nothing."""
    from trainer import promotion, registry
    from trainer.bundle import load_bundle

    settings = Settings()
    loaded = load_bundle(bundle)
    client = registry.connect(settings)
    version = registry.register(loaded, client, settings).version
    typer.echo(f"{settings.model_name} version {version} is {loaded.folder} ({loaded.digest[:12]})")
    if champion_if_none and registry.version_of(registry.CHAMPION, client, settings) is None:
        promotion.promote(version, client, settings, reason="first champion of an empty registry")
        typer.echo(f"version {version} is the champion")


def promote(
    version: Annotated[str, typer.Argument(help="a version number, or an alias")] = "challenger",
    reason: Annotated[str, typer.Option(help="why, for the journal")] = ...,  # type: ignore[assignment]
    by: Annotated[str, typer.Option(help="who; default: the user of this machine")] = "",
) -> None:
    """Make a version the champion: the inference service follows within seconds."""
    from trainer import promotion, registry

    settings = Settings()
    client = registry.connect(settings)
    moved = promotion.promote(version, client, settings, reason=reason, by=by)
    typer.echo(f"champion: version {moved.from_version or 'none'} -> {moved.to_version} by {moved.by}: {moved.reason}")
