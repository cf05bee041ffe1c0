"""`通知`, `学习`, and what becomes of the draft: `确认`, `取消`, `撤销`."""

from datetime import timedelta

from bot.inbound.router import Context, Reply, Router
from bot.rules.words import item_number, split_number
from bot.services import drafting, publishing
from bot.services.access import absent, draft_of
from bot.services.acknowledgements import acknowledged
from bot.services.drafting import Ask, Written
from bot.services.previews import full_text, preview
from bot.services.receipts import Claim, confirm
from storage.enums import ItemKind, ReceiptKind, Role, Source

router = Router()

DIALOGUE = timedelta(hours=2)
"""How long the bot waits for the answer to what it asked."""


@router.command("通知", "notice", roles=(Role.SECRETARY,))
async def notice(context: Context, rest: str) -> Reply:
    """`/通知 <title>`, field lines, body: drafts a notice."""
    return await _draft(context, drafting.read_draft(ItemKind.NOTICE, rest))


@router.command("学习", "study", roles=(Role.SECRETARY,))
async def material(context: Context, rest: str) -> Reply:
    """`/学习 <title>`, field lines, body: drafts a material."""
    return await _draft(context, drafting.read_draft(ItemKind.MATERIAL, rest))


@router.topic("draft")
async def answer(context: Context, state: str, text: str) -> Reply:
    """The answer to what was missing in a draft."""
    asked, _, written = state.partition("\n")
    return await _draft(context, Written.load(written).with_answer(asked, text))


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
            *place, topic="draft", state=f"{ask.asked}\n{written.dump()}", expires_at=context.now + DIALOGUE
        )
        return context.reply(ask.key, **ask.params)
    await context.tx.dialogues.end(*place)
    card = await preview(
        context.tx, context.settings, item, now=context.now, in_group=update.in_group, slips=written.slips
    )
    return Reply(await full_text(context.settings, item), card=card)


@router.command("确认", "confirm")
async def confirm_said(context: Context, rest: str) -> Reply:
    """`确认 12 [code]`: publishes the draft of the one who says it; from anybody else it means 收到 12."""
    number, code = split_number(rest)
    if number is None:
        draft = await context.tx.items.latest_draft(context.speaker.member_id) if not rest else None
        if draft is None:
            return context.reply("confirm.which")
        number = draft.id
    item = await context.tx.items.get(number)
    own = item is not None and (item.author_id == context.speaker.member_id) and context.speaker.may(Role.SECRETARY)
    if own and item is not None and item.published_at is None:
        return await _confirm(context, number, code.strip())
    return await _acknowledge(context, number)


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
        in_group = context.update.in_group
        card = await preview(context.tx, context.settings, item, now=context.now, in_group=in_group)
        return Reply(context.texts.say("confirm.recounted", number=number, count=item.audience_size), card=card)
    texts, window = context.texts, context.settings.publishing.undo_window
    by_hand = done.publish_at - context.now <= window
    if by_hand and window > timedelta():
        words = texts.say("confirm.done", number=number, title=item.title, count=item.audience_size, window=window)
    elif by_hand:
        words = texts.say("confirm.at_once", number=number, title=item.title, count=item.audience_size)
    else:
        at = texts.when(done.publish_at, context.now)
        words = texts.say("confirm.timed", number=number, title=item.title, count=item.audience_size, at=at)
    return Reply(words, done_label=texts.say("card.done.confirmed"))


@router.command("取消", "cancel", roles=(Role.SECRETARY,))
async def cancel_said(context: Context, rest: str) -> Reply:
    """`取消 12`: drops a draft; alone, the latest one."""
    number = item_number(rest)
    if number is None:
        draft = await context.tx.items.latest_draft(context.speaker.member_id) if not rest else None
        if draft is None:
            return context.reply("cancel.which")
        number = draft.id
    return await _cancel(context, number)


@router.click("cancel", roles=(Role.SECRETARY,))
async def cancel_pressed(context: Context, argument: str) -> Reply:
    """The preview's 取消."""
    return await _cancel(context, _number(argument))


async def _cancel(context: Context, number: int) -> Reply:
    item = await draft_of(context.tx, context.speaker, number)
    await publishing.cancel(context.tx, context.speaker, item, source=context.update.platform, now=context.now)
    words = context.texts.say("cancel.done", number=number, title=item.title)
    return Reply(words, done_label=context.texts.say("card.done.cancelled"))


@router.command("撤销", "undo", roles=(Role.SECRETARY,))
async def undo(context: Context, rest: str) -> Reply:
    """`撤销 12`: takes a confirmed item back within the undo window."""
    number = item_number(rest)
    if number is None:
        return context.reply("undo.which")
    item = await draft_of(context.tx, context.speaker, number)
    await publishing.undo(context.tx, context.speaker, item, source=context.update.platform, now=context.now)
    return context.reply("undo.done", number=number, title=item.title)


async def _acknowledge(context: Context, number: int) -> Reply:
    source = Source.GROUP if context.update.in_group else Source.CHAT
    claim = Claim(context.speaker.member_id, number, ReceiptKind.ACK, source)
    (confirmed,) = await confirm(context.tx, [claim], now=context.now)
    said = acknowledged(context.settings, confirmed, number=number, kind=ReceiptKind.ACK, now=context.now)
    return Reply(said.words)


def _number(argument: str) -> int:
    number = item_number(argument)
    if number is None:
        raise absent(0)
    return number
