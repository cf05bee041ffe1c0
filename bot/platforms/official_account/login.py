"""Who a browser inside WeChat is: 网页授权 on developers.weixin.qq.com. Only verified service accounts may ask."""

import re
from urllib.parse import urlencode

from bot.config import OfficialAccountConfig
from bot.errors import SendRefused
from bot.platforms.calls import as_error
from bot.platforms.http import Http, NoAnswer, NotSent
from bot.platforms.meanings import NO_ANSWER, NOT_SENT
from bot.platforms.official_account.client import Client
from bot.platforms.official_account.seal import Seal

_STATE = re.compile(r"[0-9A-Za-z]{1,128}")
_CODE = re.compile(r"[!-~]{1,512}")


class Login:
    """The silent login of WeChat's own browser: it names the resident's token, nothing else."""

    def __init__(self, client: Client, http: Http, settings: OfficialAccountConfig, seal: Seal) -> None:
        self._client = client
        self._http = http
        self._settings = settings
        self._seal = seal

    def url(self, state: str, return_to: str) -> str:
        """Where the browser goes; `state` is letters and digits, at most 128, else ValueError."""
        if not _STATE.fullmatch(state):
            raise ValueError("a login state is 1 to 128 letters and digits")
        query = urlencode(
            {
                "appid": self._settings.app_id,
                "redirect_uri": return_to,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{self._settings.oauth_base.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def who(self, code: str) -> str | None:
        """The resident's token; None for a code that is wrong, used or too old.

        Raises SendLater, SendRefused and SendDoubtful when the platform does not say.
        """
        if not _CODE.fullmatch(code):
            return None
        params = {
            "appid": self._settings.app_id,
            "secret": self._settings.secret.get_secret_value(),
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            payload = self._client.json_of(await self._http.call("sns/oauth2/access_token", params), "oauth2")
        except NotSent:
            raise as_error(NOT_SENT) from None
        except NoAnswer:
            raise as_error(NO_ANSWER) from None
        except SendRefused as refusal:
            if refusal.reason == "login":
                return None
            raise
        openid = payload.get("openid")
        return self._seal.close(openid) if isinstance(openid, str) and openid else None
