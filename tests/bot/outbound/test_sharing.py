"""What instances share out, and what one may still say of a request that another has taken over."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.outbound.settling import Ended, settle
from bot.outbound.sharing import Share
from bot.platforms.base import Limits, Outcome, Verdict
from storage.calls import Call, Ending
from storage.enums import CallState
from storage.roads import Trip
from tests.tables import open_database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LIMITS = {"wecom": Limits(1000, 4, 20, 3, 20, timedelta(hours=3, minutes=30))}


def trip(number: int, began: float, ended: float | None = None) -> Trip:
    """A call that began, and ended, so many seconds ago."""
    ended_at = None if ended is None else NOW - timedelta(seconds=ended)
    return Trip(number, 1, NOW - timedelta(seconds=began), ended_at)


@pytest.mark.parametrize(
    ("trips", "others", "reply", "room"),
    [
        ([], {}, False, 4),
        ([trip(n, 3) for n in range(18)], {}, False, 2),
        ([trip(n, 3) for n in range(20)], {}, False, 0),
        ([trip(n, 0.5, 0.4) for n in range(20)], {}, False, 0),
        ([trip(n, 1.1, 0.9) for n in range(20)], {}, False, 4),
        ([trip(0, 0.6, 0.55), *(trip(n, 1.05, 0.9) for n in range(19))], {}, False, 0),
        ([trip(n, 0.5, 0.4) for n in range(20)], {}, True, 4),
        ([], {("wecom", False): 3}, False, 1),
        ([], {("wecom", False): 7}, False, 0),
        ([], {("wecom", False): 4}, True, 4),
        ([], {("wecom", True): 4}, True, 0),
    ],
)
def test_what_others_do_is_not_ours(
    trips: list[Trip], others: dict[tuple[str, bool], int], reply: bool, room: int
) -> None:
    assert Share(LIMITS, {"wecom": trips}, others, NOW).room("wecom", reply, 4) == room


def test_no_second_has_more_calls_than_the_platform_takes() -> None:
    chance, now, trips, arrived = random.Random(7), NOW, list[Trip](), list[datetime]()
    limits = {"wecom": replace(LIMITS["wecom"], concurrent_calls=50)}
    while now < NOW + timedelta(seconds=15):
        known = [replace(each, ended_at=each.ended_at if (each.ended_at or now) < now else None) for each in trips]
        for _ in range(Share(limits, {"wecom": known}, {}, now).room("wecom", False, 20)):
            arrived.append(now + timedelta(milliseconds=chance.uniform(1, 50)))
            trips.append(Trip(len(trips), 1, now, arrived[-1] + timedelta(milliseconds=100)))
        now += timedelta(milliseconds=chance.uniform(1, 30))
    arrived.sort()
    second = timedelta(seconds=1)
    assert all(later - earlier > second for earlier, later in zip(arrived, arrived[20:], strict=False))
    assert len(arrived) > 15 * 20 * 0.9


async def test_the_pace_is_one_for_all(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.transaction() as tx:
        share = await Share.of(tx, LIMITS, "a")
        assert share.room("wecom", False, 100) == 4
        calls = [await tx.calls.reserve("wecom", NOW, 1, carrier="a") for _ in range(19)]
        await share.spend(tx, [("wecom", call, 1) for call in calls])
    async with database.transaction() as tx:
        await tx.calls.finish([Ending(call, "accepted") for call in calls[:18]], NOW)
    async with database.transaction() as tx:
        theirs = await Share.of(tx, LIMITS, "b")
        assert (theirs.room("wecom", False, 100), theirs.room("wecom", True, 100)) == (1, 4)
        last = await tx.calls.reserve("wecom", NOW, 1, carrier="b")
        await theirs.spend(tx, [("wecom", last, 1)])
        assert theirs.room("wecom", False, 100) == 0
        assert timedelta(milliseconds=500) < theirs.token_in("wecom") <= timedelta(milliseconds=1020)
        call = await tx._session.get_one(Call, calls[18])
        call.state = CallState.DOUBTFUL
    async with database.transaction() as tx:
        await Share.of(tx, LIMITS, "a")
        trips, _ = await tx.roads.trips(["wecom"])
        assert [each.call_id for each in trips["wecom"] if each.ended_at is None] == [last], "its end was noted"
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
        late = Ended(dead, 1, Outcome(Verdict.REFUSED, "content", code=40058), timedelta(hours=3), NOW)
        await settle(tx, cast(Any, None), [late], now=NOW, jitter=0.0)
        await tx._session.refresh(call)
        assert call.finished_at is None, "what has left again may have been taken"
        taken = Ended(dead, 1, Outcome(Verdict.ACCEPTED, code=0), timedelta(hours=3), NOW)
        await settle(tx, cast(Any, None), [taken], now=NOW, jitter=0.0)
        await tx._session.refresh(call)
        assert call.outcome == "accepted"
    await database.close()
