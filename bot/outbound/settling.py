"""Recording how a request ended: the call, then each message it carried."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.log import get_logger
from bot.platforms.base import Outcome, Verdict
from bot.rules.retrying import busy_delay, doubt_delay, gives_up, network_delay, patient_delay
from bot.services import outcomes
from bot.services.settings import Settings
from storage.calls import Call
from storage.messages import QueuedMessage
from storage.transaction import Transaction

log = get_logger("outbound.settling")

MEDIA_GONE = "media_gone"


async def settle(
    tx: Transaction,
    settings: Settings,
    repeat_window: timedelta,
    call_id: int,
    outcome: Outcome,
    *,
    attempt: int,
    now: datetime,
    jitter: float,
) -> None:
    """Writes the outcome. A result for a call that somebody has settled already changes nothing.

    `attempt` counts the times that its bytes left. Where they have left again since, only "accepted" is still true: a
    refusal says nothing about the later attempt.

    What is in doubt is repeated until `repeat_window` after the first try; then it is unknown.
    """
    call = await tx.calls.get(call_id)
    if call is None or call.finished_at is not None:
        return
    if attempt != call.tries and outcome.verdict is not Verdict.ACCEPTED:
        return
    messages = await tx.messages.of_call(call_id)
    if call.tries > 1 and _moot(outcome, messages):
        # That this try did nothing does not say that the one before did nothing: new bytes might be shown once more.
        outcome = replace(outcome, verdict=Verdict.DOUBTFUL)
    if outcome.verdict is Verdict.DOUBTFUL and now - call.first_at < repeat_window:
        next_at = now + max(doubt_delay(call.tries), outcome.after or timedelta())
        await tx.calls.doubt(call_id, next_at=next_at, http_status=outcome.http_status, code=outcome.code)
        await tx.messages.doubt(call_id)
        return
    await tx.calls.finish(
        call_id,
        outcome=outcome.verdict,
        now=now,
        http_status=outcome.http_status,
        code=outcome.code,
        ref=outcome.ref,
    )
    match outcome.verdict:
        case Verdict.ACCEPTED:
            await _accepted(tx, settings, messages, outcome, now)
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
            await _later(tx, settings, call, messages, outcome, now, jitter)
        case Verdict.DOUBTFUL:
            await outcomes.unknown(tx, settings, messages, now)
    if outcome.alarm:
        await outcomes.alarm(tx, settings, call.platform, outcome.reason, outcome.detail, held=outcome.hold, now=now)


def _moot(outcome: Outcome, messages: Sequence[QueuedMessage]) -> bool:
    """Whether what follows would be another request to the same people."""
    if outcome.verdict is Verdict.REFUSED:
        return outcome.reason == MEDIA_GONE or (outcome.reason == "unknown_user" and len(messages) > 1)
    return outcome.verdict is Verdict.LATER


async def _upload_again(tx: Transaction, call: Call, messages: Sequence[QueuedMessage]) -> bool:
    """Whether the platform has lost a file that it once took: nobody got anything, and once it may have it anew."""
    if not messages or any(message.tries for message in messages):
        return False
    return await tx.uploads.forget(call.platform, messages[0].content_id)


async def _accepted(
    tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], outcome: Outcome, now: datetime
) -> None:
    left_out = [m for m in messages if m.recipient_key in outcome.refused]
    taken = [m for m in messages if m.recipient_key not in outcome.refused]
    if taken:
        await outcomes.accepted(tx, settings, taken, now)
    for reason in sorted({outcome.refused[m.recipient_key] for m in left_out}):
        of_reason = [m for m in left_out if outcome.refused[m.recipient_key] == reason]
        await outcomes.refused(tx, settings, of_reason, reason, about_person=True, now=now)


async def _later(
    tx: Transaction,
    settings: Settings,
    call: Call,
    messages: Sequence[QueuedMessage],
    outcome: Outcome,
    now: datetime,
    jitter: float,
) -> None:
    """Certainly not done. What was tried too often, or for too long, is given up by name."""
    given_up = [m for m in messages if outcome.counted and gives_up(m.tries + 1, call.first_at, now)]
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
