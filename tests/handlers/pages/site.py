"""The pages on a real server on loopback, with a real database and a login page that knows who browses."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import CookieJar, web

from bot.clock import ManualClock
from bot.rules.quiet import Quiet
from bot.rules.reminding import Policy
from bot.services.links import Links
from bot.services.roads import Roads
from bot.services.settings import MAX_BYTES, Files, Publishing, Reminding, Settings
from bot.texts import Texts
from handlers.pages import add_pages
from storage.attachments import Attachment
from storage.audiences import Audience
from storage.database import Database
from storage.deliveries import Delivery
from storage.enums import AttachmentState, ItemKind, ItemStatus, Require
from storage.file_folder import FileFolder
from storage.items import Item
from storage.receipts import Receipt
from tests.handlers.pages.login_page import LoginPage
from tests.tables import open_database

START = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)  # 09:12 where the branch is
ZONE = ZoneInfo("Asia/Shanghai")
SECRET = b"a secret for the tests of the pages"
BODY = "各位成员：\n请按时参加支部大会。"


@dataclass
class Site:
    """The pages and what stands behind them. `base` is where the server listens."""

    database: Database
    clock: ManualClock
    login_page: LoginPage
    links: Links
    base: str
    folder: FileFolder
    branch_id: int = 0
    members: dict[str, int] = field(default_factory=dict)
    commits: list[datetime] = field(default_factory=list)

    async def item(
        self,
        *,
        to: tuple[str, ...] = ("Li",),
        title: str = "关于召开支部大会的通知",
        body: str = BODY,
        require: Require = Require.ACK,
        status: ItemStatus = ItemStatus.PUBLISHED,
        kind: ItemKind = ItemKind.NOTICE,
        link: str | None = None,
        due_at: datetime | None = None,
        version: int = 1,
    ) -> str:
        """A new item for these members; its token."""
        now = self.clock.now()
        async with self.database.transaction() as tx:
            item = Item(
                kind=kind,
                version=version,
                status=status,
                title=title,
                body=body,
                link=link,
                require=require,
                author_id=self.members["Zhang"],
                branch_id=self.branch_id,
                audience="",
                due_at=due_at,
                published_at=now - timedelta(minutes=12),
                created_at=now - timedelta(hours=1),
            )
            tx.items.add(item)
            await tx.flush()
            await tx.deliveries.create(item, Audience(added=frozenset(self.members[name] for name in to)), "wecom")
            return self.links.token(item.id)

    async def attach(self, token: str, *files: tuple[str, bytes]) -> None:
        """Files that go with the item: (name, content) of each."""
        async with self.database.transaction() as tx:
            item = await tx.items.get(self.links.item_of(token) or 0)
            assert item is not None
            for name, content in files:
                new = await self.folder.take(content)
                ending = name.rpartition(".")[2]
                await tx.files.keep(self.folder, new, type=ending, now=self.clock.now())
                attached = {"name": name, "digest": new.digest, "state": AttachmentState.STORED}
                row = {"item_id": item.id, "author_id": item.author_id, "platform": "wecom", "source": ""}
                tx.attachments.add(Attachment(**row, **attached, created_at=self.clock.now()))
                item.attached += 1

    async def delivery(self, token: str, name: str = "Li") -> Delivery:
        async with self.database.reading() as tx:
            found = await tx.deliveries.get(self.links.item_of(token) or 0, self.members[name])
        assert found is not None
        return found

    async def receipts(self, token: str, name: str = "Li") -> list[Receipt]:
        delivery = await self.delivery(token, name)
        async with self.database.reading() as tx:
            return list(await tx.receipts.of(delivery.id))

    @asynccontextmanager
    async def client(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser without a screen, with cookies of its own; addresses are below `base`."""
        async with aiohttp.ClientSession(self.base, cookie_jar=CookieJar(unsafe=True)) as session:
            yield session


def settings(links: Links, locale: str = "zh_CN") -> Settings:
    return Settings(
        texts=Texts(locale, ZONE),
        links=links,
        roads=Roads(private="wecom", group=""),
        reminding=Reminding(policy=Policy(), quiet=Quiet(None, None, ZONE), workdays=None, daily=1, weekly=3),
        publishing=Publishing(undo_window=timedelta(minutes=2), code_above=200, trial=frozenset()),
        tiers=(),
        administrators=frozenset(),
    )


@asynccontextmanager
async def open_site(
    folder: Path,
    *,
    locale: str = "zh_CN",
    with_login: bool = True,
    public_url: str | None = None,
    trusted_proxies: tuple[str, ...] = (),
) -> AsyncIterator[Site]:
    """Three members of one branch, known to WeCom by their names: Zhang, who writes the items, Li and Wang.

    `public_url` None: where the server listens.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    database = await open_database(f"sqlite+aiosqlite:///{folder}/pages.db")
    login_page = LoginPage()
    await login_page.server.start_server()
    links = Links(public_url or base, SECRET, enabled=True)
    site = Site(database, ManualClock(START), login_page, links, base, FileFolder(folder / "files"))
    await _people(site)
    app = web.Application()
    add_pages(
        app,
        database=database,
        settings=replace(settings(links, locale), files=Files(site.folder, MAX_BYTES)),
        identity=login_page if with_login else None,
        clock=site.clock,
        secret=SECRET,
        public_url=base if public_url is None else public_url,
        trusted_proxies=trusted_proxies,
        proof_folder=folder,
        on_commit=lambda: site.commits.append(site.clock.now()),
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield site
    finally:
        await runner.cleanup()
        await login_page.server.close()
        await database.close()


async def _people(site: Site) -> None:
    async with site.database.transaction() as tx:
        branch = await tx.branches.add("第一支部", None)
        site.branch_id = branch.id
        for name in ("Zhang", "Li", "Wang"):
            member = await tx.members.add(
                name=name,
                branch_id=branch.id,
                tier=None,
                phone=None,
                platform="wecom",
                user_id=name,
                now=site.clock.now(),
            )
            site.members[name] = member.id
