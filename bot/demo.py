"""The demonstration: the real bot and a stand-in for Tencent's servers in one process, with a sample branch.

Everything is as in service (encrypted callbacks, tokens, cards, the group bot's socket), but on loopback, in a folder
that is thrown away, and with a clock that moves.
"""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.app import App
from bot.clock import ShiftedClock
from bot.config import Config, check
from bot.services.access import ROSTER
from bot.simulator.app import build_app
from bot.simulator.corp import Corp
from bot.simulator.twin import Twin
from storage import schema
from storage.database import Database
from storage.enums import Role

MOUNT = "/simulator"
ZONE = ZoneInfo("Asia/Shanghai")
OPENING = time(9)
"""The demonstration begins at this time of a workday, whatever the time is."""
GROUP = "demo-group"


class Words:
    """The sample branch in one language."""

    def __init__(self, locale: str) -> None:
        chinese = locale == "zh_CN"
        self.address = f"{MOUNT}/" if chinese else f"{MOUNT}/?lang=en"
        self.bot = "支部助手" if chinese else "Branchbot"
        self.committee = "机关总支" if chinese else "Head office"
        self.branch = "第一支部" if chinese else "First branch"
        self.group = "第一支部群" if chinese else "First branch group"
        self.bind = f"绑定 {self.branch}" if chinese else f"/bind {self.branch}"
        self.secretary_role, self.member_role = ("书记", "成员") if chinese else ("Secretary", "Member")
        self.secretary = "周慧" if chinese else "Zhou Hui"
        self.members = ["王秀英", "李建国", "陈晓明"] if chinese else ["Wang Xiuying", "Li Jianguo", "Chen Xiaoming"]
        self.others = ["赵国强", "孙丽"] if chinese else ["Zhao Guoqiang", "Sun Li"]


def opening(now: datetime) -> datetime:
    """The next workday's opening, in UTC."""
    local = now.astimezone(ZONE)
    day = local.date()
    while day.weekday() > 4 or datetime.combine(day, OPENING, ZONE) < local:
        day += timedelta(days=1)
    return datetime.combine(day, OPENING, ZONE).astimezone(UTC)


def configuration(twin: Twin, folder: Path, port: int, locale: str) -> Config:
    """A configuration like any other, pointed at the stand-in."""
    base, corp = f"http://127.0.0.1:{port}{MOUNT}", twin.corp
    data: dict[str, Any] = {
        "locale": locale,
        "timezone": ZONE.key,
        "public_url": f"http://127.0.0.1:{port}",
        "server": {"port": port},
        "database": {"url": f"sqlite+aiosqlite:///{folder}/demo.db"},
        "access": {"administrators": ["zhouhui"]},
        "publishing": {"undo_window": "5s"},
        "wecom": {
            "corp_id": corp.corp_id,
            "agent_id": corp.agent_id,
            "secret": corp.secret,
            "token": corp.token,
            "encoding_aes_key": corp.encoding_aes_key,
            "api_base": base,
            "oauth_base": base,
        },
        "wecom_bot": {
            "bot_id": corp.bot_id,
            "secret": corp.bot_secret,
            "ws_url": f"ws://127.0.0.1:{port}{MOUNT}/ws",
        },
    }
    return check(data)


async def run(port: int, locale: str, tell: Callable[[str], None]) -> None:
    """Serves until cancelled; `tell` gets the address to open. Raises OSError when the port is taken."""
    clock = ShiftedClock()
    clock.advance(opening(clock.now()) - clock.now())
    words = Words(locale)
    twin = Twin(clock, Corp(app_name=words.bot, bot_name=words.bot))
    with tempfile.TemporaryDirectory(prefix="branchbot-demo-") as name:
        folder = Path(name)
        config = configuration(twin, folder, port, locale)
        await _fill(config, twin, words, clock.now())
        app = App(config, clock=clock, folder=folder, extend=lambda web_app: _mount(web_app, twin, words.address))
        twin.public_url = config.public_url
        twin.callback_url = f"{config.public_url}/wecom/callback"

        def move(by: timedelta) -> None:
            clock.advance(by)
            app.wake.set()

        twin.move_clock = move
        await app.start()
        try:
            await twin.until(lambda: twin.bot.connected, timedelta(seconds=10))
            await twin.groups[GROUP].mention("zhouhui", words.bind)
            tell(f"{config.public_url}{words.address}")
            await asyncio.Event().wait()
        finally:
            await app.stop()
            await twin.close()


def _mount(app: web.Application, twin: Twin, address: str) -> None:
    app.add_subapp(MOUNT, build_app(twin))

    async def to_the_page(_: web.Request) -> web.Response:
        raise web.HTTPFound(address)

    app.router.add_get("/", to_the_page)
    app.router.add_get(MOUNT, to_the_page)


async def _fill(config: Config, twin: Twin, words: Words, now: datetime) -> None:
    """The roster on our side, the directory and the phones on the other."""
    database = Database(config.database.url)
    try:
        await schema.upgrade(database)
        people = {
            "zhouhui": words.secretary,
            **dict(zip(("wangxiuying", "lijianguo", "chenxiaoming"), words.members, strict=True)),
            **dict(zip(("zhaoguoqiang", "sunli"), words.others, strict=True)),
        }
        async with database.transaction() as tx:
            committee = await tx.branches.add(words.committee, None)
            branch = await tx.branches.add(words.branch, committee)
            for userid, name in people.items():
                member = await tx.members.add(
                    name=name, branch_id=branch.id, tier=None, phone=None, platform=ROSTER, user_id=userid, now=now
                )
                if userid == "zhouhui":
                    await tx.members.set_roles(member.id, {(Role.SECRETARY, branch.id)})
    finally:
        await database.close()
    for userid, name in people.items():
        twin.directory.add(userid, name)
    for userid in list(people)[:4]:
        twin.show_on_page(userid, words.secretary_role if userid == "zhouhui" else words.member_role)
    twin.group(GROUP, words.group, list(people))
