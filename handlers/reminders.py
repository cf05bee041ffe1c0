"""`催办` for secretaries, `稍后` and `明早` for members."""

from bot.inbound.router import Context, Reply, Router
from bot.rules.words import item_number
from bot.services.access import item_to_manage
from bot.services.reminders import remind_now
from bot.services.snoozing import snooze, the_open_item
from storage.enums import Role

router = Router()


@router.command("催办", "remind", roles=(Role.SECRETARY,))
async def remind(context: Context, rest: str) -> Reply:
    """`催办 12`: reminds those who are open, within their limits."""
    number = item_number(rest)
    if number is None:
        return context.reply("remind.which")
    item = await item_to_manage(context.tx, context.speaker, number)
    done = await remind_now(
        context.tx,
        context.settings,
        item,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    texts = context.texts
    if not (done.queued or done.at_limit or done.out_of_reach):
        return context.reply("remind.nobody", number=number)
    head = "remind.done" if done.queued else "remind.none"
    lines = [texts.say(head, number=number, count=done.queued)]
    if done.waits_until is not None:
        lines.append(texts.say("remind.waits", at=done.waits_until))
    if done.at_limit:
        lines.append(texts.say("remind.at_limit", count=done.at_limit))
    if done.out_of_reach:
        lines.append(texts.say("remind.out_of_reach", count=done.out_of_reach))
    return Reply("\n".join(lines))


@router.command("稍后", "later")
async def later(context: Context, rest: str) -> Reply:
    """`稍后 12`: three hours later."""
    return await _snooze(context, rest, until_morning=False)


@router.command("明早", "tomorrow")
async def tomorrow(context: Context, rest: str) -> Reply:
    """`明早 12`: tomorrow morning."""
    return await _snooze(context, rest, until_morning=True)


async def _snooze(context: Context, rest: str, *, until_morning: bool) -> Reply:
    number = item_number(rest)
    command = context.texts.say("snooze.tomorrow" if until_morning else "snooze.later")
    if rest.strip() and number is None:
        return context.reply("snooze.example", command=command)
    option = await the_open_item(context.tx, context.speaker.member_id, number, command=command)
    goes_at = await snooze(
        context.tx,
        context.settings,
        context.speaker.member_id,
        option,
        until_morning=until_morning,
        now=context.now,
    )
    key = "snooze.done_due" if option.due_at is not None else "snooze.done"
    return context.reply(key, number=option.item_id, at=goes_at, due=option.due_at or goes_at)
