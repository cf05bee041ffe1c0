"""Where a question stands, what there is, what others asked."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.services import inquiries, urging

router = ResidentRouter()


@router.wish(Wish.STATUS)
async def status(visit: Visit, said: Said) -> Reply:
    """`查询`, `查询 Q34`, `查询 取件码`."""
    if said.code:
        found = await inquiries.by_code(visit.tx, visit.resident, said.code, now=visit.now)
        if found is None:
            return visit.reply("residents.absent")
        return Reply(await inquiries.status(visit.tx, visit.settings, found, now=visit.now))
    question = await inquiries.own(visit.tx, visit.resident, said.number)
    return Reply(await inquiries.status(visit.tx, visit.settings, question, now=visit.now))


@router.wish(Wish.MINE)
async def mine(visit: Visit, said: Said) -> Reply:
    """`我的`."""
    return Reply(await inquiries.mine(visit.tx, visit.settings, visit.resident, now=visit.now))


@router.wish(Wish.FAQ)
async def frequent(visit: Visit, said: Said) -> Reply:
    """`常见问题`."""
    return Reply(await inquiries.frequent(visit.tx, visit.settings))


@router.wish(Wish.PERSON)
async def person(visit: Visit, said: Said) -> Reply:
    """`人工`: those who answer hear that somebody waits for a person."""
    question = await urging.urge(visit.tx, visit.settings, visit.resident, now=visit.now)
    if question is None:
        return visit.reply("residents.person_write")
    return visit.reply("residents.person", number=question.id, due=question.promised_at or visit.now)
