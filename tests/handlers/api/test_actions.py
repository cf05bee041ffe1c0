"""Reminding and withdrawing by another system."""

from datetime import timedelta

import pytest

from storage.enums import ItemStatus, ReceiptKind, Require
from tests.handlers.api.system import Office


async def audited(office: Office, number: int) -> list[tuple[str, str, int | None]]:
    async with office.database.reading() as tx:
        return [(row.action, row.source, row.actor_id) for row in await tx.audit.of(f"item:{number}")]


async def test_reminding_reaches_the_open_members(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "赵", ReceiptKind.ACK)

    answer = await office.system.posts(f"/items/{number}/remind")

    assert answer.status == 200
    assert answer.body == {"reminded": 4, "at_limit": 0, "out_of_reach": 1, "waits_until": None}
    assert office.commits == [office.clock.now()]
    assert await audited(office, number) == [("item.remind", "api", None)]


@pytest.mark.faults("WEB17")
async def test_reminding_again_at_once_is_refused(office: Office) -> None:
    number = await office.publishes()
    await office.system.posts(f"/items/{number}/remind")
    office.clock.advance(timedelta(minutes=9))

    answer = await office.system.posts(f"/items/{number}/remind")

    assert (answer.status, answer.code) == (409, "too_soon")
    assert len(office.commits) == 1
    assert len(await audited(office, number)) == 1


@pytest.mark.parametrize("status", [ItemStatus.DRAFT, ItemStatus.SCHEDULED, ItemStatus.CLOSED, ItemStatus.WITHDRAWN])
async def test_only_what_is_published_is_reminded_of(office: Office, status: ItemStatus) -> None:
    number = await office.publishes()
    await office.becomes(number, status)

    answer = await office.system.posts(f"/items/{number}/remind")

    assert (answer.status, answer.code) == (409, "not_published")
    assert office.commits == []


async def test_what_asks_nothing_is_not_reminded_of(office: Office) -> None:
    number = await office.publishes(require=Require.NONE)

    assert (await office.system.posts(f"/items/{number}/remind")).status == 409


async def test_withdrawing_says_what_it_could_still_do(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "赵", ReceiptKind.READ)
    office.clock.advance(timedelta(hours=1))

    answer = await office.system.posts(f"/items/{number}/withdraw")

    assert answer.status == 200
    assert answer.body.keys() == {"unsent", "seen", "recalling", "kept", "dropped", "groups"}
    assert (answer.body["unsent"], answer.body["seen"]) == (False, 1)
    shown = (await office.system.asks(f"/items/{number}")).body
    assert shown["status"] == "withdrawn"
    assert shown["ended_at"] == "2026-11-23T11:00:00+08:00"
    assert office.commits == [office.clock.now()]
    assert await audited(office, number) == [("item.withdraw", "api", None)]


async def test_what_is_scheduled_is_withdrawn_before_anybody_sees_it(office: Office) -> None:
    number = await office.drafts(status=ItemStatus.SCHEDULED)

    answer = await office.system.posts(f"/items/{number}/withdraw")

    assert (answer.status, answer.body["unsent"]) == (200, True)


@pytest.mark.faults("WEB17")
@pytest.mark.parametrize("status", [ItemStatus.DRAFT, ItemStatus.WITHDRAWN])
async def test_what_nobody_has_cannot_be_withdrawn(office: Office, status: ItemStatus) -> None:
    number = await office.drafts(status=status)

    answer = await office.system.posts(f"/items/{number}/withdraw")

    assert (answer.status, answer.code) == (409, status)
    assert office.commits == []
