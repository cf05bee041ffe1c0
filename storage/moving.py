"""A whole database from its SQLite file to an empty PostgreSQL: all of it, compared, or nothing."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage import copies, schema
from storage.base import Base
from storage.database import TURN, Database
from storage.parts import new_file
from storage.restoring import Settle
from storage.transaction import Transaction
from storage.transfer import checksum, copy_all


class NotEmpty(Exception):
    """The target has tables already."""


class Differs(Exception):
    """What was read back from the target is not what was copied; nothing was kept there. `table` is the first."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


async def move(
    source: Database,
    target: Database,
    *,
    folder: Path,
    settle: Settle | None = None,
    step: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Table → rows. One moment of the source is copied, whatever is written to it meanwhile; both have one schema.

    A file of the source's size lies in `folder` for that time. `settle` is done to the target before anybody
    sees it. `step` is called when the moment is kept, when all is copied, and when all is compared. Raises
    NotEmpty and Differs; then, as after any failure, the target is as it was.
    """
    with new_file(folder) as part:
        await copies.back_up(source, part, over=True)
        step()
        copy = Database(f"sqlite+aiosqlite:///{part}")
        try:
            async with copy.reader.connect() as before, target.writer.begin() as after:
                await after.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
                tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
                if await after.scalar(text(tables)):
                    raise NotEmpty
                await after.run_sync(schema.bring_up)
                counts = await copy_all(before, after)
                step()
                for table in Base.metadata.sorted_tables:
                    if await checksum(before, table) != await checksum(after, table):
                        raise Differs(table.name)
                if settle is not None:
                    async with AsyncSession(after, join_transaction_mode="create_savepoint") as session:
                        await settle(Transaction(session))
                        await session.commit()
                step()
        finally:
            await copy.close()
    await target.take_stock()
    return counts
