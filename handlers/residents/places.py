"""`换小区`: the menu of places, and the number that is chosen from it."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.services import routing, settling
from handlers.residents.wording import offered

router = ResidentRouter()


@router.wish(Wish.PLACE)
async def menu(visit: Visit, said: Said) -> Reply:
    """`换小区`."""
    if not visit.settings.desk.neighbourhoods:
        return visit.reply("places.none")
    await routing.ask_for_place(visit.tx, visit.resident, None, now=visit.now)
    return visit.reply("places.ask", menu=routing.menu(visit.settings))


async def choose(visit: Visit, number: int) -> Reply:
    """The number of a place; the question that waited for it goes there."""
    chosen = await settling.choose(visit.tx, visit.settings, visit.resident, number, now=visit.now)
    words = visit.texts.say("places.chosen", place=chosen.name)
    return Reply(f"{words}\n\n{offered(visit.texts, chosen.offer)}" if chosen.offer is not None else words)
