"""The in-app browser inside the phones page: a frame around the bot's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

LARGEST_FORM = 16 * 1024 * 1024


class BrowserPage:
    """`/browser/{userid}/{path}`: GET and POST are passed to the bot as that person."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def routes(self) -> list[web.RouteDef]:
        """All methods of the one address."""
        return [web.route("*", "/browser/{userid}/{path:.*}", self.visit)]

    async def visit(self, request: web.Request) -> web.StreamResponse:
        """The bot's answer; a redirect stays inside the frame. 400 for addresses that are not the bot's."""
        request = request.clone(client_max_size=LARGEST_FORM)
        userid, path = request.match_info["userid"], request.match_info["path"]
        query = request.rel_url.raw_query_string
        address = str(URL.build(path="/" + path)) + (f"?{query}" if query else "")
        browser = self.twin.browser(userid)
        content_type = request.headers.get("Content-Type", "")
        try:
            page = await browser.fetch(request.method, address, await request.read(), content_type)
        except LookupError as error:
            return web.Response(status=400, text=f"打不开这个页面：{error.args[0]}")
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502, text="支部助手暂时没有应答，请稍后再试")
        if page.location is not None:
            root = request.rel_url.raw_path.partition("/browser/")[0]
            frame = f"{root}/browser/{URL.build(path=userid).raw_path}"
            status = page.status if page.status in (303, 307, 308) else 302
            return web.Response(status=status, headers={"Location": frame + str(page.location.relative())})
        return web.Response(status=page.status, headers=page.headers, body=page.body)
