"""Following and leaving the account, help, and being forgotten."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish
from bot.services import forgetting, routing

router = ResidentRouter()

SCENE = "scene"
"""Among an arrival's details: what the scanned code carries."""


@router.arrival
async def come(visit: Visit, said: Said) -> Reply:
    """A greeting; whoever scanned a branch's code is that branch's from now on."""
    branch_id = await routing.branch_of_scene(visit.tx, visit.update.details.get(SCENE, ""))
    if branch_id is None:
        return visit.reply("residents.greeting")
    visit.resident.branch_id = branch_id
    await routing.end_menu(visit.tx, visit.resident)
    name = await routing.name_of(visit.tx, branch_id)
    return visit.reply("residents.greeting_branch", branch=name)


@router.event("unsubscribe")
async def leave(visit: Visit, said: Said) -> Reply | None:
    """Nothing that leads to them is kept."""
    await forgetting.leave(visit.tx, visit.settings, visit.resident, now=visit.now)
    return None


@router.wish(Wish.HELP)
async def help_said(visit: Visit, said: Said) -> Reply:
    """`帮助`."""
    return visit.reply("residents.help")


@router.wish(Wish.FORGET)
async def forget(visit: Visit, said: Said) -> Reply:
    """`删除我的信息`."""
    count = await forgetting.forget(visit.tx, visit.settings, visit.resident, now=visit.now)
    return visit.reply("residents.forgotten", n=count)
