"""Group conversations that are bound to a branch."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word


class Chat(Base):
    __tablename__ = "chat"
    __table_args__ = (UniqueConstraint("platform", "chat_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(Word)
    chat_id: Mapped[str] = mapped_column(String(128))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    bound_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    bound_at: Mapped[datetime]


class ChatStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, platform: str, chat_id: str) -> Chat | None:
        return (
            await self._session.scalars(select(Chat).where(Chat.platform == platform, Chat.chat_id == chat_id))
        ).first()

    async def of_branches(self, branch_ids: set[int]) -> Sequence[Chat]:
        return (await self._session.scalars(select(Chat).where(Chat.branch_id.in_(branch_ids)).order_by(Chat.id))).all()

    async def all(self) -> Sequence[Chat]:
        return (await self._session.scalars(select(Chat).order_by(Chat.id))).all()

    def add(self, chat: Chat) -> None:
        self._session.add(chat)

    async def remove(self, chat: Chat) -> None:
        await self._session.delete(chat)
