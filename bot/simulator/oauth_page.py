"""The login page that the vendor shows to browsers: silent, it only sends them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.browser import AUTHORIZE
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


class OAuthPage:
    """`/connect/oauth2/authorize`. Who browses stands in the header `X-Simulator-User` or cookie `simulator_user`."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.get(AUTHORIZE, self.authorize)]

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Redirects with a code; 400 with the vendor's words when the login is set up wrongly."""
        userid = request.headers.get("X-Simulator-User") or request.cookies.get("simulator_user", "")
        try:
            target = self.twin.oauth.authorize(userid, request.query)
        except Refusal as refusal:
            return web.Response(status=400, text=f"errcode={refusal.code}, errmsg={refusal.message}")
        return web.Response(status=302, headers={"Location": str(target)})
