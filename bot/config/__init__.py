"""The configuration: `config.toml` and the environment, checked whole before anything starts.

`BRANCHBOT_WECOM__SECRET` sets `[wecom] secret`; a list in the environment is JSON. Unknown keys are errors.
"""

from bot.config.reading import check, load
from bot.config.sections import (
    ApiConfig,
    Config,
    DatabaseConfig,
    MenuConfig,
    OfficialAccountConfig,
    PublishingConfig,
    RemindersConfig,
    ServerConfig,
    WeComBotConfig,
    WeComConfig,
)

OFFICIAL_HOSTS = frozenset(
    {"qyapi.weixin.qq.com", "open.weixin.qq.com", "openws.work.weixin.qq.com", "api.weixin.qq.com"}
)
"""The platforms' own hosts; another one is shown at every start."""

__all__ = [
    "OFFICIAL_HOSTS",
    "ApiConfig",
    "Config",
    "DatabaseConfig",
    "MenuConfig",
    "OfficialAccountConfig",
    "PublishingConfig",
    "RemindersConfig",
    "ServerConfig",
    "WeComBotConfig",
    "WeComConfig",
    "check",
    "load",
]
