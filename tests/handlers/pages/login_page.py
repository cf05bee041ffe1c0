"""A platform's login on loopback: it knows who browses, and gives out codes that are good once."""

import secrets
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import SendLater


class LoginPage:
    """An Identity. `person` is who browses; "" for somebody outside the organisation."""

    def __init__(self) -> None:
        self.person = ""
        self.down = False
        self.asked: list[str] = []
        self._codes: dict[str, str] = {}
        app = web.Application()
        app.router.add_get("/authorize", self._authorize)
        self.server = TestServer(app)

    def login_url(self, state: str, return_to: str) -> str:
        return f"{self.server.make_url('/authorize')}?{urlencode({'state': state, 'redirect_uri': return_to})}#redirect"

    async def who(self, code: str) -> str | None:
        self.asked.append(code)
        if self.down:
            raise SendLater("network", after=timedelta(seconds=5), counted=False)
        return self._codes.pop(code, "") or None

    def code(self, person: str) -> str:
        code = secrets.token_urlsafe(16)
        self._codes[code] = person
        return code

    async def _authorize(self, request: web.Request) -> web.Response:
        query = urlencode({"code": self.code(self.person), "state": request.query["state"]})
        return web.Response(status=302, headers={"Location": f"{request.query['redirect_uri']}?{query}"})
