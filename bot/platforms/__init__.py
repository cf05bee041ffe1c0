"""The outside world: chat networks, each behind the protocol of `base.py`."""

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
        app = WeCom(config.wecom, clock, shelf=shelf(WeCom.name))
        platforms[app.name] = app

        async def resolve(user_id: str) -> str | None:
            return (await app.convert([user_id])).get(user_id)

    if config.wecom_bot is not None:
        bot = WeComBot(config.wecom_bot, clock, alarm, resolve=resolve, on_gap=on_gap)
        platforms[bot.name] = bot
    if config.official_account is not None:
        account = OfficialAccount(config.official_account, clock, secret, shelf=shelf(OfficialAccount.name))
        platforms[account.name] = account
    if config.webhooks:
        hooks = Webhooks(config.webhooks, clock)
        platforms[hooks.name] = hooks
    return platforms
