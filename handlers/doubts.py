"""`再发` and `不发`: a secretary decides about those of whom nobody knows whether they got it."""

from bot.inbound.router import Context, Reply, Router
from bot.services import doubts
from bot.services.access import item_to_manage
from bot.services.arguments import only_number
from storage.enums import Role

router = Router()

SECRETARY = (Role.SECRETARY,)


@router.command("再发", "resend", roles=SECRETARY)
@router.click("resend", roles=SECRETARY)
async def resend(context: Context, written: str) -> Reply:
    """`再发 12`, or the card's 再发."""
    number = only_number(written, "doubts.resend.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    count = await doubts.resend(
        context.tx, context.settings, context.speaker, item, source=context.update.platform, now=context.now
    )
    words = context.texts.say("doubts.resent", number=item.id, title=item.title, count=count)
    return Reply(words, done_label=context.texts.say("doubts.label.resent"))


@router.command("不发", "noresend", roles=SECRETARY)
@router.click("leave_doubt", roles=SECRETARY)
async def leave(context: Context, written: str) -> Reply:
    """`不发 12`, or the card's 不发."""
    number = only_number(written, "doubts.leave.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    count = await doubts.leave(context.tx, context.speaker, item, source=context.update.platform, now=context.now)
    words = context.texts.say("doubts.left", number=item.id, title=item.title, count=count)
    return Reply(words, done_label=context.texts.say("doubts.label.left"))
