"""The outside world: chat networks, each behind the protocol of `base.py`."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.config import Config
from bot.platforms.base import Alarm, Platform
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.tokens import Shelf
from bot.platforms.webhook.platform import Webhooks
from bot.platforms.wecom.platform import WeCom
from bot.platforms.wecom_bot.platform import WeComBot


def place_of(platform: str, *identity: str) -> str:
    """Where the token of exactly this app with exactly this secret lies; another one's is never taken for it."""
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()
    return f"{platform}:{digest[:12]}"


def build(
    config: Config,
    clock: Clock,
    alarm: Alarm,
    on_gap: Callable[[timedelta], Awaitable[None]],
    secret: bytes,
    shelf: Callable[[str], Shelf],
) -> dict[str, Platform]:
    """Name → adapter, of the platforms that the configuration switches on.

    `secret` seals residents' ids, `shelf` is where the token of a platform lies.
    """
    platforms: dict[str, Platform] = {}
    resolve = None
    if config.wecom is not None:
        of = config.wecom
        place = place_of(WeCom.name, of.corp_id, str(of.agent_id), of.secret.get_secret_value())
        app = WeCom(of, clock, shelf=shelf(place))
        platforms[app.name] = app

        async def resolve(user_id: str) -> str | None:
            return (await app.convert([user_id])).get(user_id)

    if config.wecom_bot is not None:
        bot = WeComBot(config.wecom_bot, clock, alarm, resolve=resolve, on_gap=on_gap)
        platforms[bot.name] = bot
    if config.official_account is not None:
        its = config.official_account
        place = place_of(OfficialAccount.name, its.app_id, its.secret.get_secret_value())
        account = OfficialAccount(its, clock, secret, shelf=shelf(place))
        platforms[account.name] = account
    if config.webhooks:
        hooks = Webhooks(config.webhooks, clock)
        platforms[hooks.name] = hooks
    return platforms
