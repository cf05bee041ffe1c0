"""Did it help? Marks, taking a question back, and what was offered at once."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.services import offers, verdicts

router = ResidentRouter()


@router.wish(Wish.RATE)
async def rate(visit: Visit, said: Said) -> Reply:
    """`评价 Q34 5`, `满意`, `没解决`."""
    if said.rating is None:
        return visit.reply("rating.how")
    question = await verdicts.rate(
        visit.tx, visit.settings, visit.resident, said.number, rating=said.rating, words=said.words, now=visit.now
    )
    if said.rating <= verdicts.BAD:
        return visit.reply("rating.reopened", number=question.id, due=question.promised_at or visit.now)
    return visit.reply("rating.thanks", number=question.id)


@router.wish(Wish.WITHDRAW)
async def withdraw(visit: Visit, said: Said) -> Reply:
    """`撤销 Q34`."""
    question = await verdicts.withdraw(visit.tx, visit.settings, visit.resident, said.number, now=visit.now)
    return visit.reply("judging.done", number=question.id)


@router.wish(Wish.HELPED, Wish.NOT_HELPED)
async def helped(visit: Visit, said: Said) -> Reply:
    """`有用`, `没用`: about the answer that was offered at once."""
    question = await offers.waiting(visit.tx, visit.resident)
    if question is None:
        return visit.reply("residents.nothing")
    return await took(visit, said.wish is Wish.HELPED)


async def took(visit: Visit, helped: bool) -> Reply:
    """The offered answer helped, or it did not; there is one."""
    question = await offers.waiting(visit.tx, visit.resident)
    if question is None:
        return visit.reply("residents.nothing")
    await offers.take(visit.tx, question, helped=helped, now=visit.now)
    if helped:
        return visit.reply("intake.helped", number=question.id)
    return visit.reply("intake.not_helped", number=question.id, due=question.promised_at or visit.now)
