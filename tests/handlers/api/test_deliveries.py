"""To whom an item went, and what became of it."""

import pytest

from storage.enums import DeliveryState, ReceiptKind
from tests.handlers.api.system import Office

FIELDS = {"member", "state", "sent_at", "read_at", "acknowledged_at", "reminders", "last_reminded_at"}
FIELDS |= {"source", "entered_by", "error"}


@pytest.mark.faults("WEB12")
async def test_a_delivery_says_who_what_and_when(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "钱", ReceiptKind.ACK)
    await office.fails(number, "孙", "a reason without words")

    found = (await office.system.asks(f"/items/{number}/deliveries")).body["deliveries"]

    by_name = {delivery["member"]["name"]: delivery for delivery in found}
    assert [delivery["member"]["name"] for delivery in found] == list(reversed("赵钱孙李周吴"))
    assert all(delivery.keys() == FIELDS for delivery in found)
    at = "2026-11-23T10:00:00+08:00"
    assert by_name["钱"] == {
        "member": {"userid": "U-钱", "name": "钱", "branch": "第一支部"},
        "state": "acknowledged",
        "sent_at": at,
        "read_at": at,
        "acknowledged_at": at,
        "reminders": 0,
        "last_reminded_at": None,
        "source": None,
        "entered_by": None,
        "error": None,
    }
    assert by_name["孙"]["error"] == "a reason without words"
    assert by_name["吴"]["member"]["userid"] is None
    assert by_name["吴"]["state"] == "unreachable"
    assert by_name["吴"]["error"]


async def test_deliveries_are_filtered_by_state(office: Office) -> None:
    number = await office.publishes()
    await office.receives(number, "钱", ReceiptKind.READ)
    counts = (await office.system.asks(f"/items/{number}")).body["counts"]

    for state in DeliveryState:
        found = (await office.system.asks(f"/items/{number}/deliveries", {"state": state})).body["deliveries"]
        assert {delivery["state"] for delivery in found} <= {state}
        assert len(found) == counts[state]


async def test_a_draft_has_no_deliveries_yet(office: Office) -> None:
    number = await office.drafts()

    assert (await office.system.asks(f"/items/{number}/deliveries")).body == {"deliveries": [], "next": None}
