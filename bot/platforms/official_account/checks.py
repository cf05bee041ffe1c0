"""What `doctor` asks the official account: whether it answers, and what an account of its kind may do."""

from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.finding import Finding
from bot.platforms.http import Json, Skew
from bot.platforms.official_account import menu
from bot.platforms.official_account.client import Client
from bot.platforms.tokens import NoToken

MOST_SKEW = timedelta(seconds=60)
NOBODY = "branchbot-doctor"
"""A message to nobody: an account that may write is told that there is no such person."""
PROBE_LASTS = timedelta(minutes=1)


async def check(client: Client, skew: Skew) -> list[Finding]:
    """Everything that can be asked, in the order in which it is mended. Stops at what makes the rest useless."""
    return [finding async for finding in _findings(client, skew)]


async def _findings(client: Client, skew: Skew) -> AsyncIterator[Finding]:
    try:
        await client.tokens.get()
    except NoToken as failure:
        found = failure.outcome
        yield Finding(False, "account_token_failed", {"reason": found.reason, "detail": found.detail})
        return
    yield Finding(True, "account_token")
    offset = skew.offset or timedelta()
    right = abs(offset) <= MOST_SKEW
    seconds: dict[str, object] = {"seconds": round(offset.total_seconds())}
    yield Finding(right, "account_clock" if right else "account_clock_off", seconds)
    message: Json = {"touser": NOBODY, "msgtype": "text", "text": {"content": "·"}}
    yield await _ability("messages", client.ask("message/custom/send", payload=message))
    yield await _ability("menu", menu.shown(client))
    yield await _ability("codes", menu.scene_code(client, "doctor", expires=PROBE_LASTS))
    yield await _ability("templates", client.ask("template/get_all_private_template"))


async def _ability(name: str, asked: Awaitable[object]) -> Finding:
    """Only a refusal for want of the right says that the account may not; any other one was understood."""
    try:
        await asked
    except SendRefused as refusal:
        if refusal.reason == "not_granted":
            return Finding(False, f"account_no_{name}", grave=False)
    except (SendLater, SendDoubtful) as failure:
        return Finding(False, "account_unknown", {"reason": failure.reason}, grave=False)
    return Finding(True, f"account_{name}")
