"""The organisation's tree."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId, BranchId
from storage.prepared import Prepared, flush_changes


class Branch(Base):
    """A node of the tree. `path` lists the ids from the root to itself, `/1/4/`; a subtree is a prefix of it."""

    __tablename__ = "branch"
    __table_args__ = (UniqueConstraint("parent_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    path: Mapped[str] = mapped_column(String(400), default="", index=True)


class BranchRow(NamedTuple):
    """A branch, read only; see Branch."""

    id: int
    name: str
    path: str


_table = Base.metadata.tables["branch"]
_ROWS = Prepared(select(*(_table.c[name] for name in BranchRow._fields)).order_by(_table.c.path))
_TOP = Prepared(select(_table.c.id).where(_table.c.parent_id.is_(None)).order_by(_table.c.path).limit(1))
_PLACE = Prepared(select(_table.c.name, _table.c.path).where(_table.c.id == bindparam("branch")))
_NAMES = Prepared(select(_table.c.id, _table.c.name).where(among(_table.c.id, "branches")))


class BranchStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[Branch]:
        """Every branch, parents before their children."""
        return (await self._session.scalars(select(Branch).order_by(Branch.path))).all()

    async def rows(self) -> list[BranchRow]:
        """The same, to look at."""
        await flush_changes(self._session)
        return [BranchRow(*row) for row in await _ROWS.run(self._session, {})]

    async def all_names(self) -> dict[int, str]:
        """Branch → its name, in the same order."""
        return {branch.id: branch.name for branch in await self.rows()}

    async def get(self, branch_id: BranchId) -> Branch | None:
        return await self._session.get(Branch, branch_id)

    async def get_by_id(self, branch_id: int) -> Branch:
        """A branch that is known to exist."""
        return await self._session.get_one(Branch, branch_id)

    async def get_name(self, branch_id: int) -> str:
        """The name of a branch that is known to exist."""
        ((name, _),) = await _PLACE.run(self._session, {"branch": branch_id})
        return str(name)

    async def names(self, branch_ids: Iterable[int]) -> dict[int, str]:
        """Branch → its name."""
        return dict(await _NAMES.run(self._session, {"branches": list(set(branch_ids))}))

    async def line_of(self, branch_id: int) -> list[int]:
        """The branch and all above it, itself first."""
        ((_, path),) = await _PLACE.run(self._session, {"branch": branch_id})
        return [int(part) for part in reversed(path.strip("/").split("/"))]

    async def top(self) -> int | None:
        """The branch that everything else hangs under; None on an empty roster."""
        return next((branch_id for (branch_id,) in await _TOP.run(self._session, {})), None)

    async def named(self, name: str) -> Sequence[Branch]:
        """The branches of that name; more than one when the name stands under different parents."""
        return (await self._session.scalars(select(Branch).where(Branch.name == name).order_by(Branch.path))).all()

    async def add(self, name: str, parent: Branch | None) -> Branch:
        branch = Branch(name=name, parent_id=parent.id if parent else None)
        self._session.add(branch)
        await self._session.flush()
        branch.path = f"{parent.path if parent else '/'}{branch.id}/"
        await self._session.flush()
        return branch

    async def move(self, branch: Branch, parent: Branch | None) -> None:
        """Hangs a branch, with all below it, under another parent. The caller has made sure that no loop arises."""
        old = branch.path
        branch.parent_id = parent.id if parent else None
        new = f"{parent.path if parent else '/'}{branch.id}/"
        for below in await self._session.scalars(select(Branch).where(Branch.path.startswith(old))):
            below.path = new + below.path[len(old) :]
        await self._session.flush()

    async def under(self, branch_ids: Iterable[int]) -> set[int]:
        """The ids of these branches and of everything below them."""
        wanted = set(branch_ids)
        return {
            branch.id
            for branch in await self.rows()
            if wanted.intersection(int(part) for part in branch.path.strip("/").split("/"))
        }

    async def page(self, *, within: set[int] | None, before: int | None, limit: int) -> Sequence[Branch]:
        """Newest first; `within` None means all."""
        query = select(Branch).order_by(Branch.id.desc()).limit(limit)
        if within is not None:
            query = query.where(Branch.id.in_(within))
        if before is not None:
            query = query.where(Branch.id < before)
        return (await self._session.scalars(query)).all()
