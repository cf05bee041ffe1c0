"""A resident chooses their place: from now on its branch answers them, the question that waited for it included."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.services import offers, routing
from bot.services.announcing import announce
from bot.services.offers import Offer
from bot.services.settings import Settings
from storage.residents import Resident
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Chosen:
    """The place's name, and a published answer that fits the question that waited."""

    name: str
    offer: Offer | None = None


async def choose(tx: Transaction, settings: Settings, resident: Resident, number: int, *, now: datetime) -> Chosen:
    """Raises UserError for a number that the menu does not have."""
    place = await routing.branch_of_place(tx, settings, number)
    if place is None:
        raise UserError("residents.absent")
    name, branch_id = place
    _, waiting = await routing.asked_for_place(tx, resident, now=now)
    await routing.end_menu(tx, resident)
    resident.branch_id = branch_id if branch_id is not None else await tx.branches.top()
    question = await tx.questions.get(waiting) if waiting is not None else None
    if question is None or question.resident_id != resident.id or not question.is_open or question.owner_id is not None:
        return Chosen(name)
    if question.branch_id != resident.branch_id:
        before, question.branch_id = question.branch_id, resident.branch_id
        await tx.flush()
        tx.audit.add(
            at=now,
            actor_id=None,
            source="official_account",
            action="question.move",
            subject=f"question:{question.id}",
            before=str(before),
            after=str(question.branch_id),
        )
        await announce(tx, settings, question, now=now)
    return Chosen(name, await offers.offer(tx, question))
