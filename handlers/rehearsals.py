"""`演练 12`: an item's whole life, told before it happens."""

from bot.inbound.router import Context, Reply, Router
from bot.services.access import item_to_manage
from bot.services.arguments import only_number
from bot.services.rehearsals import rehearsal_of, transcript
from storage.enums import Role

router = Router()


@router.command("演练", "rehearse", roles=(Role.SECRETARY,))
async def rehearse(context: Context, rest: str) -> Reply:
    """Sends nothing and keeps nothing; what is told goes to the person alone."""
    item = await item_to_manage(context.tx, context.speaker, only_number(rest, "rehearsal.which"))
    played = await rehearsal_of(context.tx, context.settings, item, now=context.now)
    words = transcript(context.texts, item, played, now=context.now)
    return Reply(context.texts.say("rehearsal.in_group"), private=Reply(words))
