"""The commands that draft an item of each kind, and what becomes of the draft: `确认`, `取消`, `撤销`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.inbound.router import Context, Handler, Reply, Router
from bot.rules.folding import normalise
from bot.rules.words import item_number, split_number, split_plan
from bot.services import attachments, drafting, publishing
from bot.services.access import absent, confirmed_of, draft_of, plan_to_manage
from bot.services.amending import correction_meant
from bot.services.asking import Ask
from bot.services.corrections import Correction, Published
from bot.services.drafting import CODE_DIGITS, Draft
from bot.services.kinds import KINDS, Kind
from bot.services.previews import Preview, preview, settled
from bot.services.rescheduling import cancel_plan
from bot.services.roads import BOT
from bot.services.written import Written
from bot.update import UpdateKind
from handlers import corrections
from handlers.approvals import asked_words
from handlers.receipts import say_received
from storage.enums import Role

router = Router()

DIALOGUE = timedelta(hours=2)
"""How long the bot waits for the answer to what it asked, and a bare 确认 means the draft."""
IN_THE_MORNING = ("明早", "明天早上", "tomorrow", "morning")


def _drafting(kind: Kind) -> Handler:
    async def drafts(context: Context, rest: str) -> Reply | None:
        """`/通知 <title>`, field lines, body."""
        if kind.is_answer(rest):
            for command in context.commands.all:
                if kind.words[0] in command.words and not command.roles:
                    return await command.handler(context, rest)
        return await _draft(context, drafting.written_for(kind, rest))

    return drafts


for _kind in KINDS.values():
    router.command(*_kind.words, roles=(Role.SECRETARY,), help_key=_kind.help_key)(_drafting(_kind))


@router.topic("draft")
async def answer(context: Context, state: str, text: str) -> Reply:
    """The answer to what was missing in a draft."""
    asked, _, written = state.partition("\n")
    draft = Written.load(written)
    names = drafting.names_of(KINDS[draft.kind])
    return await _draft(context, draft.with_answer(asked, text, context.texts.zone, names))


async def _draft(context: Context, written: Written) -> Reply:
    update = context.update
    place = (update.platform, update.user_id.casefold(), update.chat_id)
    if not context.speaker.may(Role.SECRETARY):
        await context.tx.dialogues.end(*place)
        return context.reply("command.unknown", word=context.texts.say("word.notice"))
    try:
        item = await drafting.draft(context.tx, context.settings, context.speaker, written, now=context.now)
    except Ask as ask:
        await context.tx.dialogues.put(
            *place,
            topic="draft",
            state=f"{ask.asked}\n{replace(written, choices=ask.choices).dump()}",
            expires_at=context.now + DIALOGUE,
        )
        return context.reply(ask.key, **ask.params)
    await attachments.claim(
        context.tx, context.speaker, item, chat_id=update.chat_id, source=update.platform, now=context.now
    )
    await context.tx.dialogues.end(*place)
    seen = await _preview(context, item, written.slips)
    return Reply(seen.words, card=seen.card, private=_alone(context, seen))


async def _preview(context: Context, item: Draft, slips: Sequence[tuple[str, str]] = ()) -> Preview:
    update = context.update
    return await preview(
        context.tx,
        context.settings,
        item,
        now=context.now,
        platform=update.platform,
        in_group=update.in_group,
        slips=slips,
    )


def _alone(context: Context, seen: Preview) -> Reply | None:
    """The names of a preview that a group reads along."""
    return Reply(seen.private) if context.update.in_group and seen.private else None


@router.command("确认", "confirm", roles=(Role.SECRETARY,))
async def confirm_said(context: Context, rest: str) -> Reply:
    """`确认 12 [code] [明早]`: publishes the draft of the one who says it; from anybody else it means 收到 12.

    Without a number: the one draft of the last two hours, or the one open item.
    """
    number, code = _number_and_code(rest)
    if number is None and rest:
        return context.reply("confirm.which")
    found = await publishing.drafts_meant(context.tx, context.speaker, number, since=context.now - DIALOGUE)
    if len(found) > 1:
        return context.reply("confirm.which")
    if number is not None and (meant := await _correction(context, number)):
        return await corrections.confirm_said(context, *meant, rest)
    if not found or found[0].published_at is not None:
        return await say_received(context, number, absent="confirm.already" if found else "item.absent")
    in_the_morning = any(word in rest for word in IN_THE_MORNING)
    return await _confirm(context, found[0].id, code, in_the_morning=in_the_morning)


def _number_and_code(rest: str) -> tuple[int | None, str]:
    """`12`, `12 3456`, `12，3456`, `12 3456 明早`; four digits are a code only behind a number."""
    numbers = re.findall(r"[0-9]+", normalise(rest))
    if len(numbers) == 2 and len(numbers[1]) == CODE_DIGITS:
        return item_number(numbers[0]), numbers[1]
    number, more = split_number(rest)
    return number, more if more.isdecimal() else ""


@router.click("confirm", roles=(Role.SECRETARY,))
async def confirm_pressed(context: Context, argument: str) -> Reply:
    """The preview's 发送."""
    return await _confirm(context, _number(argument), "")


