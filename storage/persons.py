"""Where the database speaks of a person: one entry for each table, for showing all of it and for taking it away.

A table that has a column of a person and no entry here fails a test.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, false, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import Base
from storage.calls import Call
from storage.contents import Content
from storage.dialogues import Dialogue
from storage.enums import CallState, InboxState, MemberStatus
from storage.idempotency import KeyedAnswer
from storage.inbox import InboxRow
from storage.items import Item
from storage.members import ROSTER, Account, Member
from storage.outbox import QUEUED, TO_SEND, UNSETTLED, OutboxMessage, QueuedMessage
from storage.scrubbing import EMPTY

_GOING, _GONE = "going:", "gone:"
"""How the digests of contents begin that name somebody forgotten: until all that carries them is over, and then."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """`about`: columns that say whose row it is. `by`: columns that say who did it: a deed, which stays without a name.

    `through` is a column that leads to the table of that name, whose rows are somebody's. When a member is forgotten,
    rows `about` them are deleted (`delete`), or the columns of `blank` get these values.
    """

    about: Sequence[str] = ()
    by: Sequence[str] = ()
    through: tuple[str, str] | None = None
    blank: Mapping[str, Any] = field(default_factory=dict)
    delete: bool = False


_DEED = {
    **dict.fromkeys(("item", "item_version", "plan"), Mentions(by=("author_id",))),
    **dict.fromkeys(("chat", "responder_chat"), Mentions(by=("bound_by",))),
    **dict.fromkeys(("approval_branch", "burden_line"), Mentions(by=("set_by",))),
    "approval": Mentions(by=("asked_by", "decided_by")),
    "audit": Mentions(by=("actor_id",)),
    "attachment": Mentions(by=("author_id",)),
    "commitment": Mentions(by=("owner_id",)),
    "entry": Mentions(by=("member_id",)),
    "export": Mentions(by=("member_id",)),
    "paper_entry": Mentions(by=("entered_by",)),
    "poster": Mentions(by=("member_id",)),
    "publication": Mentions(by=("asked_by_id",)),
    "question": Mentions(by=("owner_id", "published_by_id")),
    "snippet": Mentions(by=("member_id",)),
    "withdrawal": Mentions(by=("actor_id",)),
}
OF_MEMBERS: Mapping[str, Mentions] = {
    **_DEED,
    "access": Mentions(about=("about_id",), by=("actor_id",)),
    "member": Mentions(about=("id",), blank={"phone": None, "tier": None, "status": MemberStatus.LEFT}),
    "account": Mentions(about=("member_id",), delete=True),
    "role": Mentions(about=("member_id",), delete=True),
    "attention": Mentions(about=("member_id",), delete=True),
    "helping": Mentions(about=("member_id", "helper_id"), delete=True),
    "pending_answer": Mentions(about=("member_id",), delete=True),
    "delivery": Mentions(about=("member_id",), blank={"excuse": None}),
    "receipt": Mentions(by=("entered_by",), through=("delivery_id", "delivery")),
    "earlier_receipt": Mentions(by=("entered_by",), through=("delivery_id", "delivery")),
    "reminder": Mentions(through=("delivery_id", "delivery")),
    "paper_line": Mentions(through=("delivery_id", "delivery")),
    "message": Mentions(about=("member_id",), through=("delivery_id", "delivery")),
    "leave": Mentions(about=("member_id",), blank={"reason": ""}),
    "leave_excuse": Mentions(through=("leave_id", "leave")),
    "meeting_answer": Mentions(about=("member_id",), blank={"reason": None}),
    "attendance": Mentions(about=("member_id",), by=("entered_by",)),
    "vote": Mentions(about=("member_id",)),
    "voter": Mentions(about=("member_id",)),
    "place": Mentions(about=("member_id",)),
}
OF_RESIDENTS: Mapping[str, Mentions] = {
    "resident": Mentions(about=("id",)),
    "question": Mentions(about=("resident_id",)),
    "entry": Mentions(about=("resident_id",)),
    "commitment": Mentions(through=("question_id", "question")),
    "pending_answer": Mentions(through=("question_id", "question")),
    "publication": Mentions(through=("question_id", "question")),
    "attention": Mentions(through=("question_id", "question")),
    "access": Mentions(through=("question_id", "question")),
    "public_term": Mentions(through=("question_id", "question")),
}
HIDDEN = frozenset({"token", "recipient", "recipient_key", "lane", "code", "pickup_code"})
"""Columns that open something, or name others: they are not handed out."""


def whose(table: Table, mentions: Mentions, member: int, all: Mapping[str, Mentions]) -> ColumnElement[bool]:
    """The rows of a table that are about somebody."""
    conditions = [table.c[name] == member for name in mentions.about]
    if mentions.through is not None:
        column, name = mentions.through
        other = Base.metadata.tables[name]
        key = next(iter(other.primary_key.columns))
        conditions.append(table.c[column].in_(select(key).where(whose(other, all[name], member, all))))
    return or_(false(), *conditions)


_NOBODY = {"recipient": "", "recipient_key": "", "lane": None, "reply_to": None}


class PersonStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all_of(self, person: int, mentions: Mapping[str, Mentions]) -> dict[str, list[dict[str, Any]]]:
        """Table → every row about somebody, or by them, as it is stored; tables without any are left out."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, where in sorted(mentions.items()):
            table = Base.metadata.tables[name]
            deeds = [table.c[column] == person for column in where.by]
            query = select(table).where(or_(whose(table, where, person, mentions), *deeds))
            rows = (await self._session.execute(query.order_by(*table.primary_key.columns))).mappings().all()
            if rows:
                found[name] = [{key: value for key, value in row.items() if key not in HIDDEN} for row in rows]
        return found

    async def waiting(self, member_id: int, accounts: Sequence[Account]) -> Sequence[QueuedMessage]:
        """What is queued for a member; an answer to their words knows the account alone."""
        theirs = or_(OutboxMessage.member_id == member_id, OutboxMessage.recipient_key.in_(_keys(accounts)))
        query = select(*QUEUED).where(theirs, OutboxMessage.phase.in_(TO_SEND))
        return [QueuedMessage(*row) for row in (await self._session.execute(query))]

    async def forget(self, member: Member, accounts: Sequence[Account], name: str) -> None:
        """Nothing names the member any more, wherever it stood; what they did, and the counts, stay without a name."""
        words = [member.name, *(account.user_id for account in accounts)]
        keys = _keys(accounts)
        for table_name, mentions in OF_MEMBERS.items():
            table = Base.metadata.tables[table_name]
            theirs = whose(table, Mentions(mentions.about), member.id, OF_MEMBERS)
            if mentions.delete:
                await self._session.execute(delete(table).where(theirs))
            elif mentions.blank:
                await self._session.execute(update(table).where(theirs).values(**mentions.blank))
        named, nobody = (json.dumps(each, ensure_ascii=False)[1:-1] for each in (member.name, name))
        chosen = Item.audience.contains(named, autoescape=True)
        unnamed = update(Item).where(chosen).values(audience=func.replace(Item.audience, named, nobody))
        await self._session.execute(unnamed.execution_options(synchronize_session=False))
        await self._session.execute(update(Member).where(Member.id == member.id).values(name=name))
        await self._forget_words(words, keys, member.id)

    async def _forget_words(self, words: Sequence[str], keys: Sequence[str], member_id: int) -> None:
        """What was said to them, and what was said of them by name, in all that is over."""
        theirs = or_(OutboxMessage.member_id == member_id, OutboxMessage.recipient_key.in_(keys))
        settled = OutboxMessage.phase.not_in(UNSETTLED)
        carried = select(OutboxMessage.call_id).where(theirs, settled)
        await self._session.execute(
            update(Call).where(Call.id.in_(carried), Call.state == CallState.SETTLED).values(body=b"", digest="")
        )
        naming = or_(*(Content.body.contains(word, autoescape=True) for word in words if word))
        alone = select(OutboxMessage.content_id).where(theirs, OutboxMessage.item_id.is_(None))
        await self._session.execute(
            update(Content)
            .where(or_(naming, Content.id.in_(alone)))
            .values(digest=literal(_GOING).concat(Content.id))
            .execution_options(synchronize_session=False)
        )
        await self._session.execute(update(OutboxMessage).where(theirs, settled).values(_NOBODY))
        # A message knows its last request alone, and those before it named them, too.
        at = func.instr if self._session.get_bind().dialect.name == "sqlite" else func.pg_catalog.position
        tried = or_(*(at(Call.body, word.encode()) > 0 for word in words if word))
        await self._session.execute(
            update(Call)
            .where(tried, Call.state == CallState.SETTLED)
            .values(body=b"", digest="")
            .execution_options(synchronize_session=False)
        )
        await self.finish_forgetting()
        said = or_(*(InboxRow.reply.contains(word, autoescape=True) for word in words if word))
        await self._session.execute(update(InboxRow).where(said).values(reply=None))
        stored = or_(*(InboxRow.payload.contains(f'"{word}"', autoescape=True) for word in words[1:]))
        if len(words) > 1:
            await self._session.execute(
                update(InboxRow).where(stored).values(payload="", state=InboxState.DONE, next_at=None)
            )
        answered = or_(*(KeyedAnswer.answer.contains(word, autoescape=True) for word in words if word))
        await self._session.execute(delete(KeyedAnswer).where(answered))
        mine = and_(Dialogue.platform.like("wecom%"), Dialogue.user_key.in_(keys))
        await self._session.execute(delete(Dialogue).where(mine))
        audit = Base.metadata.tables["audit"]
        about = audit.c.subject == f"member:{member_id}"
        await self._session.execute(update(audit).where(about).values(before=None, after=None))

    async def finish_forgetting(self) -> None:
        """What was on its way when somebody was forgotten, and is over now, names them no longer either."""
        needed = select(OutboxMessage.content_id).where(OutboxMessage.phase.in_(UNSETTLED))
        going = and_(Content.digest > _GOING, Content.digest < _GOING.replace(":", ";"))
        named = select(Content.id).where(going, Content.id.not_in(needed))
        nobody = select(Member.id).where(~exists().where(Account.member_id == Member.id))
        late = and_(OutboxMessage.member_id.in_(nobody), OutboxMessage.recipient != "")
        over = or_(OutboxMessage.content_id.in_(named), and_(late, OutboxMessage.phase.not_in(UNSETTLED)))
        carried = select(OutboxMessage.call_id).where(over, OutboxMessage.call_id.is_not(None))
        await self._session.execute(
            update(Call).where(Call.id.in_(carried), Call.state == CallState.SETTLED).values(body=b"", digest="")
        )
        await self._session.execute(
            update(OutboxMessage).where(late, OutboxMessage.phase.not_in(UNSETTLED)).values(_NOBODY)
        )
        await self._session.execute(
            update(Content)
            .where(Content.id.in_(named))
            .values(body=EMPTY, digest=literal(_GONE).concat(Content.id))
            .execution_options(synchronize_session=False)
        )

    async def accounts(self, member_id: int) -> Sequence[Account]:
        return (await self._session.scalars(select(Account).where(Account.member_id == member_id))).all()

    async def behind(self, user_id: str) -> Member | None:
        """The member with this account, on the roster or not any more."""
        query = select(Member).join(Account, Account.member_id == Member.id)
        query = query.where(Account.platform == ROSTER, Account.key == user_id.casefold())
        return (await self._session.scalars(query)).first()

    async def exports_naming(self, member_id: int, since: datetime) -> Sequence[str]:
        """The bodies of messages that brought somebody a list with the member in it, not older than that."""
        items = select(Base.metadata.tables["delivery"].c.item_id).where(
            Base.metadata.tables["delivery"].c.member_id == member_id
        )
        exports = Base.metadata.tables["export"]
        numbers = select(exports.c.id).where(exports.c.item_id.in_(items), exports.c.asked_at >= since)
        ids = set(await self._session.scalars(numbers))
        rows = await self._session.execute(
            select(OutboxMessage.subject, Content.body)
            .join(Content, Content.id == OutboxMessage.content_id)
            .where(OutboxMessage.kind == "export", OutboxMessage.created_at >= since)
        )
        return [body for subject, body in rows if subject.partition(":")[0] in {str(each) for each in ids}]


def _keys(accounts: Sequence[Account]) -> list[str]:
    """As what is said to these accounts is addressed."""
    return [key for account in accounts for key in (account.key, f"user:{account.key}")]
