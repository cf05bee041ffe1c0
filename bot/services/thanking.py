"""Telling a thank-you from a question."""

from bot.rules.folding import normalise
from bot.rules.words import is_acknowledgement
from bot.services.states import ANSWERED_STATES
from storage.questions import OPEN_STATES
from storage.residents import Resident
from storage.transaction import Transaction

_THANKS = frozenset(
    {"谢谢", "谢谢你", "谢谢您", "谢谢了", "感谢", "多谢", "辛苦了", "麻烦了", "thanks", "thankyou", "thx"}
)


async def is_only_thanks(tx: Transaction, resident: Resident, words: str) -> bool:
    """Whether the words say no more than thanks or 好的, and there is something that they may be said to.

    While a question waits for the resident's answer, a 好的 is that answer.
    """
    plain = "".join(char for char in normalise(words).lower() if char.isalnum())
    if resident.id is None or (plain not in _THANKS and not is_acknowledgement(words)):
        return False
    waiting = await tx.questions.latest_of(resident.id, OPEN_STATES)
    if waiting is not None and waiting.paused_at is not None:
        return False
    return waiting is not None or await tx.questions.latest_of(resident.id, ANSWERED_STATES) is not None
