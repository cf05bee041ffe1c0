"""The options that several commands take. Their help is a key of the catalogues."""

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="cli.help.option.config")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="cli.help.option.dry_run")]
Yes = Annotated[bool, typer.Option("--yes", help="cli.help.option.yes")]


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("branchbot"))
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="cli.help.option.version")
]
