"""The simulator on a port of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.simulator.app import build_app
from bot.simulator.twin import Twin


@asynccontextmanager
async def serve(twin: Twin, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Runs while the block does and gives its base address, without a slash at the end. Closes the twin afterwards."""
    runner = web.AppRunner(build_app(twin), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
        await twin.close()
