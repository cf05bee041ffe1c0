"""Whether there is something to do, job by job: each answer is a question or two to an index, and changes nothing."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from bot.services.approvals import AGAIN_AFTER
from bot.services.closing import anything_over
from bot.services.kinds import KINDS
from bot.services.settings import Settings
from storage.transaction import Transaction

Look = Callable[[Transaction, Settings, datetime], Awaitable[bool]]


async def _publish(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.items.any_to_publish(now)


async def _correct(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.versions.any_due(now)


async def _remind(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.reminders.any_due(now)


async def _close(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await anything_over(tx, now)


async def _remind_approvers(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.approvals.any_to_remind(now - AGAIN_AFTER)


async def _report_withdrawals(tx: Transaction, _: Settings, __: datetime) -> bool:
    return await tx.withdrawals.any_unreported()


async def _desk(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.questions.anything_due(now)


async def _forget(tx: Transaction, settings: Settings, now: datetime) -> bool:
    return await tx.questions.any_kept_too_long(now - settings.desk.keep_for)


async def _announce(tx: Transaction, _: Settings, __: datetime) -> bool:
    return await tx.events.any()


async def _export(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.exports.any_due(now)


async def _draw(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.posters.any_due(now)


async def _tend(tx: Transaction, _: Settings, now: datetime) -> bool:
    for kind in KINDS.values():
        if await kind.any_due(tx, now=now):
            return True
    return await tx.leaves.any_ended(now)


async def _answer(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.answers.anything_due(now)


async def _keep_promises(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.commitments.anything_to_ask(now)


async def _retry_updates(tx: Transaction, _: Settings, now: datetime) -> bool:
    return await tx.inbox.any_pending(now)


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "publish": _publish,
        "correct": _correct,
        "remind": _remind,
        "announce": _announce,
        "export": _export,
        "tend": _tend,
        "draw": _draw,
        "answer": _answer,
        "keep_promises": _keep_promises,
        "retry_updates": _retry_updates,
        "close": _close,
        "remind_approvers": _remind_approvers,
        "report_withdrawals": _report_withdrawals,
        "desk": _desk,
        "forget": _forget,
    }
)
"""Job → its question. A job that is not here is done at each of its beats."""

EVEN_HELD = frozenset({"retry_updates", "forget"})
"""Of these the jobs that are done while nothing may be sent: the others make messages, or lead to some."""
