"""Groups of responders: where new questions of a branch are shown."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word


class ResponderChat(Base):
    __tablename__ = "responder_chat"
    __table_args__ = (UniqueConstraint("platform", "chat_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(Word)
    chat_id: Mapped[str] = mapped_column(String(128))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    bound_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    bound_at: Mapped[datetime]


class ResponderChatStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, platform: str, chat_id: str) -> ResponderChat | None:
        query = select(ResponderChat).where(ResponderChat.platform == platform, ResponderChat.chat_id == chat_id)
        return (await self._session.scalars(query)).first()

    async def all(self) -> Sequence[ResponderChat]:
        return (await self._session.scalars(select(ResponderChat).order_by(ResponderChat.id))).all()

    def add(self, chat: ResponderChat) -> None:
        self._session.add(chat)

    async def remove(self, chat: ResponderChat) -> None:
        await self._session.delete(chat)
