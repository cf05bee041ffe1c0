"""Everything that one running bot answers over HTTP."""

from collections.abc import Callable, Mapping
from pathlib import Path

from aiohttp import web

from bot.clock import Clock
from bot.config import Config
from bot.inbound.forgers import Forgers
from bot.inbound.visitors import networks
from bot.inbound.webhooks import add_webhook
from bot.inbound.writer import Writer
from bot.platforms.base import Alarm, Platform
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.wecom.platform import WeCom
from bot.services.roads import APP, RESIDENTS
from bot.services.settings import Settings
from handlers.api import add_api
from handlers.pages import add_pages
from storage.database import Database

MOST_BYTES = 256 * 1024
"""Of any body."""


def served(
    config: Config,
    *,
    platforms: Mapping[str, Platform],
    database: Database,
    settings: Settings,
    clock: Clock,
    writer: Writer,
    alarm: Alarm,
    heard: Callable[[str, int], None],
    on_commit: Callable[[], None],
    secret: bytes,
    folder: Path,
) -> web.Application:
    """Callbacks, pages and the API. `folder` is where the proofs of the domain lie; see `add_webhook` for `heard`."""
    app = web.Application(client_max_size=MOST_BYTES)
    proxies = config.server.trusted_proxies
    forgers = Forgers(clock.elapsed, networks(proxies))
    wecom, account = platforms.get(APP), platforms.get(RESIDENTS)
    if isinstance(wecom, WeCom):
        add_webhook(app, "/wecom/callback", wecom, writer, alarm, heard, forgers)
    if isinstance(account, OfficialAccount):
        add_webhook(app, "/official-account/callback", account, writer, alarm, heard, forgers)
    add_pages(
        app,
        database=database,
        settings=settings,
        identity=wecom if isinstance(wecom, WeCom) else None,
        clock=clock,
        secret=secret,
        public_url=config.public_url,
        trusted_proxies=proxies,
        proof_folder=folder,
        on_commit=on_commit,
    )
    add_api(
        app,
        database=database,
        settings=settings,
        tokens=config.api.tokens,
        clock=clock,
        on_commit=on_commit,
        per_minute=config.api.per_minute,
        trusted_proxies=proxies,
        https=config.public_url.startswith("https:"),
    )
    return app
