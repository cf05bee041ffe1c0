"""What a member's page shows of a poll."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.access import absent
from bot.services.pages import ItemPage
from bot.services.polls import Tallied, is_over, split_of
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PollPage:
    """`chosen` are the member's own options, by their number; of an anonymous poll none, ever.

    `result` is None where members do not see it.
    """

    options: Sequence[str]
    most: int
    anonymous: bool
    open: bool
    voted: bool
    chosen: Sequence[int]
    votes: int
    result: Tallied | None
    since: int
    """The version of the item that brought the options."""


async def poll_page(tx: Transaction, page: ItemPage, *, now: datetime) -> PollPage:
    """The poll of a page. Raises UserError for an item that is none."""
    item, poll = await tx.items.get(page.number), await tx.polls.get(page.number)
    if item is None or poll is None:
        raise absent(page.number)
    return PollPage(
        options=(await tx.polls.options([item.id]))[item.id],
        most=poll.most,
        anonymous=poll.anonymous,
        open=not is_over(item, now),
        voted=await tx.polls.has_voted(item.id, page.member_id),
        chosen=[] if poll.anonymous else await tx.polls.chosen_by(item.id, page.member_id),
        votes=await tx.polls.votes(poll),
        result=await split_of(tx, item, poll) if poll.shown else None,
        since=poll.options_since or 1,
    )
