"""Pictures and files that a secretary sends, before or after the command that they go with; `不附`."""

import re

from bot.inbound.router import Context, Reply, Router
from bot.rules.folding import normalise
from bot.rules.words import split_number
from bot.services import attachments
from bot.services.access import draft_of
from storage.enums import Role

router = Router()


@router.media
async def received(context: Context, text: str) -> Reply | None:
    """A picture, file, voice or video; `text` are the words that came with it, "" for none."""
    update = context.update
    if not context.speaker.may(Role.SECRETARY):
        return None if text else context.reply("media.words_only")
    if not update.files:
        return context.reply("media.link" if update.media == "link" else "media.words_only")
    kind = update.files[0].kind
    done = await attachments.receive(
        context.tx,
        context.speaker,
        [file.dump() for file in update.files],
        platform=update.platform,
        chat_id=update.chat_id,
        with_words=bool(text),
        now=context.now,
    )
    what = context.texts.say(f"media.kind.{kind}")
    if done.item is None:
        return context.reply("attachments.waits", what=what, within=attachments.AHEAD)
    key = "attachments.added" if done.total == 1 else "attachments.added_to"
    return context.reply(key, what=what, number=done.item.id, total=done.total)


@router.command("不附", "detach", roles=(Role.SECRETARY,))
async def take_off(context: Context, rest: str) -> Reply:
    """`不附 12`, `不附 12 2`; alone, what was sent for the next draft."""
    number, more = split_number(normalise(rest))
    position = re.fullmatch(r"第?([0-9]{1,2})个?", more.strip())
    if (rest.strip() and number is None) or (more.strip() and position is None):
        return context.reply("attachments.example")
    item = await draft_of(context.tx, context.speaker, number) if number is not None else None
    gone = await attachments.take_off(
        context.tx,
        context.speaker,
        item,
        int(position[1]) if position is not None else None,
        chat_id=context.update.chat_id,
        source=context.update.platform,
        now=context.now,
    )
    if item is None:
        return context.reply("attachments.let_go", count=gone)
    key = "attachments.off" if item.attached else "attachments.all_off"
    return context.reply(key, number=item.id, count=gone, left=item.attached)
