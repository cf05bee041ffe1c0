"""The configuration: whose values it has, who may read it, whom the bot talks to."""

from collections.abc import AsyncIterator

from bot.commands.checks.finding import Finding, Mark, bad, good
from bot.commands.session import Session
from bot.config import OFFICIAL_HOSTS
from bot.config.advice import advice, hosts
from bot.config.dummies import dummies


async def check(session: Session) -> AsyncIterator[Finding]:
    config = session.config
    yield good("config", path=str(session.path))
    for problem in dummies(config):
        yield bad("dummy", name=problem.key)
    for each in advice(config, session.path, OFFICIAL_HOSTS):
        yield Finding(Mark.WARNING, f"config.advice.{each.name}", each.params)
    if not config.publishing.trial_members:
        yield good("no_trial")
    platforms = [name for name in ("wecom", "wecom_bot", "official_account") if getattr(config, name) is not None]
    if platforms:
        yield good("platforms", names=session.terminal.texts.list(platforms))
    else:
        yield bad("no_platform")
    found = hosts(config)
    yield good("hosts", hosts=session.terminal.texts.list(found)) if found else good("no_hosts")
