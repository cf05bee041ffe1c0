"""Words that are no command: an answer to the item that the member received last. Asked after all other texts."""

from bot.inbound.router import Context, Reply, Router
from bot.services.replies import forward
from bot.services.summaries import titled
from bot.services.todos import open_of
from storage.enums import Require

router = Router()


@router.text
async def pass_on(context: Context, text: str) -> Reply:
    """Brings the words to the item's author, or says what the bot understands."""
    key = f"{context.update.platform}:{context.update.key}"
    forwarded = await forward(context.tx, context.settings, context.speaker, text, key=key, now=context.now)
    if forwarded is None:
        return context.reply("replies.hint")
    item = forwarded.item
    waits = any(each.item_id == item.id for each in await open_of(context.tx, context.speaker.member_id))
    words = context.texts.say("replies.passed_on", title=titled(context.texts, item))
    if not waits or item.require != Require.ACK or context.update.in_group:
        return Reply(words)
    return Reply("\n".join([words, context.texts.say("replies.still_open", number=item.id)]))
