"""The receipts of a batch, recorded together; nearly everybody hears one of a few things."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.inbound.claims import Said
from bot.inbound.router import Reply
from bot.message import Card
from bot.services.acknowledgements import Acknowledged, acknowledged, group_cards, renew
from bot.services.receipts import Claim, Confirmed, Result, confirm
from bot.services.roads import BOT
from bot.services.settings import Settings
from bot.update import Update, UpdateKind
from storage.transaction import Transaction


async def confirmed(
    tx: Transaction, settings: Settings, said: Mapping[int, tuple[Update, Said, int]], now: datetime
) -> dict[int, Reply]:
    """What is answered to each, by its row in the inbox. Given are the update, what it claims, and the member."""
    claims = [Claim(of, each.number, each.kind, each.source, version=each.version) for _, each, of in said.values()]
    outcomes = await confirm(tx, claims, now=now)
    answers = dict(zip(said, outcomes, strict=True))
    on_bot = {c.item.id for row_id, c in answers.items() if c.item and said[row_id][0].platform == BOT}
    cards = await group_cards(tx, settings, await tx.items.many(on_bot) if on_bot else {})
    renewed = await renew(tx, settings, outcomes)
    told: dict[Any, Reply] = {}
    replies = {}
    for row_id, (update, claim, _) in said.items():
        outcome, by_card = answers[row_id], update.kind is UpdateKind.CLICK
        card = cards.get(outcome.item.id) if outcome.item and by_card and update.platform == BOT else None
        how = (update.in_group, by_card, bool(update.card_code), card is not None)
        same = (*outcome, claim.number, claim.kind, *how)
        if same not in told:
            spoken = acknowledged(
                settings,
                outcome,
                number=claim.number,
                kind=claim.kind,
                in_group=update.in_group,
                now=now,
                renewed=renewed,
            )
            told[same] = _reply(update, outcome, spoken, card)
        replies[row_id] = told[same]
    return replies


def _reply(update: Update, outcome: Confirmed, spoken: Acknowledged, card: Card | None) -> Reply:
    """What is said to a receipt where it came from; `card` is the group's, as it is now."""
    by_card = update.kind is UpdateKind.CLICK
    quiet = by_card and spoken.label and update.card_code and outcome.result in (Result.DONE, Result.ALREADY)
    words = "" if quiet else spoken.words
    private = words if update.in_group and by_card else spoken.private
    return Reply(
        "" if update.in_group and by_card else words,
        private=Reply(private or words, card=spoken.card) if private or spoken.card else None,
        done_label=spoken.label if by_card else "",
        changed=card,
    )
