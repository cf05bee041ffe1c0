"""What every command starts with: the configuration, the language, and plain words for whatever goes wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.commands.language import early_texts
from bot.commands.terminal import Terminal

if TYPE_CHECKING:
    from bot.config import Config

DEFAULT = Path("config.toml")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one command."""

    config: "Config"
    path: Path
    terminal: Terminal


@contextmanager
def opened(context: typer.Context, chosen: Path | None) -> Iterator[Session]:
    """The session of a command; `chosen` is its own `--config`. Any error inside becomes a sentence and an exit code:

    2 for what the operator has to mend in the command, the configuration or the schema, 1 for everything else.
    """
    path = chosen or context.obj or DEFAULT
    terminal = Terminal(early_texts(path))
    from bot import log
    from bot.config import load

    log.configure(level=logging.CRITICAL)  # what goes wrong is said in words, not in lines for machines
    try:
        yield Session(load(path), path, terminal)
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        from bot.commands.problems import explain

        found = explain(error, terminal.texts)
        for line in found.lines:
            terminal.complain(line)
        raise typer.Exit(found.code) from None
