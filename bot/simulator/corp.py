"""The corporation, its app and its group bot, as the vendor's console would list them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Corp:
    """Ids and secrets that both sides know. The values are made up and well-formed."""

    corp_id: str = "ww00branchbot00"
    agent_id: int = 1000002
    secret: str = "simulated-app-secret"
    token: str = "BranchTok1"
    encoding_aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    bot_id: str = "simulated-bot"
    bot_secret: str = "simulated-bot-secret"
    app_name: str = "支部助手"
    bot_name: str = "支部助手"
