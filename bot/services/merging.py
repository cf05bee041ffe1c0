"""Questions about the same, answered together: each asker gets the answer under their own number, and no other."""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import UserError
from bot.services import clocks
from bot.services.access import Speaker
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.questions import Question
from storage.transaction import Transaction


async def merge(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    question: Question,
    others: Sequence[Question],
    *,
    source: str,
    now: datetime,
) -> list[int]:
    """The others are answered with this one from now on; their numbers, with those that hung on them already."""
    joined: list[Question] = []
    for each in (question, *others):
        if not each.is_open:
            raise UserError(f"claiming.not_open.{each.state}", number=each.id)
        if each.merged_into is not None:
            raise UserError("merging.merged_already", number=each.id, into=each.merged_into)
    for other in others:
        if other.id == question.id:
            raise UserError("merging.example")
        joined += [other, *await tx.questions.merged_in(other.id)]
    for each in joined:
        trace(tx, each.id, "question.merge", by=who.member_id, source=source, now=now, after=question.id)
        each.merged_into = question.id
        each.owner_id = question.owner_id or each.owner_id
        clocks.pause(settings.desk, each, now=now)
    await tx.answers.remove_of([each.id for each in joined])
    return [each.id for each in joined]


async def split(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, *, source: str, now: datetime
) -> list[int]:
    """The question stands by itself again; if others hang on it, they do. Their numbers."""
    apart = [question] if question.merged_into is not None else list(await tx.questions.merged_in(question.id))
    if not apart:
        raise UserError("merging.not_merged", number=question.id)
    for each in apart:
        trace(tx, each.id, "question.split", by=who.member_id, source=source, now=now, before=each.merged_into)
        each.merged_into = None
        if each.is_open:
            clocks.resume(settings.desk, each, now=now)
    return [each.id for each in apart]
