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
from bot.platforms.official_account.platform import OfficialAccount
from bot.services.access import ROSTER
from bot.services.roads import RESIDENTS
from bot.services.routing import scene_of
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
RESPONDER = "wangxiuying"
ROLES = {"zhouhui": Role.SECRETARY, RESPONDER: Role.RESPONDER}
ENGLISH_MENU = [
    {"name": "Progress", "says": "status"},
    {"name": "FAQ", "says": "faq"},
    {"name": "More", "items": [{"name": "My questions", "says": "mine"}, {"name": "How to ask", "says": "help"}]},
]


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
        self.responder_role, self.resident_role = ("答复人", "群众") if chinese else ("Responder", "Resident")
        self.account = "社区党群服务" if chinese else "Community service"
        self.resident = "刘大妈" if chinese else "Aunt Liu"
        self.menu = None if chinese else ENGLISH_MENU
        self.others = ["赵国强", "孙丽"] if chinese else ["Zhao Guoqiang", "Sun Li"]


def opening(now: datetime) -> datetime:
    """The next workday's opening, in UTC."""
    local = now.astimezone(ZONE)
    day = local.date()
    while day.weekday() > 4 or datetime.combine(day, OPENING, ZONE) < local:
        day += timedelta(days=1)
    return datetime.combine(day, OPENING, ZONE).astimezone(UTC)


def configuration(twin: Twin, words: Words, folder: Path, port: int, locale: str) -> Config:
    """A configuration like any other, pointed at the stand-in."""
    base, corp, account = f"http://127.0.0.1:{port}{MOUNT}", twin.corp, twin.account.ids
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
        "official_account": {
            "app_id": account.app_id,
            "secret": account.secret,
            "token": account.token,
            "encoding_aes_key": account.encoding_aes_key,
            "api_base": f"{base}/mp",
            "oauth_base": f"{base}/mp",
        },
    }
    if words.menu is not None:
        data["official_account"]["menu"] = words.menu
    return check(data)


async def run(port: int, locale: str, tell: Callable[[str], None]) -> None:
    """Serves until cancelled; `tell` gets the address to open. Raises OSError when the port is taken."""
    clock = ShiftedClock()
    clock.advance(opening(clock.now()) - clock.now())
    words = Words(locale)
    twin = Twin(clock, Corp(app_name=words.bot, bot_name=words.bot))
    with tempfile.TemporaryDirectory(prefix="branchbot-demo-") as name:
        folder = Path(name)
        twin.account.name = words.account
        config = configuration(twin, words, folder, port, locale)
        scene = await _fill(config, twin, words, clock.now())
        app = App(config, clock=clock, folder=folder, extend=lambda web_app: _mount(web_app, twin, words.address))
        twin.public_url = config.public_url
        twin.callback_url = f"{config.public_url}/wecom/callback"
        twin.account.base = config.official_account.api_base if config.official_account else ""
        twin.account.callback_url = f"{config.public_url}/official-account/callback"

        def move(by: timedelta) -> None:
            clock.advance(by)
            app.wake.set()

        twin.move_clock = move
        await app.start()
        try:
            await twin.until(lambda: twin.bot.connected, timedelta(seconds=10))
            await twin.groups[GROUP].mention("zhouhui", words.bind)
            await _open_account(app, twin, words, scene)
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


async def _open_account(app: App, twin: Twin, words: Words, scene: str) -> None:
    """The official account gets its menu, and a resident follows it by the branch's code."""
    account = app.platforms[RESIDENTS]
    if isinstance(account, OfficialAccount):
        await account.put_menu()
    await twin.account.resident(words.resident).subscribes(scene)


async def _fill(config: Config, twin: Twin, words: Words, now: datetime) -> str:
    """The roster on our side, the directory and the phones on the other; what the branch's code carries."""
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
                if userid in ROLES:
                    await tx.members.set_roles(member.id, {(ROLES[userid], branch.id)})
    finally:
        await database.close()
    for userid, name in people.items():
        twin.directory.add(userid, name)
    twin.show_on_page("zhouhui", words.secretary_role)
    twin.show_on_page(RESPONDER, words.responder_role)
    twin.show_resident_on_page(words.resident, words.resident_role)
    for userid in list(people)[2:4]:
        twin.show_on_page(userid, words.member_role)
    twin.group(GROUP, words.group, list(people))
    return scene_of(branch.id)
