"""`收到`: what is said plainly is recorded for everybody at once, before any handler; here is what is left over."""

from bot.inbound.router import Context, Reply, Router

router = Router()


@router.command("收到", "ack")
async def acknowledge(context: Context, rest: str) -> Reply | None:
    """`收到 12`. Only a text that is more than an acknowledgement comes here."""
    for handler in context.commands.texts:
        reply = await handler(context, context.update.text)
        if reply is not None:
            return reply
    return context.reply("receipt.example")
