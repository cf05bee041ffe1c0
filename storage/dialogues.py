"""Conversations of several messages: what the bot has asked a person and still wants to know."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import String, Text, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, Word
from storage.prepared import Prepared, flush_changes


class Dialogue(Base):
    """One at a time for each person and place."""

    __tablename__ = "dialogue"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    user_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(128), primary_key=True, default="")
    topic: Mapped[str] = mapped_column(Word)
    state: Mapped[str] = mapped_column(Text)
    """JSON, known to the topic's handler."""
    expires_at: Mapped[datetime]


_table = Base.metadata.tables["dialogue"]
_WAITING = Prepared(
    select(_table.c.user_key, _table.c.chat_id).where(
        _table.c.platform == bindparam("platform"),
        among(_table.c.user_key, "users"),
        _table.c.expires_at > bindparam("now"),
    )
)
_OPEN = Prepared(
    select(_table.c.topic, _table.c.state).where(
        _table.c.platform == bindparam("platform"),
        _table.c.user_key == bindparam("user"),
        _table.c.chat_id == bindparam("chat"),
        _table.c.expires_at > bindparam("now"),
    )
)


class DialogueStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, platform: str, user_key: str, chat_id: str, now: datetime) -> tuple[str, str] | None:
        """(topic, state) of the dialogue that waits for an answer; None when none does, or it is too old."""
        await flush_changes(self._session)
        given = {"platform": platform, "user": user_key, "chat": chat_id, "now": now}
        return next(((topic, state) for topic, state in await _OPEN.run(self._session, given)), None)

    async def waiting(self, platform: str, user_keys: Iterable[str], now: datetime) -> set[tuple[str, str]]:
        """(user key, chat) of those whom the bot has asked something."""
        given = {"platform": platform, "users": list(set(user_keys)), "now": now}
        return {(user_key, chat_id) for user_key, chat_id in await _WAITING.run(self._session, given)}

    async def put(
        self, platform: str, user_key: str, chat_id: str, *, topic: str, state: str, expires_at: datetime
    ) -> None:
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(Dialogue) if dialect == "postgresql" else sqlite_insert(Dialogue)
        values = {"topic": topic, "state": state, "expires_at": expires_at}
        await self._session.execute(
            make.values(platform=platform, user_key=user_key, chat_id=chat_id, **values).on_conflict_do_update(
                index_elements=[Dialogue.platform, Dialogue.user_key, Dialogue.chat_id], set_=values
            )
        )

    async def end(self, platform: str, user_key: str, chat_id: str) -> None:
        await self._session.execute(
            delete(Dialogue).where(
                Dialogue.platform == platform, Dialogue.user_key == user_key, Dialogue.chat_id == chat_id
            )
        )
