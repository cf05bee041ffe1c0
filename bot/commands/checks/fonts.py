"""Whether this machine can draw Chinese characters: posters are made here."""

from collections.abc import AsyncIterator

from bot.commands.checks.finding import Finding, good, warning
from bot.commands.session import Session
from bot.drawings import DEBIAN_PACKAGE, font_file


async def check(session: Session) -> AsyncIterator[Finding]:
    found = font_file()
    yield good("font", path=found[0]) if found is not None else warning("no_font", package=DEBIAN_PACKAGE)
