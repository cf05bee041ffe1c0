"""Sentences that several answers to residents share."""

from bot.rules.text import cut_bytes
from bot.services.offers import Offer
from bot.texts import Texts

OFFER_BYTES = 800


def offered(texts: Texts, offer: Offer) -> str:
    """A published answer, and how to say whether it helps."""
    return texts.say(
        "intake.offer",
        question=cut_bytes(offer.question, OFFER_BYTES // 4),
        answer=cut_bytes(offer.answer, OFFER_BYTES),
    )
