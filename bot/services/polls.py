"""Voting, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.message import Text
from bot.rules.options import letter, read_choice
from bot.rules.text import bar, cut_chars
from bot.services.access import absent
from bot.services.closing import close
from bot.services.receipts import Claim, confirm
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import ItemKind, ItemStatus, ReceiptKind, Source
from storage.items import Item
from storage.polls import Poll
from storage.transaction import Transaction

FEWEST_FOR_SPLIT = 5
"""With fewer votes nobody sees how they are split."""
BATCH = 20
OPTION_CHARS = 20


@dataclass(frozen=True, slots=True)
class Voted:
    """`words` are the options chosen, none for an anonymous poll.

    `again`: an earlier vote was replaced; in an anonymous poll, the earlier one stands and this one does not count.
    """

    item: Item
    poll: Poll
    words: Sequence[str]
    again: bool = False


async def vote(
    tx: Transaction,
    settings: Settings,
    member_id: int,
    number: int,
    choice: str,
    *,
    since: int | None = None,
    source: Source,
    in_words: bool,
    now: datetime,
) -> Voted:
    """One member's vote. Raises UserError, which never repeats what was chosen.

    Of an anonymous poll only that they voted is kept with them, and the option counts one more: no row has both.
    `since` is the version whose options were seen, where that is known: a letter of other options is no vote.
    `in_words`: it was written in a group for all to read, which an anonymous poll does not take.
    """
    item, poll = await _open_poll(tx, member_id, number, now)
    options = (await tx.polls.options([number]))[number]
    if poll.anonymous and in_words:
        raise UserError("poll.not_in_group", number=number)
    if since is not None and since != (poll.options_since or 1):
        lines = [settings.texts.say("poll.option", letter=letter(i), words=words) for i, words in enumerate(options)]
        raise UserError("poll.other_options", number=number, options="\n".join(lines))
    chosen = read_choice(choice, len(options))
    if not chosen:
        raise UserError("poll.which", number=number, last=letter(len(options) - 1))
    if len(chosen) > poll.most:
        raise UserError("poll.most", number=number, most=poll.most)
    await confirm(tx, [Claim(member_id, number, ReceiptKind.ACK, source, answer=True)], now=now)
    if poll.anonymous:
        first = await tx.polls.claim_vote(number, member_id)
        if first:
            await tx.polls.count_anonymous(number, chosen)
        return Voted(item, poll, (), again=not first)
    again = bool(await tx.polls.chosen_by(number, member_id))
    await tx.polls.choose(number, member_id, chosen)
    letters = "".join(letter(each) for each in chosen)
    tx.audit.add(at=now, actor_id=member_id, source=source, action="poll.vote", subject=f"item:{number}", after=letters)
    return Voted(item, poll, [_named(options, each) for each in chosen], again)


async def only_open_poll(tx: Transaction, member_id: int) -> Sequence[int]:
    """The polls in which this member has not voted."""
    found = (await tx.lists.open_of_members([member_id])).get(member_id, [])
    return [item.item_id for item in found if item.kind == ItemKind.POLL]


async def _open_poll(tx: Transaction, member_id: int, number: int, now: datetime) -> tuple[Item, Poll]:
    item = await tx.items.get(number)
    delivery = await tx.deliveries.get(number, member_id) if item is not None else None
    if item is None or delivery is None or item.published_at is None:
        raise absent(number)
    poll = await tx.polls.get(number)
    if poll is None:
        raise UserError("poll.not_one", number=number, title=item.title)
    if item.status == ItemStatus.WITHDRAWN:
        raise UserError("receipt.withdrawn", number=number)
    if is_over(item, now):
        raise UserError("poll.over", number=number, title=item.title)
    return item, poll


def is_over(item: Item, now: datetime) -> bool:
    """Whether nobody can vote any more."""
    return item.status != ItemStatus.PUBLISHED or (item.due_at is not None and item.due_at <= now)


@dataclass(frozen=True, slots=True)
class Tallied:
    """(option, votes) in order where the split may be seen; else `why` says why not: `early`, `few`, `hidden`."""

    split: Sequence[tuple[str, int]]
    why: str = ""


async def split_of(tx: Transaction, item: Item, poll: Poll) -> Tallied:
    """How the votes are split, as far as anybody may know.

    An anonymous poll says nothing before it is over: from two results with one vote between them its choice is read.
    """
    if poll.anonymous and item.status == ItemStatus.PUBLISHED:
        return Tallied((), "early")
    if await tx.polls.votes(poll) < FEWEST_FOR_SPLIT:
        return Tallied((), "few")
    options, counts = (await tx.polls.options([item.id]))[item.id], await tx.polls.counts(poll)
    return Tallied([(_named(options, i), counts.get(i, 0)) for i in range(len(options))])


async def result_lines(tx: Transaction, settings: Settings, item: Item) -> list[str]:
    """The result as text bars; names never."""
    poll = await tx.polls.get(item.id)
    if poll is None or item.published_at is None:
        return []
    texts, found = settings.texts, await split_of(tx, item, poll)
    if found.why:
        return [texts.say(f"poll.result.{found.why}", fewest=FEWEST_FOR_SPLIT)]
    total = await tx.polls.votes(poll)
    return [texts.say("poll.result.line", words=words, n=n, bar=bar(n, total)) for words, n in found.split]


async def voter_lines(tx: Transaction, settings: Settings, item: Item) -> list[str]:
    """Who chose what, of a poll with names: for the secretary alone."""
    poll = await tx.polls.get(item.id)
    if poll is None or poll.anonymous:
        return []
    options, voters = (await tx.polls.options([item.id]))[item.id], await tx.polls.voters(item.id)
    return [
        settings.texts.say("poll.voters", words=_named(options, number), names=settings.texts.list(names))
        for number, names in sorted(voters.items())
    ]


async def close_polls(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """A poll is over when it is due; how many there were."""
    over = await tx.items.past_due(ItemKind.POLL, now, BATCH)
    for item in over:
        await close(tx, settings, item, by="over", actor_id=None, now=now)
        lines = await result_lines(tx, settings, item)
        words = Text("\n".join([settings.texts.say("poll.result.head", number=item.id, title=item.title), *lines]))
        subject = f"item:{item.id}:result"
        await tell(tx, settings.roads, [item.author_id], words, kind="closing", subject=subject, now=now)
    return len(over)


def _named(options: Sequence[str], number: int) -> str:
    return f"{letter(number)} {cut_chars(options[number], OPTION_CHARS)}"


async def member_result(
    tx: Transaction, settings: Settings, member_id: int, number: int, *, now: datetime
) -> list[str]:
    """The result as a member of the audience may see it. Raises UserError."""
    item = await tx.items.get(number)
    delivery = await tx.deliveries.get(number, member_id) if item is not None else None
    poll = await tx.polls.get(number)
    if item is None or delivery is None or item.published_at is None or poll is None:
        raise absent(number)
    if not poll.shown:
        raise UserError("poll.result.hidden", number=number)
    return await result_lines(tx, settings, item)
