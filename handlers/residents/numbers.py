"""A bare number: what it means depends on what was asked before."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.services import asked
from bot.services.asked import Meaning
from handlers.residents import asking, inquiring, judging, places

router = ResidentRouter()


@router.wish(Wish.NUMBER)
async def number(visit: Visit, said: Said) -> Reply | None:
    """`3`: a place, whether an offer helped, the answer to what was asked back, a question, or a mark."""
    if said.number is None:
        return visit.reply("residents.absent")
    meaning = await asked.meaning_of(visit.tx, visit.settings, visit.resident, said.number, now=visit.now)
    match meaning:
        case Meaning.PLACE:
            return await places.choose(visit, said.number)
        case Meaning.OFFER:
            return await judging.took(visit, said.number == 1)
        case Meaning.ANSWER:
            return (await asking.say([(visit, Said(Wish.SAY, words=visit.update.text.strip()))]))[0]
        case Meaning.MARK:
            return await judging.rate(visit, Said(Wish.RATE, rating=said.number))
        case Meaning.QUESTION:
            return await inquiring.status(visit, Said(Wish.STATUS, said.number))
