"""A proxy that serves a site under a path of its own, as some houses do."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

PREFIX = "/office/bot"
PASSED_ON = ("Accept", "Cookie", "Content-Type", "Origin", "Sec-Fetch-Site", "Accept-Encoding")
LEFT_OUT = ("Transfer-Encoding", "Content-Length", "Date", "Connection")


class PrefixProxy:
    """`base` is its public address; `target` is set once the site behind it runs."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}{PREFIX}"
        self.target = ""
        self.strays: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session:

            async def forward(request: web.Request) -> web.Response:
                if not request.path.startswith(PREFIX + "/"):
                    self.strays.append(request.path)
                    return web.Response(status=418)
                headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
                async with session.request(
                    request.method,
                    self.target + request.path_qs.removeprefix(PREFIX),
                    headers=headers,
                    data=await request.read(),
                    allow_redirects=False,
                ) as answer:
                    kept = [(name, value) for name, value in answer.headers.items() if name not in LEFT_OUT]
                    response = web.Response(status=answer.status, body=await answer.read())
                    response.headers.popall("Content-Type", None)
                    response.headers.extend(kept)
                    return response

            app = web.Application()
            app.router.add_route("*", "/{path:.*}", forward)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.SockSite(runner, self.listener).start()
            yield
            await runner.cleanup()
