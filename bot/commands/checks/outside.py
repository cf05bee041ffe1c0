"""What the world sees of the service through its public address."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from bot.commands.checks.finding import Finding, bad, good, skipped, warning
from bot.commands.checks.running import answers, is_running
from bot.commands.session import Session
from bot.config.values import is_loopback

_OK = 200


async def check(session: Session) -> AsyncIterator[Finding]:
    config = session.config
    if config.wecom is None and config.official_account is None:
        yield skipped("outside_unneeded")
        return
    seen = await answers(f"{config.public_url}/healthz")
    if seen == _OK:
        yield good("outside", address=config.public_url)
    elif await is_running(session):
        yield bad("outside_closed", address=config.public_url, seen=seen)
    else:
        yield skipped("outside_unknown", address=config.public_url)
    if is_loopback(urlsplit(config.public_url).hostname):
        return
    if await answers(f"{config.public_url}/metrics") == _OK:
        yield warning("metrics_open", address=config.public_url)
