"""What instances share out, and what one may still say of a request that another has taken over."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.outbound.settling import Ended, settle
from bot.outbound.sharing import Share
from bot.platforms.base import Limits, Outcome, Verdict
from storage.calls import Call
from tests.tables import open_database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LIMITS = {"wecom": Limits(1000, 4, 20, 3, 20, timedelta(hours=3, minutes=30))}


@pytest.mark.parametrize(
    ("tokens", "others", "reply", "room"),
    [
        (5.0, {}, False, 4),
        (2.9, {}, False, 2),
        (0.9, {}, False, 0),
        (0.9, {}, True, 4),
        (5.0, {("wecom", False): 3}, False, 1),
        (5.0, {("wecom", False): 7}, False, 0),
        (5.0, {("wecom", False): 4}, True, 4),
        (5.0, {("wecom", True): 4}, True, 0),
    ],
)
def test_what_others_do_is_not_ours(tokens: float, others: dict[tuple[str, bool], int], reply: bool, room: int) -> None:
    assert Share(LIMITS, {"wecom": tokens}, others).room("wecom", reply, 4) == room


async def test_the_pace_is_one_for_all(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.transaction() as tx:
        share = await Share.of(tx, LIMITS, "a")
        assert share.room("wecom", False, 100) == 4
        await share.spend(tx, ["wecom"] * 4)
        await tx.calls.reserve("wecom", NOW, 1, carrier="a")
    async with database.transaction() as tx:
        theirs = await Share.of(tx, LIMITS, "b")
        assert theirs.room("wecom", False, 100) <= 3
        await tx.roads.leave({"wecom": -1000.0})
        spent = await Share.of(tx, LIMITS, "b")
        assert (spent.room("wecom", False, 100), spent.room("wecom", True, 100)) == (0, 4)
        assert spent.token_in("wecom") > timedelta(seconds=40)
    await database.close()


async def test_a_dead_instances_calls_are_found_and_its_late_refusal_means_nothing(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.transaction() as tx:
        dead = await tx.calls.reserve("wecom", NOW, 1, carrier="dead")
        alive = await tx.calls.reserve("wecom", NOW, 1, carrier="alive")
        assert await tx.calls.in_flight(NOW, {"alive"}) == [dead]
        assert await tx.calls.in_flight(NOW + timedelta(seconds=1), {"alive"}) == [dead, alive]
        call = await tx._session.get_one(Call, dead)
        await tx.calls.again(call, NOW, "alive")
        late = Ended(dead, 1, Outcome(Verdict.REFUSED, "content", code=40058), timedelta(hours=3))
        await settle(tx, cast(Any, None), [late], now=NOW, jitter=0.0)
        await tx._session.refresh(call)
        assert call.finished_at is None, "what has left again may have been taken"
        taken = Ended(dead, 1, Outcome(Verdict.ACCEPTED, code=0), timedelta(hours=3))
        await settle(tx, cast(Any, None), [taken], now=NOW, jitter=0.0)
        await tx._session.refresh(call)
        assert call.outcome == "accepted"
    await database.close()
