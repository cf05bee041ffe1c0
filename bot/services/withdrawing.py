"""Taking an item back: what can be recalled is recalled, whoever had it is told, nothing more is promised."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Recall, Text, dump
from bot.services.counts import counts_of
from bot.services.roads import APP, Roads, tell
from bot.services.settings import Settings
from storage.calls import Carried
from storage.deliveries import Delivery
from storage.enums import ItemStatus, Phase, Priority
from storage.items import Item
from storage.messages import UNSETTLED, NewMessage
from storage.transaction import Transaction

RECALL_WITHIN = timedelta(hours=24)
"""How long WeCom takes messages of the app back: https://developer.work.weixin.qq.com/document/path/94867."""
PUSHES = ("item", "group")
"""The kinds of message that carry an item itself."""


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
    counts = (await counts_of(tx, [item]))[item.id]
    dropped = await tx.messages.drop_of_item(item.id, "withdrawn", now)
    if dropped:
        await tx.deliveries.excuse(Delivery.id.in_(dropped), "withdrawn", now)
    await tx.reminders.end_of_item(item.id)
    carried = await tx.calls.of_item(item.id, PUSHES)
    personal = [message for message in carried if message.delivery_id is not None]
    posts = {message.recipient: message for message in carried if message.recipient.startswith(Roads.to_chat(""))}
    calls = {message.call_id for message in personal if _can_be_recalled(message, now)}
    await _recall(tx, item, [message for message in personal if message.call_id in calls], now)
    await _tell(tx, settings, item, personal, list(posts.values()), now)
    kept = {message.delivery_id for message in personal if message.call_id not in calls}
    result = Withdrawn(
        unsent=False,
        seen=counts.read + counts.acknowledged,
        recalling=len({message.delivery_id for message in personal} - kept),
        kept=len(kept),
        dropped=len(dropped),
        groups=len(posts),
    )
    after = f"seen={result.seen} recalling={result.recalling} kept={result.kept} dropped={result.dropped}"
    _audit(tx, item, before, after, actor_id, source, now)
    return result


async def recalls_of(tx: Transaction, item: Item) -> Recalls:
    """How far the recall of a withdrawn item is."""
    tried = await tx.calls.recalls_of(item.id)
    members: dict[int | None, set[str]] = {}
    for message in await tx.calls.of_item(item.id, PUSHES):
        if message.delivery_id is not None:
            members.setdefault(message.delivery_id, set()).add(_ending(tried.get(message.call_id)))
    worst = [min(endings, key=_worst_first) for endings in members.values()]
    count = Counter(worst)
    known = ("recalled", "waiting", "kept")
    failed = {reason: n for reason, n in count.items() if reason not in known}
    return Recalls(count["recalled"], count["waiting"], failed, count["kept"])


_CAN_BE_WITHDRAWN = frozenset({ItemStatus.SCHEDULED, ItemStatus.PUBLISHED, ItemStatus.CLOSED})


def _can_be_recalled(message: Carried, now: datetime) -> bool:
    return message.platform == APP and bool(message.ref) and now - message.first_at < RECALL_WITHIN


async def _recall(tx: Transaction, item: Item, messages: Sequence[Carried], now: datetime) -> None:
    """One request for each call: it takes the message back from everybody who got it by that call."""
    refs = {message.call_id: message.ref or "" for message in messages}
    oldest = {message.call_id: message.first_at for message in messages}
    await tx.messages.queue(
        [
            NewMessage(
                kind="recall",
                subject=f"{item.id}:{call_id}",
                platform=APP,
                recipient="-",
                body=dump(Recall(ref)),
                priority=Priority.URGENT,
                expires_at=oldest[call_id] + RECALL_WITHIN,
            )
            for call_id, ref in refs.items()
        ],
        now,
    )


async def _tell(
    tx: Transaction,
    settings: Settings,
    item: Item,
    personal: Sequence[Carried],
    posts: Sequence[Carried],
    now: datetime,
) -> None:
    """The same words to all who had it, so that they leave together; the groups get a line, too."""
    words = Text(settings.texts.say("withdrawing.told", number=item.id, title=item.title))
    members = list(dict.fromkeys(message.member_id for message in personal if message.member_id is not None))
    await tell(tx, settings.roads, members, words, kind="withdrawal", subject=f"item:{item.id}", now=now)
    await tx.messages.queue(
        [
            NewMessage(
                kind="withdrawal",
                subject=f"item:{item.id}:post:{post.call_id}",
                platform=post.platform,
                recipient=post.recipient,
                body=dump(words),
                priority=Priority.URGENT,
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


def _ending(recall: tuple[str, str | None] | None) -> str:
    """`recalled`, `waiting`, `kept`, or the reason why it failed."""
    if recall is None:
        return "kept"
    phase, reason = recall
    if phase == Phase.ACCEPTED:
        return "recalled"
    return "waiting" if phase in UNSETTLED else reason or "unknown"


def _worst_first(ending: str) -> int:
    return {"kept": 0, "waiting": 2, "recalled": 3}.get(ending, 1)
