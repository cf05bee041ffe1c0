"""Who a browser inside WeCom is. https://developer.work.weixin.qq.com/document/path/91022, 91023."""

import re
from urllib.parse import urlencode

from bot.config import WeComConfig
from bot.errors import SendRefused
from bot.platforms.wecom.client import Client

_STATE = re.compile(r"[0-9A-Za-z]{1,128}")
_CODE = re.compile(r"[!-~]{1,512}")


class Login:
    """The silent login of WeCom's own browser."""

    def __init__(self, client: Client, settings: WeComConfig) -> None:
        self._client = client
        self._settings = settings

    def url(self, state: str, return_to: str) -> str:
        """Where the browser goes; `state` is letters and digits, at most 128, else ValueError."""
        if not _STATE.fullmatch(state):
            raise ValueError("a login state is 1 to 128 letters and digits")
        query = urlencode(
            {
                "appid": self._settings.corp_id,
                "redirect_uri": return_to,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
                "agentid": self._settings.agent_id,
            }
        )
        return f"{self._settings.oauth_base.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def who(self, code: str) -> str | None:
        """The member's id; None for a stranger, and for a code that is wrong, used or too old.

        Raises SendLater, SendRefused and SendDoubtful when WeCom does not say.
        """
        if not _CODE.fullmatch(code):
            return None
        try:
            answer = await self._client.ask("auth/getuserinfo", {"code": code})
        except SendRefused as refusal:
            if refusal.reason == "login":
                return None
            raise
        user_id = answer.get("userid") or answer.get("UserId")
        return user_id if isinstance(user_id, str) else None
