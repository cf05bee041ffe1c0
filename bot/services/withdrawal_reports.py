"""How taking an item back went, told once its recalls and the words that replace them have settled."""

from collections.abc import Sequence
from datetime import datetime

from bot.message import Text
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.services.summaries import titled
from bot.services.withdrawing import TOLD, Recalls, recalls_of
from bot.texts import Texts
from storage.enums import Phase
from storage.items import Item
from storage.transaction import Transaction
from storage.withdrawals import Withdrawal


async def report_due(tx: Transaction, settings: Settings, now: datetime) -> int:
    """Tells the outcome of every withdrawal of which it is known; how many there were."""
    done = 0
    for withdrawal in await tx.withdrawals.unreported():
        if await tx.pushes.unsettled(withdrawal.item_id, ["recall", TOLD]):
            continue
        item = await tx.items.get(withdrawal.item_id)
        withdrawal.reported_at = now
        done += 1
        if item is None or not withdrawal.had:
            continue  # nobody had it: what was said at once was all
        words = "\n".join(await _report(tx, settings.texts, item, withdrawal))
        reader = withdrawal.actor_id or item.author_id
        subject = f"withdrawn:{item.id}"
        await tell(tx, settings.roads, [reader], Text(words), kind="outcome", subject=subject, now=now)
    return done


async def _report(tx: Transaction, texts: Texts, item: Item, withdrawal: Withdrawal) -> list[str]:
    recalls = await recalls_of(tx, item)
    told = await tx.pushes.settled(item.id, TOLD)
    reached = told.get(Phase.ACCEPTED, 0)
    seen = withdrawal.read + withdrawal.acknowledged
    lines = [texts.say("withdrawn.report", title=titled(texts, item), had=withdrawal.had)]
    lines.append(
        texts.say("withdrawn.seen", read=withdrawal.read, acknowledged=withdrawal.acknowledged)
        if seen
        else texts.say("withdrawn.seen.nobody")
    )
    if unopened := max(withdrawal.had - seen, 0):
        lines.append(texts.say("withdrawn.unopened", n=unopened))
    lines += _recalled(texts, recalls, withdrawal.had)
    lines.append(texts.say("withdrawn.told", n=reached))
    if missed := sum(told.values()) - reached:
        lines.append(texts.say("withdrawn.not_told", n=missed))
    return lines


def _recalled(texts: Texts, recalls: Recalls, had: int) -> Sequence[str]:
    """How many messages are gone, and why the others are not."""
    stayed = recalls.kept + sum(recalls.failed.values())
    lines = [texts.say("withdrawn.recalled", n=recalls.recalled, total=had)]
    if stayed:
        reasons = [texts.say("withdrawn.reason", reason=texts.reason(why), n=n) for why, n in recalls.failed.items()]
        if recalls.kept:
            reasons.insert(0, texts.say("withdrawn.reason.kept", n=recalls.kept))
        lines.append(texts.say("withdrawn.stayed", n=stayed, reasons=texts.list(reasons)))
    if recalls.recalled:
        lines.append(texts.say("withdrawn.plugin"))
    return lines
