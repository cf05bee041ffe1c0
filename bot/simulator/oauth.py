"""Who a browser is: the authorize page and its one-time codes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from yarl import URL

from bot.simulator.refusal import Refusal
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

CODE_LIFETIME = timedelta(minutes=5)

_STATE = re.compile(r"[0-9A-Za-z]{0,128}")


@dataclass(slots=True)
class LoginCode:
    """A one-time code; `userid` is "" for somebody outside the corporation."""

    userid: str
    at: datetime
    used: bool = False


class OAuth:
    """Gives codes to browsers, and people to codes."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._codes: dict[str, LoginCode] = {}

    def authorize(self, userid: str, query: Mapping[str, str]) -> URL:
        """Where the browser of this person goes next: the redirect address with `code` and `state`.

        Strangers and "" get an outsider's code. Raises Refusal 40013, 40035, 50001.
        """
        if query.get("appid") != self.twin.corp.corp_id:
            raise Refusal(40013)
        if query.get("response_type") != "code":
            raise Refusal(40035, "response_type")
        if query.get("scope") not in ("snsapi_base", "snsapi_privateinfo"):
            raise Refusal(40035, "scope")
        state = query.get("state", "")
        if not _STATE.fullmatch(state):
            raise Refusal(40035, "state: letters and digits only, at most 128")
        target = URL(query.get("redirect_uri", ""))
        if target.scheme not in ("http", "https") or not target.host:
            raise Refusal(50001)
        if self.twin.public_url and target.origin() != URL(self.twin.public_url).origin():
            raise Refusal(50001)
        person = self.twin.directory.find(userid)
        code = secrets.token_urlsafe(32)
        self._codes[code] = LoginCode(person.userid if person else "", self.twin.clock.now())
        return target.update_query(code=code, state=state)

    def who(self, code: str) -> Json:
        """`getuserinfo` for a code. Raises Refusal 40029 for an unknown or old code, 42022 for a used one."""
        found = self._codes.get(code)
        if found is None or self.twin.clock.now() - found.at > CODE_LIFETIME:
            raise Refusal(40029)
        if found.used:
            raise Refusal(42022)
        found.used = True
        return {"userid": found.userid} if found.userid else {"openid": f"o{secrets.token_urlsafe(20)}"}
