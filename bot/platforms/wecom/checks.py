"""What `doctor` asks WeCom: whether the app is set up so that everything works."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.finding import Finding
from bot.platforms.http import Json, Skew
from bot.platforms.tokens import NoToken
from bot.platforms.wecom.client import Client
from bot.platforms.wecom.directory import Directory, named

MOST_SKEW = timedelta(seconds=60)


async def check(client: Client, directory: Directory, skew: Skew) -> list[Finding]:
    """Everything that can be asked, in the order in which it is mended. Stops at what makes the rest useless."""
    return [finding async for finding in _findings(client, directory, skew)]


async def _findings(client: Client, directory: Directory, skew: Skew) -> AsyncIterator[Finding]:
    try:
        await client.tokens.get()
    except NoToken as failure:
        found = failure.outcome
        yield Finding(False, "wecom_token_failed", {"reason": found.reason, "detail": found.detail})
        return
    yield Finding(True, "wecom_token")
    offset = skew.offset or timedelta()
    right = abs(offset) <= MOST_SKEW
    seconds: dict[str, object] = {"seconds": round(offset.total_seconds())}
    yield Finding(right, "wecom_clock" if right else "wecom_clock_off", seconds)
    try:
        agent = await directory.agent()
    except (SendLater, SendRefused, SendDoubtful) as failure:
        yield Finding(False, "wecom_agent_failed", {"reason": failure.reason})
        return
    for finding in _settings(agent):
        yield finding


def _settings(agent: Json) -> list[Finding]:
    name = str(agent.get("name") or "")
    closed = agent.get("close") == 1
    found = [Finding(not closed, "wecom_agent_closed" if closed else "wecom_agent", {"name": name})]
    seen: dict[str, object] = {
        "users": len(named(agent, "allow_userinfos", "user")),
        "departments": len(named(agent, "allow_partys", "partyid")),
        "tags": len(named(agent, "allow_tags", "tagid")),
    }
    found.append(Finding(True, "wecom_range", seen) if any(seen.values()) else Finding(False, "wecom_range_empty"))
    domain = str(agent.get("redirect_domain") or "")
    found.append(Finding(True, "wecom_domain", {"domain": domain}) if domain else Finding(False, "wecom_domain_empty"))
    return found
