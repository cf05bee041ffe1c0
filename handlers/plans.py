"""What is to come: `计划`, `改期`, `跳过`; `取消 P3` stands beside the other 取消 in `items`."""

from bot.inbound.router import Context, Reply, Router
from bot.rules.words import split_number, split_plan
from bot.services import rescheduling
from bot.services.access import draft_of, plan_to_manage
from bot.services.agenda import agenda, in_words, shifts_of, times_of
from bot.services.repeats import rule_of
from bot.services.summaries import titled
from storage.enums import Role

router = Router()


@router.command("计划", "plans", roles=(Role.SECRETARY,))
async def plans(context: Context, rest: str) -> Reply:
    """What goes at a chosen time, and what comes again; the next first."""
    texts = context.texts
    entries, more = await agenda(context.tx, context.speaker)
    if not entries:
        return context.reply("plan.none")
    lines = [texts.say("plan.list")]
    for entry in entries:
        at = texts.when(entry.item.publish_at or context.now, context.now)
        title = titled(texts, entry.item)
        if entry.plan is None:
            lines.append(texts.say("plan.entry.item", at=at, title=title, number=entry.item.id))
        else:
            rule = in_words(texts, rule_of(entry.plan), context.now)
            lines.append(texts.say("plan.entry.plan", at=at, title=title, plan=entry.plan.id, rule=rule))
    lines += [texts.say("plan.more")] if more else []
    return Reply(texts.say("plan.in_group"), private=Reply("\n".join(lines)))


@router.command("改期", "reschedule", roles=(Role.SECRETARY,))
async def reschedule(context: Context, rest: str) -> Reply:
    """`改期 12 明天 9:00`, `改期 P3 明天 9:00`, `改期 P3 每周二 9:00`."""
    number, words = split_plan(rest)
    if number is not None and words:
        return await _reschedule_plan(context, number, words)
    number, words = split_number(rest)
    if number is None or not words:
        return context.reply("reschedule.example")
    item = await draft_of(context.tx, context.speaker, number)
    moved = await rescheduling.move_item(
        context.tx, context.settings, context.speaker, item, words, source=context.update.platform, now=context.now
    )
    return _moved(context, number, moved)


async def _reschedule_plan(context: Context, number: int, words: str) -> Reply:
    texts, now = context.texts, context.now
    plan = await plan_to_manage(context.tx, context.speaker, number)
    moved = await rescheduling.move_plan(
        context.tx, context.settings, context.speaker, plan, words, source=context.update.platform, now=now
    )
    if isinstance(moved, rescheduling.Moved):
        return _moved(context, plan.item_id, moved)
    rule = in_words(texts, rule_of(plan), now)
    lines = [texts.say("reschedule.rule", plan=number, rule=rule, days=times_of(texts, moved, now))]
    return Reply("\n".join([*lines, *shifts_of(texts, moved, now)]))


def _moved(context: Context, number: int, moved: rescheduling.Moved) -> Reply:
    at = context.texts.when(moved.goes_at, context.now)
    if moved.plan is None:
        return context.reply("reschedule.done", number=number, at=at)
    return context.reply("reschedule.one", plan=moved.plan.id, number=number, at=at)


@router.command("跳过", "skip", roles=(Role.SECRETARY,))
async def skip(context: Context, rest: str) -> Reply:
    """`跳过 P3`: leaves out the next occurrence."""
    number, more = split_plan(rest)
    if number is None or more:
        return context.reply("plan.which_skip")
    plan = await plan_to_manage(context.tx, context.speaker, number)
    left_out, following = await rescheduling.skip(
        context.tx, context.settings, context.speaker, plan, source=context.update.platform, now=context.now
    )
    texts, now = context.texts, context.now
    if following is None or following.publish_at is None:
        return context.reply("plan.skipped_last", plan=number, at=texts.when(left_out, now))
    at = texts.when(following.publish_at, now)
    return context.reply("plan.skipped", plan=number, at=texts.when(left_out, now), next=at, number=following.id)
