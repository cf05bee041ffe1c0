"""Who answers a question, and telling them."""

from collections.abc import Sequence
from datetime import datetime

from bot.message import Text
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import Role
from storage.questions import Question
from storage.transaction import Transaction

NEWS = "question"
"""The kind of messages to responders: several that wait for one person leave as one."""
CARDS = "question_card"
"""The kind of the cards that bring a question before them."""


async def responders_of(tx: Transaction, branch_id: int | None) -> list[int]:
    """The responders of the branch, else of the nearest one above that has any, else all there are."""
    return await _nearest(tx, Role.RESPONDER, branch_id)


async def secretaries_of(tx: Transaction, branch_id: int | None) -> list[int]:
    """The secretaries of the branch, else of the nearest one above that has any, else all there are."""
    return await _nearest(tx, Role.SECRETARY, branch_id)


async def owners_of(tx: Transaction, question: Question) -> list[int]:
    """Whoever took the question, else everybody who may."""
    if question.owner_id is not None:
        return [question.owner_id]
    return await responders_of(tx, question.branch_id)


async def tell_responders(
    tx: Transaction, settings: Settings, member_ids: Sequence[int], words: str, *, subject: str, now: datetime
) -> None:
    """One text to each of them, at a time when it disturbs nobody; once for each `subject`."""
    await tell(
        tx, settings.roads, sorted(set(member_ids)), Text(words), kind=NEWS, subject=subject, now=now, quiet=True
    )


async def _nearest(tx: Transaction, role: Role, branch_id: int | None) -> list[int]:
    if branch_id is not None:
        line = await tx.branches.line_of(branch_id)
        held = await tx.holders.of(role, line)
        if nearest := next((each for each in line if each in held), None):
            return sorted(held[nearest])
    return sorted(await tx.holders.all(role))
