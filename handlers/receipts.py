"""`收到`: what is said plainly is recorded for everybody at once, before any handler; here is what is left over."""

from bot.inbound.router import Context, Reply, Router
from bot.rules.words import is_acknowledgement, item_number, split_number
from bot.services.acknowledgements import acknowledge
from bot.services.todos import open_of
from storage.enums import Source

router = Router()


@router.command("收到", "ack", "确认", "confirm")
async def received(context: Context, rest: str) -> Reply:
    """`收到 12`, and `确认 12` from whoever has no draft of that number. What is no acknowledgement is an answer."""
    number, more = split_number(rest)
    if not rest:
        return await say_received(context, None)
    if number is not None and (not more or is_acknowledgement(f"收到 {more}")):
        return await say_received(context, number)
    if number is not None or rest[:1].isdecimal():
        return context.reply("receipt.example")
    for handler in context.commands.texts:
        reply = await handler(context, context.update.text)
        if reply is not None:
            return reply
    return context.reply("receipt.example")


@router.text
async def only_a_number(context: Context, text: str) -> Reply | None:
    """`12` alone, from somebody who still has to answer item 12."""
    number = item_number(text)
    if number is None:
        return None
    waiting = await open_of(context.tx, context.speaker.member_id)
    return await say_received(context, number) if any(item.item_id == number for item in waiting) else None


async def say_received(context: Context, number: int | None, *, absent: str = "item.absent") -> Reply:
    """Records the acknowledgement of an item, or of the only open one. `absent`: what to say if there is no such."""
    update = context.update
    said = await acknowledge(
        context.tx,
        context.settings,
        context.speaker.member_id,
        number,
        source=Source.GROUP if update.in_group else Source.CHAT,
        in_group=update.in_group,
        now=context.now,
    )
    if said.absent:
        return context.reply(absent, number=number)
    if said.card is not None:
        return Reply(private=Reply(said.words, card=said.card))
    return Reply(said.words, private=Reply(said.private) if said.private else None)
