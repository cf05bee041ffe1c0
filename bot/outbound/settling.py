"""What is written when requests have ended: the calls, then each message they carried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.log import get_logger
from bot.platforms.base import Outcome, Verdict
from bot.rules.retrying import busy_delay, doubt_delay, gives_up, network_delay, patient_delay
from bot.services import outcomes
from bot.services.settings import Settings
from storage.calls import Begun, Ending
from storage.messages import QueuedMessage
from storage.transaction import Transaction

log = get_logger("outbound.settling")

MEDIA_GONE = "media_gone"


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that has come to its end at `at`; `attempt` counts the times that these bytes left.

    What is in doubt is repeated until `repeat_window` after the first try; then it is unknown. Since when a platform
    compares requests it reckons by its own clock, so all times of a call are by that.
    """

    call_id: int
    attempt: int
    outcome: Outcome
    repeat_window: timedelta
    at: datetime


async def settle(tx: Transaction, settings: Settings, ended: Sequence[Ended], *, now: datetime, jitter: float) -> None:
    """Writes the outcomes. A result for a call that somebody has settled already changes nothing.

    Where its bytes have left again since, only "accepted" is still true: a refusal says nothing about the later
    attempt.
    """
    open_ones = {call.id: call for call in await tx.calls.open_ones([each.call_id for each in ended])}
    current = {
        each.call_id: each
        for each in sorted(ended, key=lambda each: each.outcome.verdict is Verdict.ACCEPTED)
        if (call := open_ones.get(each.call_id)) is not None
        and (each.attempt == call.tries or each.outcome.verdict is Verdict.ACCEPTED)
    }
    if not current:
        return
    async with tx.at_length(sum(open_ones[i].recipients for i in current)):
        messages = await tx.messages.of_calls(list(current))
        # What the platform took is written for all of them at once.
        taken = {i: each.outcome for i, each in current.items() if each.outcome.verdict is Verdict.ACCEPTED}
        if taken:
            await tx.calls.finish([_ending(i, outcome) for i, outcome in taken.items()], now)
            await _accepted(tx, settings, {i: messages.get(i, []) for i in taken}, taken, now)
        for call_id, each in current.items():
            if call_id not in taken:
                call = open_ones[call_id]
                await _not_taken(tx, settings, call, messages.get(call_id, []), each, now=now, jitter=jitter)
        for call_id, each in current.items():
            if (why := each.outcome).alarm:
                by = open_ones[call_id].platform
                await outcomes.alarm(tx, settings, by, why.reason, why.detail, held=why.hold, now=now)


async def _not_taken(
    tx: Transaction,
    settings: Settings,
    call: Begun,
    messages: Sequence[QueuedMessage],
    ended: Ended,
    *,
    now: datetime,
    jitter: float,
) -> None:
    outcome = ended.outcome
    if call.tries > 1 and _moot(outcome, messages):
        # That this try did nothing does not say that the one before did nothing: new bytes might be shown once more.
        outcome = replace(outcome, verdict=Verdict.DOUBTFUL)
    if outcome.verdict is Verdict.DOUBTFUL and ended.at - call.first_at < ended.repeat_window:
        next_at = ended.at + max(doubt_delay(call.tries), outcome.after or timedelta())
        await tx.calls.doubt(call.id, next_at=next_at, http_status=outcome.http_status, code=outcome.code)
        await tx.messages.doubt(call.id)
        return
    await tx.calls.finish([_ending(call.id, outcome)], now)
    match outcome.verdict:
        case Verdict.REFUSED if outcome.reason == "unknown_user" and len(messages) > 1:
            # One of them is nobody, and nobody got anything: each by themselves tells who.
            ids = [message.id for message in messages]
            await tx.messages.wait(ids, now, reason=outcome.reason)
            await tx.messages.part(ids)
        case Verdict.REFUSED if outcome.reason == MEDIA_GONE and await _upload_again(tx, call, messages):
            await tx.messages.wait([message.id for message in messages], now, counted=True, reason=outcome.reason)
        case Verdict.REFUSED:
            # A code for the whole call does not say whom of many it is about: the roster keeps out of it.
            await outcomes.refused(
                tx,
                settings,
                messages,
                outcome.reason,
                about_person=outcome.about_person,
                on_roster=len(messages) == 1,
                now=now,
            )
        case Verdict.LATER:
            await _later(tx, settings, call, messages, replace(ended, outcome=outcome), now, jitter)
        case Verdict.DOUBTFUL:
            await outcomes.unknown(tx, settings, messages, now)


def _ending(call_id: int, outcome: Outcome) -> Ending:
    return Ending(call_id, outcome.verdict, outcome.http_status, outcome.code, outcome.ref)


def _moot(outcome: Outcome, messages: Sequence[QueuedMessage]) -> bool:
    """Whether what follows would be another request to the same people."""
    if outcome.verdict is Verdict.REFUSED:
        return outcome.reason == MEDIA_GONE or (outcome.reason == "unknown_user" and len(messages) > 1)
    return outcome.verdict is Verdict.LATER


async def _upload_again(tx: Transaction, call: Begun, messages: Sequence[QueuedMessage]) -> bool:
    """Whether the platform has lost a file that it once took: nobody got anything, and once it may have it anew."""
    if not messages or any(message.tries for message in messages):
        return False
    return await tx.uploads.forget(call.platform, messages[0].content_id)


async def _accepted(
    tx: Transaction,
    settings: Settings,
    messages: Mapping[int, Sequence[QueuedMessage]],
    taken: Mapping[int, Outcome],
    now: datetime,
) -> None:
    """The messages of calls that the platform took; whom it left out it has named."""
    for_all: list[QueuedMessage] = []
    left_out: dict[str, list[QueuedMessage]] = {}
    for call_id, outcome in taken.items():
        for message in messages[call_id]:
            reason = outcome.refused.get(message.recipient_key)
            (for_all if reason is None else left_out.setdefault(reason, [])).append(message)
    if for_all:
        await outcomes.accepted(tx, settings, for_all, now)
    for reason, of_reason in sorted(left_out.items()):
        await outcomes.refused(tx, settings, of_reason, reason, about_person=True, now=now)


async def _later(
    tx: Transaction,
    settings: Settings,
    call: Begun,
    messages: Sequence[QueuedMessage],
    ended: Ended,
    now: datetime,
    jitter: float,
) -> None:
    """Certainly not done. What was tried too often, or for too long, is given up by name."""
    outcome = ended.outcome
    given_up = [m for m in messages if outcome.counted and gives_up(m.tries + 1, call.first_at, ended.at)]
    if given_up:
        await outcomes.refused(tx, settings, given_up, "gave_up", about_person=False, now=now)
    gone = {m.id for m in given_up}
    by_tries: dict[int, list[int]] = {}
    for message in messages:
        if message.id not in gone:
            by_tries.setdefault(message.tries, []).append(message.id)
    for tries, ids in by_tries.items():
        delay = _delay(outcome, tries + 1, jitter)
        await tx.messages.wait(ids, now + delay, counted=outcome.counted, reason=outcome.reason)


def _delay(outcome: Outcome, tries: int, jitter: float) -> timedelta:
    if outcome.patient:
        # An address may ask for more time than this, but not for so little that its tries are soon used up.
        return max(outcome.after or timedelta(), patient_delay(tries))
    if outcome.after:
        return outcome.after
    return busy_delay(tries) if outcome.reason == "busy" else network_delay(tries, jitter)
