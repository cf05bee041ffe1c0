"""Time is running out: owners are reminded, then deputies and the secretary; late, the resident hears it honestly."""

from collections.abc import Iterable
from datetime import datetime

from bot.rules.answering import Step
from bot.rules.windows import CLOSING, SPOKEN
from bot.services import clocks
from bot.services.arrivals import tell_resident, window_of
from bot.services.news import headline
from bot.services.responders import owners_of, responders_of, secretaries_of, tell_responders
from bot.services.settings import Settings
from storage.enums import EntryBy, EntryKind
from storage.questions import Question
from storage.transaction import Transaction


async def escalate_due(tx: Transaction, settings: Settings, *, now: datetime, limit: int) -> int:
    """The steps whose time has come: one message to each person for all of them; how many questions it was."""
    due = await tx.questions.to_escalate(now, limit)
    lines: dict[int, list[str]] = {}
    for question in due:
        step = clocks.step_due(question, now=now)
        words = _line(settings, question, step, now)
        for member_id in await _readers(tx, question, step):
            lines.setdefault(member_id, []).append(words)
        if step is Step.LATE and question.late_told_at is None:
            await _tell_late(tx, settings, question, now)
        clocks.step_taken(settings.desk, question, step, now=now)
    for member_id, said in lines.items():
        await tell_responders(tx, settings, [member_id], "\n".join(said), subject=f"due:{now.isoformat()}", now=now)
    return len(due)


async def warn_of_windows(tx: Transaction, settings: Settings, *, now: datetime, limit: int) -> int:
    """Owners hear that the platform's window for a resident is about to close; how many questions were looked at."""
    due = await tx.questions.to_warn(now, limit)
    for question in due:
        question.warn_at = None
        resident = await tx.residents.get(question.resident_id)
        if resident is None or resident.spoke_at is None or not question.is_open:
            continue
        if resident.spoke_at + SPOKEN - CLOSING > now:
            question.warn_at = resident.spoke_at + SPOKEN - CLOSING
            continue
        here = await window_of(tx, resident, now=now)
        if here.is_open(now) and here.left:
            words = settings.texts.say(
                "escalation.window",
                headline=headline(settings, question),
                number=question.id,
                closes=here.closes_at,
                n=here.left,
            )
            readers = await owners_of(tx, question)
            subject = f"window:{question.id}:{now.isoformat()}"
            await tell_responders(tx, settings, readers, words, subject=subject, now=now)
    return len(due)


async def _readers(tx: Transaction, question: Question, step: Step) -> Iterable[int]:
    owners = await owners_of(tx, question)
    if step is Step.HALF:
        return owners
    secretaries = await secretaries_of(tx, question.branch_id)
    if step is Step.THREE_QUARTERS:
        return sorted({*owners, *secretaries, *await responders_of(tx, question.branch_id)})
    return sorted({*owners, *secretaries})


def _line(settings: Settings, question: Question, step: Step, now: datetime) -> str:
    late = "late_again" if question.was_answered else "late"
    key = {Step.HALF: "half", Step.THREE_QUARTERS: "three_quarters", Step.LATE: late}[step]
    return settings.texts.say(
        f"escalation.{key}",
        headline=headline(settings, question),
        number=question.id,
        due=question.due_at or now,
        taken=settings.texts.say("escalation.taken" if question.owner_id is not None else "escalation.free"),
    )


async def _tell_late(tx: Transaction, settings: Settings, question: Question, now: datetime) -> None:
    """Once: it takes longer than was said, and until when now."""
    question.late_told_at = now
    question.promised_at = settings.desk.working.add(now, settings.desk.answer_within)
    words = settings.texts.say("escalation.resident_late", due=question.promised_at)
    await tell_resident(tx, settings, question, words, kind=EntryKind.HOLDING, by=EntryBy.BOT, now=now)
