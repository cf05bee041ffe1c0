"""Deliveries by their pairs, on each kind of database."""

from storage.database import Database


async def test_pairs_that_nobody_has_are_not_found(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.deliveries.of_pairs([(1, 2), (3, 4)]) == {}
        assert await tx.deliveries.of_pairs([]) == {}
