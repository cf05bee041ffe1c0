"""Words that are no command: an answer to the item that the member received last. Asked after all other texts."""

from bot.inbound.router import Context, Reply, Router
from bot.services.replies import forward
from bot.services.summaries import titled

router = Router()


@router.text
async def pass_on(context: Context, text: str) -> Reply:
    """Brings the words to the item's author, or says what the bot understands."""
    key = f"{context.update.platform}:{context.update.key}"
    forwarded = await forward(context.tx, context.settings, context.speaker, text, key=key, now=context.now)
    if forwarded is None:
        return context.reply("replies.hint")
    return context.reply("replies.passed_on", title=titled(context.texts, forwarded.item))
