"""`更正`: a new version of an item that is out, and what becomes of it: 小修, 重要, 取消."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.inbound.router import Context, Reply, Router
from bot.rules.folding import normalise
from bot.rules.words import item_number
from bot.services import amending, corrections
from bot.services.access import item_to_manage
from bot.services.asking import Ask
from bot.services.corrections import Correction, Published
from bot.services.differences import Words, differences
from bot.services.drafting import CODE_DIGITS, names_of
from bot.services.kinds import KINDS
from bot.services.previews import settled
from bot.services.roads import BOT
from bot.services.written import Written
from bot.update import UpdateKind
from handlers.approvals import asked_words
from storage.enums import Role

router = Router()

DIALOGUE = timedelta(hours=2)
"""How long the bot waits for the answer to what it asked."""
MINOR = frozenset({"小修", "小改", "minor"})
MAJOR = frozenset({"重要", "重要更正", "major"})


@router.command("更正", "correct", roles=(Role.SECRETARY,))
async def correct(context: Context, rest: str) -> Reply:
    """`更正 12` with a new title, field lines, a new body; what is not mentioned stays. Alone: asks what changes."""
    number, more = corrections.split_item(rest)
    if number is None:
        return context.reply("correction.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    corrections.correctable(item)
    if not more.strip():
        await _ask(context, f"what\n{number}\n")
        return context.reply("correction.what", number=number, title=item.title)
    return await _write(context, item, corrections.read_correction(KINDS[item.kind].name, more))


@router.topic("correction")
async def answer(context: Context, state: str, text: str) -> Reply:
    """What is to change, or the answer to what was unclear about it."""
    asked, number, written = state.split("\n", 2)
    item = await item_to_manage(context.tx, context.speaker, int(number))
    if asked == "what":
        return await _write(context, item, corrections.read_words(KINDS[item.kind].name, text))
    names = names_of(KINDS[item.kind])
    return await _write(context, item, Written.load(written).with_answer(asked, text, context.texts.zone, names))


async def _write(context: Context, item: Published, written: Written) -> Reply:
    try:
        version = await corrections.write(
            context.tx,
            context.settings,
            context.speaker.member_id,
            item,
            written,
            source=context.update.platform,
            now=context.now,
        )
    except Ask as ask:
        await _ask(context, f"{ask.asked}\n{item.id}\n{replace(written, choices=ask.choices).dump()}")
        return context.reply(ask.key, **ask.params)
    await _end(context)
    seen = await corrections.preview(context.tx, context.settings, item, version, now=context.now)
    return Reply(seen.words, card=seen.card)


async def _ask(context: Context, state: str) -> None:
    update = context.update
    place = (update.platform, update.user_id.casefold(), update.chat_id)
    await context.tx.dialogues.put(*place, topic="correction", state=state, expires_at=context.now + DIALOGUE)


async def _end(context: Context) -> None:
    update = context.update
    await context.tx.dialogues.end(update.platform, update.user_id.casefold(), update.chat_id)


@router.click("minor", roles=(Role.SECRETARY,))
async def minor_pressed(context: Context, argument: str) -> Reply:
    """The preview's 小修."""
    return await _confirm(context, *await _pressed(context, argument), major=False, code="")


@router.click("major", roles=(Role.SECRETARY,))
async def major_pressed(context: Context, argument: str) -> Reply:
    """The preview's 重要."""
    return await _confirm(context, *await _pressed(context, argument), major=True, code="")


@router.click("uncorrect", roles=(Role.SECRETARY,))
async def cancel_pressed(context: Context, argument: str) -> Reply:
    """The preview's 取消."""
    return await cancel(context, *await _pressed(context, argument))


async def _pressed(context: Context, argument: str) -> tuple[Published, Correction]:
    """The correction whose preview was pressed. An old preview decides nothing about a later correction."""
    written, _, version_written = argument.partition(":")
    number, version_number = item_number(written), item_number(version_written)
    item = await context.tx.items.get(number or 0)
    version = await amending.correction_meant(context.tx, context.speaker, item)
    if item is None or version is None or version.number != version_number:
        raise corrections.gone(await item_to_manage(context.tx, context.speaker, number or 0))
    return item, version


async def confirm_said(context: Context, item: Published, version: Correction, rest: str) -> Reply:
    """`确认 12 小修 [code]`, `确认 12 重要 [code]`; without one of them it is asked which."""
    words = set(re.findall(r"[^\W\d_]+", normalise(rest).lower()))
    codes = [found for found in re.findall(r"[0-9]+", normalise(rest))[1:] if len(found) == CODE_DIGITS]
    if bool(words & MINOR) == bool(words & MAJOR):
        return context.reply("correction.which", number=item.id)
    return await _confirm(context, item, version, major=bool(words & MAJOR), code=codes[0] if codes else "")


async def _confirm(context: Context, item: Published, version: Correction, *, major: bool, code: str) -> Reply:
    done = await amending.confirm(
        context.tx,
        context.settings,
        context.speaker,
        item,
        version,
        major=major,
        code=code,
        source=context.update.platform,
        now=context.now,
    )
    if done.asked is not None:
        label = "card.done.asked"
        return await _settled(context, item, version, asked_words(context, item.id, done.asked), label)
    texts, window = context.texts, context.settings.publishing.undo_window
    key = "correction.confirmed" if window > timedelta() else "correction.confirmed.at_once"
    again = texts.say("correction.asks_again" if major else "correction.asks_nobody")
    words = texts.say(key, number=item.id, count=done.readers, window=window, again=again)
    return await _settled(context, item, version, words, f"correction.label.{'major' if major else 'minor'}")


async def cancel(context: Context, item: Published, version: Correction) -> Reply:
    """The correction is given up, the item stays as it is."""
    source = context.update.platform
    seen = await _settled(
        context, item, version, context.texts.say("correction.cancelled", number=item.id), "card.done.cancelled"
    )
    await amending.cancel(context.tx, context.settings, context.speaker, item, version, source=source, now=context.now)
    return seen


async def undo(context: Context, item: Published, version: Correction) -> Reply:
    """`撤销 12` within the correction's undo window."""
    source = context.update.platform
    await amending.undo(context.tx, context.settings, context.speaker, item, version, source=source, now=context.now)
    lines = differences(context.texts, Words.of(item), Words.of(version), context.now)
    return context.reply("correction.undone", number=item.id, lines="\n".join(lines))


async def _settled(context: Context, item: Published, version: Correction, words: str, key: str) -> Reply:
    """The answer, and the pressed preview: a button goes grey, or the bot's card keeps one that says what was done."""
    label, update = context.texts.say(key), context.update
    if update.kind is not UpdateKind.CLICK or update.platform != BOT:
        return Reply(words, done_label=label)
    seen = await corrections.preview(context.tx, context.settings, item, version, now=context.now)
    return Reply(words, done_label=label, changed=settled(seen.card, label, update.action))
