"""`人工`: a resident wants a person."""

from datetime import datetime

from bot.services.news import report
from bot.services.settings import Settings
from storage.questions import OPEN_STATES, Question
from storage.residents import Resident
from storage.transaction import Transaction


async def urge(tx: Transaction, settings: Settings, resident: Resident, *, now: datetime) -> Question | None:
    """Tells whoever answers the open question, once a day for each; None when there is no open question."""
    question = await tx.questions.latest_of(resident.id, OPEN_STATES)
    if question is None:
        return None
    day = now.astimezone(settings.texts.zone).date().isoformat()
    if await tx.ticks.claim(f"person:{question.id}", day, now):
        await report(tx, settings, question, "person", now=now)
    return question
