"""`结束`: nobody is waited for any more."""

from bot.inbound.router import Context, Reply, Router
from bot.services.access import item_to_manage
from bot.services.arguments import only_number
from bot.services.closing import PERSON, close
from storage.enums import Role

router = Router()


@router.command("结束", "close", roles=(Role.SECRETARY,))
async def close_said(context: Context, rest: str) -> Reply:
    """`结束 12`."""
    number = only_number(rest, "closing.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    closed = await close(
        context.tx,
        context.settings,
        item,
        by=PERSON,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    return Reply(closed.counts, private=Reply(closed.words))
