"""Whether a database is sound: its pages, its references, and the sums that are kept beside what they count."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import sums
from storage.database import Database
from storage.deliveries import Delivery
from storage.enums import DeliveryState
from storage.file_folder import FileFolder
from storage.files import StoredFile
from storage.items import Tally

FEW = 20
"""As many faults of a kind are named; the first ones say what there is to do."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, and where: `pages`, `references`, `files`, `audit`, or what does not add up."""

    kind: str
    params: dict[str, object] = field(default_factory=dict)


async def damage(database: Database) -> str | None:
    """What SQLite's `quick_check` says; None for a sound file, and always on PostgreSQL, which checks its pages."""
    if not database.is_sqlite:
        return None
    try:
        async with database.reader.connect() as connection:
            found = str(await connection.scalar(text("PRAGMA quick_check(1)")))
    except DatabaseError as error:
        return str(error.orig)
    return None if found == "ok" else found


async def flaws(database: Database) -> list[Flaw]:
    """Everything wrong in a database of the expected schema whose pages are sound."""
    async with database.reader.connect() as connection:
        return [flaw async for flaw in _flaws(connection, database.is_sqlite)]


async def lost_files(database: Database, folder: FileFolder) -> list[Flaw]:
    """The contents that the database knows and the folder has not, or not whole; the first few."""
    found: list[Flaw] = []
    async with database.reader.connect() as connection:
        rows = (await connection.execute(select(StoredFile.digest, StoredFile.size, StoredFile.type))).all()
    for digest, size, type in rows:
        path = folder.path(digest)
        if not path.is_file() or path.stat().st_size != size:
            found.append(Flaw("files", {"path": str(path), "type": type}))
    return found[:FEW]


async def broken_seals(database: Database, key: bytes) -> list[Flaw]:
    """The parts of the audit that are not as they were sealed; the first few."""
    found: list[Flaw] = []
    async with database.reading() as tx:
        async for seal in tx.seals.broken(key):
            found.append(Flaw("audit", {"first": seal.first, "through": seal.through, "at": seal.at}))
    return found[:FEW]


async def _flaws(connection: AsyncConnection, is_sqlite: bool) -> AsyncIterator[Flaw]:
    if is_sqlite:
        orphans = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
        for table, row, parent, _ in orphans[:FEW]:
            yield Flaw("references", {"table": table, "row": row, "parent": parent})
    for item_id in await _wrong_tallies(connection):
        yield Flaw("tallies", {"number": item_id})
    for item_id, count in await _wrong_states(connection):
        yield Flaw("states", {"number": item_id, "count": count})
    for kind, look in (
        ("lost", sums.lost),
        ("receipts", sums.receipts),
        ("rounds", sums.rounds),
        ("sizes", sums.sizes),
    ):
        for item_id, count in await look(connection, FEW):
            yield Flaw(kind, {"number": item_id, "count": count})
    if count := await sums.stuck(connection):
        yield Flaw("stuck", {"count": count})


async def _wrong_tallies(connection: AsyncConnection) -> list[int]:
    """Items whose kept counts are not what counting their deliveries gives."""
    counted = (
        select(Delivery.item_id, Delivery.branch_id, Delivery.state, func.count().label("n"))
        .group_by(Delivery.item_id, Delivery.branch_id, Delivery.state)
        .subquery()
    )
    same = and_(
        Tally.item_id == counted.c.item_id, Tally.branch_id == counted.c.branch_id, Tally.state == counted.c.state
    )
    kept = (
        select(Tally.item_id.label("number")).outerjoin(counted, same).where(Tally.n != func.coalesce(counted.c.n, 0))
    )
    lost = select(counted.c.item_id.label("number")).outerjoin(Tally, same).where(Tally.item_id.is_(None))
    found = await connection.execute(kept.union(lost).order_by("number").limit(FEW))
    return [row[0] for row in found]


async def _wrong_states(connection: AsyncConnection) -> list[tuple[int, int]]:
    """Items with deliveries whose shown state contradicts the receipts: acknowledged implies read."""
    acknowledged, read = Delivery.acknowledged_at, Delivery.read_at
    wrong = or_(
        and_(acknowledged.is_not(None), read.is_(None)),
        and_(Delivery.state == DeliveryState.ACKNOWLEDGED, acknowledged.is_(None)),
        and_(Delivery.state == DeliveryState.READ, read.is_(None)),
        and_(Delivery.state == DeliveryState.EXCUSED, Delivery.excused_at.is_(None)),
        Delivery.state.not_in(list(DeliveryState)),
    )
    query = select(Delivery.item_id, func.count()).where(wrong).group_by(Delivery.item_id)
    found = await connection.execute(query.order_by(Delivery.item_id).limit(FEW))
    return [(row[0], row[1]) for row in found]