@router.click("morning", roles=(Role.SECRETARY,))
async def morning_pressed(context: Context, argument: str) -> Reply:
    """The preview's 明早发."""
    return await _confirm(context, _number(argument), "", in_the_morning=True)


async def _confirm(context: Context, number: int, code: str, *, in_the_morning: bool = False) -> Reply:
    item = await draft_of(context.tx, context.speaker, number)
    done = await publishing.confirm(
        context.tx,
        context.settings,
        context.speaker,
        item,
        code=code,
        source=context.update.platform,
        now=context.now,
        in_the_morning=in_the_morning,
    )
    if done.recounted:
        seen = await _preview(context, item)
        words = context.texts.say("confirm.recounted", number=number, count=item.audience_size)
        before = "\n".join(part for part in (words, seen.words) if part)
        return Reply(before, card=seen.card, private=_alone(context, seen))
    if done.asked is not None:
        return await _settled(context, item, asked_words(context, number, done.asked), "card.done.asked", "confirm")
    texts, window = context.texts, context.settings.publishing.undo_window
    by_hand = done.publish_at - context.now <= window
    if by_hand and window > timedelta():
        words = texts.say("confirm.done", number=number, title=item.title, count=item.audience_size, window=window)
    elif by_hand:
        words = texts.say("confirm.at_once", number=number, title=item.title, count=item.audience_size)
    else:
        at = texts.when(done.publish_at, context.now)
        params = {"number": number, "title": item.title, "count": item.audience_size, "at": at, "plan": done.plan}
        words = texts.say("confirm.timed" if done.plan is None else "plan.confirmed", **params)
    return await _settled(context, item, words, "card.done.confirmed", "confirm")


async def _settled(context: Context, item: Draft, words: str, key: str, action: str) -> Reply:
    """The answer, and the pressed preview: a button goes grey, or the bot's card keeps one that says what was done."""
    label, update = context.texts.say(key), context.update
    if update.kind is not UpdateKind.CLICK or update.platform != BOT:
        return Reply(words, done_label=label)
    seen = await _preview(context, item)
    return Reply(words, done_label=label, changed=settled(seen.card, label, f"{action}:{item.id}"))


@router.command("取消", "cancel", roles=(Role.SECRETARY,))
async def cancel_said(context: Context, rest: str) -> Reply:
    """`取消 12`: drops a draft or what is to go later; alone, the latest draft. `取消 P3`: ends a plan."""
    plan, more = split_plan(rest)
    if plan is not None and not more:
        return await _cancel_plan(context, plan)
    number = item_number(rest)
    if number is None and not rest:
        drafts = await publishing.drafts_meant(context.tx, context.speaker, None, since=context.now - DIALOGUE)
        number = drafts[0].id if drafts else None
    if number is None:
        return context.reply("cancel.which")
    if meant := await _correction(context, number):
        return await corrections.cancel(context, *meant)
    return await _cancel(context, number)


@router.click("cancel", roles=(Role.SECRETARY,))
async def cancel_pressed(context: Context, argument: str) -> Reply:
    """The preview's 取消."""
    return await _cancel(context, _number(argument))


async def _cancel(context: Context, number: int) -> Reply:
    item = await draft_of(context.tx, context.speaker, number)
    texts, now = context.texts, context.now
    done = await publishing.cancel(
        context.tx, context.settings, context.speaker, item, source=context.update.platform, now=now
    )
    words = texts.say("cancel.done", number=number, title=item.title)
    if done.plan is not None and done.following is not None and done.following.publish_at is not None:
        at = texts.when(done.following.publish_at, now)
        words += "\n" + texts.say("plan.goes_on", plan=done.plan.id, at=at, number=done.following.id)
    elif done.plan is not None:
        words += "\n" + texts.say("plan.is_over", number=done.plan.id)
    return await _settled(context, item, words, "card.done.cancelled", "cancel")


async def _cancel_plan(context: Context, number: int) -> Reply:
    plan = await plan_to_manage(context.tx, context.speaker, number)
    item = await cancel_plan(context.tx, context.speaker, plan, source=context.update.platform, now=context.now)
    return context.reply("plan.cancelled", plan=number, title=item.title, sent=plan.sent)


@router.command("撤销", "undo", roles=(Role.SECRETARY,))
async def undo(context: Context, rest: str) -> Reply:
    """`撤销 12`: takes a confirmed item back within the undo window."""
    number = item_number(rest)
    if number is None:
        return context.reply("undo.which")
    if meant := await _correction(context, number):
        return await corrections.undo(context, *meant)
    item = await confirmed_of(context.tx, context.speaker, number)
    source = context.update.platform
    await publishing.undo(context.tx, context.settings, context.speaker, item, source=source, now=context.now)
    key = "undo.done" if item.author_id == context.speaker.member_id else "undo.done.others"
    return context.reply(key, number=number, title=item.title)


async def _correction(context: Context, number: int) -> tuple[Published, Correction] | None:
    """The correction of that item that the speaker has written and that is not out yet."""
    item = await context.tx.items.get(number)
    version = await correction_meant(context.tx, context.speaker, item)
    return (item, version) if item is not None and version is not None else None


def _number(argument: str) -> int:
    number = item_number(argument)
    if number is None:
        raise absent(0)
    return number
