"""Taking an item back: what can be recalled is recalled, whoever had it is told, nothing more is promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Recall, Text, dump
from bot.services.counts import counts_of
from bot.services.pushes import push_to_each
from bot.services.roads import APP, Roads
from bot.services.settings import Settings
from storage.calls import Carried
from storage.enums import ItemStatus, Priority
from storage.items import Item
from storage.messages import NewMessage
from storage.pushes import PushCall
from storage.transaction import Transaction
from storage.withdrawals import Withdrawal

RECALL_WITHIN = timedelta(hours=24)
"""How long WeCom takes messages of the app back: https://developer.work.weixin.qq.com/document/path/94867."""
TOLD = "withdrawal"
"""The kind of message that says to those who had an item that it was taken back."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal could still do. `unsent`: it had not left at all, so nobody ever saw it.

    In members: `seen` had read or acknowledged it, `recalling` have a message that is being taken back, `kept` one that
    cannot be, `dropped` were still waiting for theirs. `groups` are posts in group chats, which stay.
    """

    unsent: bool
    seen: int = 0
    recalling: int = 0
    kept: int = 0
    dropped: int = 0
    groups: int = 0


@dataclass(frozen=True, slots=True)
class Recalls:
    """What became of taking the messages back, in members; `failed` by reason (a key under `reason.`)."""

    recalled: int = 0
    waiting: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0
    """Nobody tried: they were too old, or not of a kind that can be taken back."""


async def withdraw(
    tx: Transaction, settings: Settings, item: Item, *, actor_id: int | None, source: str, now: datetime
) -> Withdrawn:
    """Takes an item back for good. Raises UserError when it is a draft, or was withdrawn before."""
    if item.status not in _CAN_BE_WITHDRAWN:
        raise UserError(f"withdrawing.{item.status}", number=item.id)
    before = item.status
    changed = await tx.items.change_status(
        item.id, [ItemStatus(before)], ItemStatus.WITHDRAWN, ended_at=now, ended_by="person"
    )
    if not changed:
        raise UserError("withdrawing.changed", number=item.id)
    if before == ItemStatus.SCHEDULED:
        _audit(tx, item, before, "unsent", actor_id, source, now)
        return Withdrawn(unsent=True)
    await tx.versions.drop_waiting(item.id)
    counts = (await counts_of(tx, [item]))[item.id]
    dropped = await tx.pushes.drop(item.id, "withdrawn", now)
    await tx.reminders.end_of_item(item.id)
    had = await tx.pushes.had_count(item.id)
    calls = await tx.pushes.calls(item.id)
    lasting = [call.id for call in calls if not _can_be_recalled(call, now)]
    kept = await tx.pushes.members_of_calls(item.id, lasting) if lasting else 0
    await _recall(tx, item, [call for call in calls if _can_be_recalled(call, now)], now)
    posts = {post.recipient: post for post in await tx.calls.of_item(item.id, ["group"]) if _is_post(post)}
    await _tell(tx, settings, item, list(posts.values()), now)
    result = Withdrawn(
        unsent=False,
        seen=counts.read + counts.acknowledged,
        recalling=had - kept,
        kept=kept,
        dropped=dropped,
        groups=len(posts),
    )
    tx.withdrawals.add(
        Withdrawal(
            item_id=item.id,
            actor_id=actor_id,
            source=source,
            at=now,
            had=had,
            read=counts.read,
            acknowledged=counts.acknowledged,
            dropped=dropped,
        )
    )
    after = f"seen={result.seen} recalling={result.recalling} kept={result.kept} dropped={result.dropped}"
    _audit(tx, item, before, after, actor_id, source, now)
    return result


async def recalls_of(tx: Transaction, item: Item) -> Recalls:
    """How far the recall of a withdrawn item is."""
    endings = await tx.pushes.recalls(item.id)
    for reason, said in _SAID_OF_RECALLS.items():
        if n := endings.pop(reason, 0):
            endings[said] = endings.get(said, 0) + n
    known = {name: endings.pop(name, 0) for name in ("recalled", "waiting", "kept")}
    return Recalls(known["recalled"], known["waiting"], endings, known["kept"])


_SAID_OF_RECALLS = {"expired": "too_late", "unknown": "recall_unknown"}
"""Reasons that mean something else for a recall than for a message."""
_CAN_BE_WITHDRAWN = frozenset({ItemStatus.SCHEDULED, ItemStatus.PUBLISHED, ItemStatus.CLOSED})


def _can_be_recalled(call: PushCall, now: datetime) -> bool:
    return call.platform == APP and bool(call.ref) and now - call.first_at < RECALL_WITHIN


def _is_post(carried: Carried) -> bool:
    return carried.recipient.startswith(Roads.to_chat(""))


async def _recall(tx: Transaction, item: Item, calls: Sequence[PushCall], now: datetime) -> None:
    """One request for each call: it takes the message back from everybody who got it by that call."""
    await tx.messages.queue(
        [
            NewMessage(
                kind="recall",
                subject=f"{item.id}:{call.id}",
                platform=APP,
                recipient="-",
                body=dump(Recall(call.ref or "")),
                priority=Priority.URGENT,
                item_id=item.id,
                expires_at=call.first_at + RECALL_WITHIN,
            )
            for call in calls
        ],
        now,
    )


async def _tell(tx: Transaction, settings: Settings, item: Item, posts: Sequence[Carried], now: datetime) -> None:
    """The same words to all who had it, so that they leave together; the groups get a line, too."""
    words = Text(settings.texts.say("withdrawing.told", number=item.id, title=item.title))
    had = tx.pushes.had(item.id)
    await push_to_each(tx, settings, item, TOLD, words, to=had, priority=Priority.URGENT, now=now)
    await tx.messages.queue(
        [
            NewMessage(
                kind=TOLD,
                subject=f"item:{item.id}:post:{post.call_id}",
                platform=post.platform,
                recipient=post.recipient,
                body=dump(words),
                priority=Priority.URGENT,
                item_id=item.id,
            )
            for post in posts
        ],
        now,
    )


def _audit(
    tx: Transaction, item: Item, before: str, after: str, actor_id: int | None, source: str, now: datetime
) -> None:
    tx.audit.add(
        at=now,
        actor_id=actor_id,
        source=source,
        action="item.withdraw",
        subject=f"item:{item.id}",
        before=before,
        after=after,
    )
