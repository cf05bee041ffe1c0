"""Items and their figures as another system sees them."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.deliveries import Delivery
from storage.enums import ItemKind, ItemStatus, ReceiptKind, Require
from tests.handlers.api.system import Office

STATES = ("queued", "sent", "read", "acknowledged", "failed", "unreachable", "excused")
CONTRACT = {"number", "kind", "title", "status", "require", "due_at", "published_at", "counts"}
COUNTS = {"audience", *STATES, "open", "done", "reminders", "paper", "helper"}


async def test_an_item_carries_its_figures(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "赵", ReceiptKind.READ)
    await office.receives(number, "钱", ReceiptKind.ACK)
    await office.fails(number, "孙", "blocked")
    excused = await office.delivery(number, "李")
    reminded = await office.delivery(number, "周")
    async with office.database.transaction() as tx:
        await tx.deliveries.excuse(Delivery.id == excused, "外出", office.clock.now())
        await tx.deliveries.count_reminder([reminded], office.clock.now())
        await tx.deliveries.count_reminder([reminded], office.clock.now())

    answer = await office.system.asks(f"/items/{number}")

    assert answer.status == 200
    assert answer.body["counts"] == {
        "audience": 6,
        "queued": 0,
        "sent": 1,
        "read": 1,
        "acknowledged": 1,
        "failed": 1,
        "unreachable": 1,
        "excused": 1,
        "open": 4,
        "done": 1,
        "reminders": 2,
        "paper": 0,
        "helper": 0,
    }
    listed = (await office.system.asks("/items")).body["items"]
    shown = answer.body
    assert listed == [{key: value for key, value in shown.items() if key not in ("body", "link")}]
    assert shown.keys() >= CONTRACT
    assert (shown["body"], shown["link"]) == ("三楼会议室", None)


@pytest.mark.parametrize(
    ("require", "receipt", "done", "still_open"),
    [
        (Require.NONE, ReceiptKind.READ, 0, 0),
        (Require.READ, ReceiptKind.READ, 1, 5),
        (Require.READ, ReceiptKind.ACK, 1, 5),
        (Require.ACK, ReceiptKind.READ, 0, 6),
        (Require.ACK, ReceiptKind.ACK, 1, 5),
    ],
)
async def test_done_and_open_follow_what_is_required(
    office: Office, require: Require, receipt: ReceiptKind, done: int, still_open: int
) -> None:
    number = await office.publishes(require=require)
    await office.receives(number, "赵", receipt)

    counts = (await office.system.asks(f"/items/{number}")).body["counts"]

    assert (counts["done"], counts["open"]) == (done, still_open)
    assert sum(counts[state] for state in STATES) == counts["audience"] == 6


@pytest.mark.faults("EXP5")
@pytest.mark.parametrize("status", [ItemStatus.DRAFT, ItemStatus.SCHEDULED])
async def test_what_is_not_out_is_queued_for_all(office: Office, status: ItemStatus) -> None:
    number = await office.drafts(status=status)

    shown = (await office.system.asks(f"/items/{number}")).body

    assert shown["status"] == status
    assert shown["published_at"] is None
    assert shown["counts"] == dict.fromkeys(COUNTS, 0) | {"audience": 6, "queued": 6, "open": 6}


@pytest.mark.faults("WEB11")
async def test_a_dropped_draft_does_not_exist(office: Office) -> None:
    number = await office.drafts(status=ItemStatus.DROPPED)

    assert (await office.system.asks("/items")).body == {"items": [], "next": None}
    for path in ("", "/deliveries"):
        answer = await office.system.asks(f"/items/{number}{path}")
        absent = await office.system.asks(f"/items/{number + 1}{path}")
        assert (answer.status, answer.code) == (404, "not_found")
        assert answer.body == absent.body
    assert (await office.system.posts(f"/items/{number}/remind")).status == 404
    assert (await office.system.posts(f"/items/{number}/withdraw")).status == 404


async def test_items_are_filtered(office: Office) -> None:
    statuses = [status for status in ItemStatus if status is not ItemStatus.DROPPED]
    numbers = {status: await office.drafts(status=status) for status in statuses}
    material = await office.drafts(kind=ItemKind.MATERIAL)

    for status, number in numbers.items():
        of_status = (await office.system.asks("/items", {"status": status, "kind": "notice"})).body["items"]
        assert [item["number"] for item in of_status] == [number]
    of_kind = (await office.system.asks("/items", {"kind": "material"})).body["items"]
    assert [item["number"] for item in of_kind] == [material]


async def test_times_carry_the_offset_of_the_branch(office: Office) -> None:
    due = datetime(2026, 11, 30, 10, tzinfo=UTC)
    number = await office.drafts(due_at=due)

    shown = (await office.system.asks(f"/items/{number}")).body

    assert shown["due_at"] == "2026-11-30T18:00:00+08:00"
    assert shown["created_at"] == "2026-11-23T10:00:00+08:00"


async def test_a_page_costs_the_same_queries_for_one_item_and_for_many(
    office: Office, statements: list[tuple[str, object]]
) -> None:
    await office.publishes()
    await office.system.asks("/items")
    statements.clear()
    await office.system.asks("/items")
    for_one = len(statements)
    for _ in range(5):
        office.clock.advance(timedelta(minutes=1))
        await office.publishes()
    statements.clear()
    await office.system.asks("/items")

    assert len(statements) == for_one > 0
