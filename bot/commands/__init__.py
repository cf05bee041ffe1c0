"""The command line, `branchbot`: arguments and words. What a command needs is imported when it runs."""

import sys


def main() -> None:
    """The console script."""
    from bot.commands.tree import build

    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese shows question marks instead of ending the command.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    build()(prog_name="branchbot")
