"""What the adapter's tests share."""

from typing import Any

from bot.clock import Clock
from bot.config import OfficialAccountConfig
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.official_account.seal import Seal
from bot.simulator.account import AccountIds
from bot.update import Update

SECRET = b"a secret for tests, long enough for the rule"
IDS = AccountIds()
SEAL = Seal(SECRET, IDS.app_id)


class Door:
    """What came through, what did not and why, and what is answered."""

    def __init__(self, platform: OfficialAccount) -> None:
        self.platform = platform
        self.heard: list[Update] = []
        self.refused: list[str] = []
        self.says: str | None = None


def settings(base: str, **changed: Any) -> OfficialAccountConfig:
    values = {
        "app_id": IDS.app_id,
        "secret": IDS.secret,
        "token": IDS.token,
        "encoding_aes_key": IDS.encoding_aes_key,
        "api_base": f"{base}/mp",
        "oauth_base": f"{base}/mp",
    }
    return OfficialAccountConfig.model_validate({**values, **changed})


def account(settings: OfficialAccountConfig, clock: Clock) -> OfficialAccount:
    return OfficialAccount(settings, clock, SECRET)
