"""How an item stands, in figures: the same for a chat, a page, a workbook and another system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from storage.enums import DeliveryState, ItemStatus, Require, Source
from storage.items import Item, done_states
from storage.transaction import Transaction

NOT_YET_OUT = frozenset({ItemStatus.DRAFT, ItemStatus.SCHEDULED})


@dataclass(frozen=True, slots=True)
class Counts:
    """Members of an item's audience. The seven states, `queued` to `excused`, add up to `audience`.

    `done` have done what the item requires, `open` still should; `reminders` is how many they have had together.
    Of the receipts `paper` were entered from a list on paper and `helper` by whoever reads for the member.
    """

    audience: int
    queued: int
    sent: int
    read: int
    acknowledged: int
    failed: int
    unreachable: int
    excused: int
    open: int
    done: int
    reminders: int
    paper: int = 0
    helper: int = 0

    @property
    def reached(self) -> int:
        """Members who have got it."""
        return self.sent + self.read + self.acknowledged


def count(item: Item, states: Mapping[DeliveryState, int], *, reminders: int = 0) -> Counts:
    """The figures that follow from how many deliveries are in each state.

    Before an item is out it has no deliveries: the members that were counted for it are all queued.
    """
    if item.status in NOT_YET_OUT:
        states = {DeliveryState.QUEUED: item.audience_size}
    audience = sum(states.values())
    excused = states.get(DeliveryState.EXCUSED, 0)
    done = sum(states.get(state, 0) for state in done_states(item.require))
    return Counts(
        audience=audience,
        queued=states.get(DeliveryState.QUEUED, 0),
        sent=states.get(DeliveryState.SENT, 0),
        read=states.get(DeliveryState.READ, 0),
        acknowledged=states.get(DeliveryState.ACKNOWLEDGED, 0),
        failed=states.get(DeliveryState.FAILED, 0),
        unreachable=states.get(DeliveryState.UNREACHABLE, 0),
        excused=excused,
        open=audience - done - excused if item.require != Require.NONE else 0,
        done=done,
        reminders=reminders,
    )


def with_entered(counts: Counts, entered: Mapping[Source, int]) -> Counts:
    """The figures with how many receipts somebody else entered, by source."""
    return replace(counts, paper=entered.get(Source.PAPER, 0), helper=entered.get(Source.HELPER, 0))


async def counts_of(tx: Transaction, items: Sequence[Item]) -> dict[int, Counts]:
    """Item → its figures; two queries for any number of items."""
    numbers = [item.id for item in items]
    tallies = await tx.items.tallies(numbers)
    entered = await tx.evidence.entered(items)
    return {
        item.id: with_entered(count(item, tallies[item.id], reminders=item.reminders), entered.get(item.id, {}))
        for item in items
    }
