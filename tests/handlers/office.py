"""A small organisation on a real database, and people who talk to the bot in it."""

import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.inbound.conversation import converse
from bot.inbound.router import Commands, Context, Reply
from bot.message import Card, Text, load
from bot.rules.reminding import Policy, Quiet
from bot.services import outcomes, releasing
from bot.services.access import Speaker, speaker
from bot.services.cards import item_card
from bot.services.links import Links
from bot.services.receipts import Claim, confirm
from bot.services.roads import Roads
from bot.services.settings import Publishing, Reminding, Settings
from bot.texts import Texts
from bot.update import Update, UpdateKind
from storage.audiences import Audience
from storage.calls import Ending
from storage.chats import Chat
from storage.database import Database
from storage.enums import ItemStatus, Phase, ReceiptKind, Role, Source
from storage.items import Item
from storage.messages import QueuedMessage
from storage.transaction import Transaction
from tests.tables import make_tables

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""A Monday, 10:00 in Shanghai."""
ZONE = ZoneInfo("Asia/Shanghai")
NOUNS = (
    *("items", "attachments", "listing", "progress", "reminders", "withdrawing", "excuses", "additions", "closing"),
    *("chats", "receipts", "todos", "mydata", "help", "replies"),
)
GROUP = "wr-group-1"

PEOPLE = {
    "boss": ("王建国", "机关总支"),
    "li": ("李红", "第一支部"),
    "zhao": ("赵敏", "机关总支"),
    "zhou": ("周杰", "第二支部"),
    "sun": ("孙强", "外单位支部"),
    "admin": ("马超", "外单位支部"),
    "zs1": ("张三", "第一支部"),
    "zs2": ("张三", "第二支部"),
    "chen": ("陈静", "第一支部"),
    "liu": ("刘洋", "第二支部"),
    "wu": ("吴刚", "外单位支部"),
}
"""User id → name and branch. boss and li are secretaries, sun one elsewhere; zhao and zhou supervise."""
GRANTS = (
    ("boss", Role.SECRETARY, "机关总支"),
    ("li", Role.SECRETARY, "第一支部"),
    ("sun", Role.SECRETARY, "外单位支部"),
    ("zhao", Role.SUPERVISOR, "机关总支"),
    ("zhou", Role.SUPERVISOR, "第二支部"),
)


def settings_for(locale: str) -> Settings:
    quiet = Quiet(time(22), time(8), ZONE)
    policy = Policy(after=(timedelta(hours=24), timedelta(hours=48)))
    return Settings(
        texts=Texts(locale, ZONE),
        links=Links("https://bot.example.org", b"secret", enabled=True),
        roads=Roads(private="wecom", group="wecom_bot"),
        reminding=Reminding(policy, quiet, None, daily=1, weekly=3),
        publishing=Publishing(timedelta(minutes=2), 200, frozenset()),
        tiers=["正式"],
        administrators=frozenset({"admin"}),
    )


class Office:
    """`now` moves only by hand. What was said comes back as a Reply; `words` is what the person themselves reads."""

    def __init__(self, database: Database, locale: str) -> None:
        self.database = database
        self.settings = settings_for(locale)
        self.commands = Commands([import_module(f"handlers.{noun}").router for noun in NOUNS])
        self.now = START
        self.branches: dict[str, int] = {}
        self.members: dict[str, int] = {}
        self._keys = count(1)

    async def found(self) -> None:
        async with self.database.transaction() as tx:
            root = await tx.branches.add("机关总支", None)
            others = [await tx.branches.add(name, root) for name in ("第一支部", "第二支部")]
            others.append(await tx.branches.add("外单位支部", None))
            self.branches = {branch.name: branch.id for branch in (root, *others)}
            for user_id, (name, branch) in PEOPLE.items():
                self.members[user_id] = await self.join(tx, user_id, name, branch)
            for user_id, role, branch in GRANTS:
                await tx.members.set_roles(self.members[user_id], {(role, self.branches[branch])})

    async def join(self, tx: Transaction, user_id: str, name: str, branch: str) -> int:
        member = await tx.members.add(
            name=name,
            branch_id=self.branches[branch],
            tier="正式",
            phone="13812345678",
            platform="wecom",
            user_id=user_id,
            now=self.now,
        )
        await tx.flush()
        self.members[user_id] = member.id
        return member.id

    async def says(self, user_id: str, text: str, *, group: bool = False) -> Reply:
        return await self.does(user_id, UpdateKind.TEXT, text=text, group=group) or Reply()

    async def words(self, user_id: str, text: str, *, group: bool = False) -> str:
        """What the person reads, in private where something is private."""
        reply = await self.says(user_id, text, group=group)
        return (reply.private or reply).text

    async def does(self, user_id: str, kind: UpdateKind, *, text: str = "", group: bool = False) -> Reply | None:
        update = Update(
            platform="wecom_bot" if group else "wecom",
            key=f"update-{next(self._keys)}",
            kind=kind,
            user_id=user_id,
            sent_at=self.now,
            text=text,
            chat_id=GROUP if group else "",
        )
        async with self.database.transaction() as tx:
            who = await self.speaker(tx, user_id)
            try:
                async with tx.savepoint():
                    return await converse(Context(tx, self.now, update, who, self.settings, self.commands))
            except UserError as error:
                return Reply(self.settings.texts.say(error.key, **error.params))

    async def speaker(self, tx: Transaction, user_id: str) -> Speaker:
        member = await tx.members.by_account("wecom", user_id)
        assert member is not None
        return await speaker(tx, member, user_id, self.settings.administrators)

    async def item(
        self,
        author: str = "boss",
        *,
        branch: str = "机关总支",
        to: Sequence[str] = ("第一支部", "第二支部"),
        title: str = "支部大会",
        require: str = "ack",
        status: ItemStatus = ItemStatus.SCHEDULED,
        due_at: datetime | None = None,
        timed: bool = False,
    ) -> int:
        """An item; unless it is a draft or timed, it has just been pushed and its messages are in the outbox."""
        async with self.database.transaction() as tx:
            audience = Audience(branches=frozenset(self.branches[name] for name in to))
            item = Item(
                kind="notice",
                status=status,
                title=title,
                body="请准时参加。",
                require=require,
                author_id=self.members[author],
                branch_id=self.branches[branch],
                audience=audience.dump(),
                audience_size=(await tx.audiences.count(audience, "wecom")).total,
                policy='{"after": ["1d", "2d"], "before_due": []}',
                due_at=due_at,
                publish_at=self.now,
                created_at=self.now,
            )
            tx.items.add(item)
            await tx.flush()
            if status == ItemStatus.SCHEDULED and not timed:
                card = item_card(self.settings.texts, self.settings.links, item, branch=branch)
                await releasing.push(tx, self.settings, item, message=card, now=self.now)
            return item.id

    async def bind(self, branch: str) -> None:
        """Ties the group to a branch."""
        async with self.database.transaction() as tx:
            chat = Chat(
                platform="wecom_bot",
                chat_id=GROUP,
                branch_id=self.branches[branch],
                bound_by=self.members["boss"],
                bound_at=self.now,
            )
            tx.chats.add(chat)

    async def waiting(self) -> list[QueuedMessage]:
        """What is in the outbox and could leave now."""
        async with self.database.reading() as tx:
            return list(await tx.messages.next_due(self.now, 100, platforms=["wecom", "wecom_bot"], quiet_now=False))

    async def send(self, *user_ids: str, ref: str = "MSGID", kinds: Iterable[str] = ("item", "group")) -> int:
        """The platform takes what is queued for these people (all, where none is named) in one call."""
        wanted = set(kinds)
        names = {name.casefold() for name in user_ids}
        async with self.database.transaction() as tx:
            found = [m for m in await self._due(tx) if m.kind in wanted and (not names or m.recipient_key in names)]
            for platform in sorted({message.platform for message in found}):
                of_platform = [message for message in found if message.platform == platform]
                call = await tx.calls.reserve(platform, self.now, len(of_platform))
                await tx.calls.freeze(call, "message/send", b"{}")
                await tx.messages.start([message.id for message in of_platform], call, self.now)
                await tx.calls.finish(
                    [Ending(call, "accepted", http_status=200, code=0, ref=f"{ref}-{call}")], self.now
                )
                await outcomes.accepted(tx, self.settings, of_platform, self.now)
            return len(found)

    async def refuse(self, user_id: str, reason: str) -> None:
        """The platform says no for one person."""
        async with self.database.transaction() as tx:
            found = [m for m in await self._due(tx) if m.recipient_key == user_id]
            await outcomes.refused(tx, self.settings, found, reason, about_person=True, now=self.now)

    async def doubt(self, user_id: str) -> None:
        """Bytes left for one person, and no answer came."""
        async with self.database.transaction() as tx:
            found = [m for m in await self._due(tx) if m.recipient_key == user_id]
            call = await tx.calls.reserve("wecom", self.now, len(found))
            await tx.messages.start([message.id for message in found], call, self.now)
            await tx.messages.doubt(call)

    async def settle_recall(self, subject: str, *, reason: str | None) -> None:
        """The platform took a message back, or says why not."""
        async with self.database.transaction() as tx:
            message_id = (await tx.messages.ids("recall", [subject]))[subject]
            phase = Phase.ACCEPTED if reason is None else Phase.REFUSED
            await tx.messages.settle([message_id], phase, self.now, reason)

    async def _due(self, tx: Transaction) -> Sequence[QueuedMessage]:
        return await tx.messages.next_due(self.now, 100, platforms=["wecom", "wecom_bot"], quiet_now=False)

    async def acknowledges(self, user_id: str, number: int, kind: ReceiptKind = ReceiptKind.ACK) -> str:
        async with self.database.transaction() as tx:
            claim = Claim(self.members[user_id], number, kind, Source.CHAT)
            (confirmed,) = await confirm(tx, [claim], now=self.now)
            return confirmed.result

    async def heard(self, kind: str) -> dict[str, str]:
        """Recipient → words, of the messages of a kind that wait to be sent."""
        heard: dict[str, str] = {}
        async with self.database.reading() as tx:
            for message in await self._due(tx):
                if message.kind == kind:
                    body = load(await tx.contents.body(message.content_id))
                    words = (
                        body.text if isinstance(body, Text) else body.title if isinstance(body, Card) else repr(body)
                    )
                    heard[message.recipient] = heard.get(message.recipient, "") + words
        return heard

    async def state(self, number: int, user_id: str) -> str:
        async with self.database.reading() as tx:
            delivery = await tx.deliveries.get(number, self.members[user_id])
            return delivery.state if delivery is not None else "none"

    async def status(self, number: int) -> str:
        async with self.database.reading() as tx:
            item = await tx.items.get(number)
            return item.status if item is not None else "none"

    async def audits(self, subject: str) -> list[str]:
        async with self.database.reading() as tx:
            return [row.action for row in await tx.audit.of(subject)]

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)


async def build_template(folder: Path) -> Path:
    """A database with the organisation in it, to be copied for each test."""
    path = folder / "template.db"
    await make_tables(f"sqlite+aiosqlite:///{path}")
    async with _opened(path, "zh_CN") as office:
        await office.found()
    return path


@asynccontextmanager
async def open_office(template: Path, folder: Path, locale: str = "zh_CN") -> AsyncIterator[Office]:
    path = folder / f"{locale}.db"
    shutil.copy(template, path)
    async with _opened(path, locale) as office:
        async with office.database.reading() as tx:
            office.branches = {branch.name: branch.id for branch in await tx.branches.all()}
            accounts = await tx.members.accounts("wecom")
            office.members = {user_id: account.member_id for user_id, account in accounts.items()}
        yield office


@asynccontextmanager
async def _opened(path: Path, locale: str) -> AsyncIterator[Office]:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        yield Office(database, locale)
    finally:
        await database.close()
