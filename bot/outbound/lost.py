"""Requests that nobody carries any more: whether they were answered nobody knows."""

from collections.abc import Collection
from datetime import datetime

from bot.log import get_logger
from storage.database import Database
from storage.leases import INSTANCE
from storage.transaction import Transaction

log = get_logger("outbound.lost")


async def find_lost(
    database: Database, carrier: str, ours: Collection[int], started_before: datetime | None, now: datetime
) -> None:
    """Makes them doubtful: what began before then, all if None, or is carried by an instance that is dead.

    `ours` are under way here.
    """
    async with database.looking() as tx:
        if not await _lost(tx, carrier, ours, started_before):
            return
    async with database.transaction() as tx:
        lost = await _lost(tx, carrier, ours, started_before)
        for call_id in lost:
            await tx.messages.doubt(call_id)
            await tx.calls.lose(call_id, now)
    if lost:
        log.warning("call.lost", call_ids=lost)


async def _lost(tx: Transaction, carrier: str, ours: Collection[int], started_before: datetime | None) -> list[int]:
    alive = {carrier, *await tx.leases.alive(INSTANCE)}
    return sorted(set(await tx.calls.in_flight(started_before, alive)).difference(ours))
