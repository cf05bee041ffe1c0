"""An office with a few items, served on loopback, and a system that asks for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import delete

from bot.clock import ManualClock
from bot.config import check
from bot.rules.reminding import Policy, Quiet
from bot.services.links import Links
from bot.services.roads import Roads
from bot.services.settings import Publishing, Reminding, Settings
from bot.texts import Texts
from handlers.api import add_api
from storage.database import Database
from storage.enums import Role
from storage.members import Account
from tests.handlers.api.system import READ, WRITE, Office, System
from tests.tables import open_database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
TIERS = ["正式", "正式", "正式", "正式", "预备", None]
CONFIG = {
    "api": {
        "tokens": [
            {"name": "office-system", "token": READ, "scope": "read"},
            {"name": "办公系统", "token": WRITE, "scope": "write"},
        ]
    }
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'branchbot.db'}")
    yield found
    await found.close()


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """Served, and empty but for the tree and the roster."""
    clock = ManualClock(NOW)
    commits: list[datetime] = []
    settings = Settings(
        texts=Texts("zh_CN", SHANGHAI),
        links=Links("https://bot.example.org", b"s" * 32, enabled=True),
        roads=Roads(private="wecom", group="wecom_bot"),
        reminding=Reminding(Policy(), Quiet(None, None, SHANGHAI), None, daily=1, weekly=3),
        publishing=Publishing(undo_window=timedelta(minutes=2), code_above=200, trial=frozenset()),
        tiers=["预备", "正式"],
        administrators=frozenset(),
    )
    app = web.Application()
    add_api(
        app,
        database=database,
        settings=settings,
        tokens=check(CONFIG).api.tokens,
        clock=clock,
        on_commit=lambda: commits.append(clock.now()),
        per_minute=1_000_000,
    )
    async with TestServer(app) as server, System(str(server.make_url("/"))) as system:
        made = Office(database, settings, clock, system, commits)
        await _people(made)
        yield made


async def _people(office: Office) -> None:
    """机关总支 with 第一支部 and 第二支部; six members, the last of whom has no account."""
    async with office.database.transaction() as tx:
        root = await tx.branches.add("机关总支", None)
        first, second = await tx.branches.add("第一支部", root), await tx.branches.add("第二支部", root)
        office.branches = {branch.name: branch.id for branch in (root, first, second)}
        for name, home, tier in zip("赵钱孙李周吴", [root, first, first, first, second, second], TIERS, strict=True):
            member = await tx.members.add(
                name=name,
                branch_id=home.id,
                tier=tier,
                phone="13800000000",
                platform="wecom",
                user_id=f"U-{name}",
                now=NOW,
            )
            office.members[name] = member.id
        roles = {(str(Role.SECRETARY), root.id), (str(Role.RESPONDER), first.id)}
        await tx.members.set_roles(office.members["赵"], roles)
    async with office.database.writing() as connection:
        await connection.execute(delete(Account).where(Account.member_id == office.members["吴"]))
