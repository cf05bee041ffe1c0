"""What one person said, brought to the handler that it is for."""

from bot.errors import UserError
from bot.inbound.router import Commands, Context, Reply
from bot.rules.words import has_slash, is_acknowledgement, nearest, split_command
from bot.update import UpdateKind

CANCEL = frozenset({"取消", "cancel"})


async def converse(context: Context) -> Reply | None:
    """The answer to an update of a member. Raises UserError for what cannot be done."""
    update, commands = context.update, context.commands
    if update.kind is UpdateKind.TEXT:
        return await _hear(context, commands, update.text)
    if update.kind is UpdateKind.CLICK:
        return await _press(context, commands, update.action)
    if update.kind is UpdateKind.ENTER:
        return await _first(context, commands.arrivals, "")
    if update.kind is UpdateKind.MEDIA:
        return context.reply("media.not_yet")
    return None


async def _hear(context: Context, commands: Commands, text: str) -> Reply | None:
    update, tx = context.update, context.tx
    word, rest = split_command(text)
    if not word:
        return context.reply("command.empty")
    place = (update.platform, update.user_id.casefold(), update.chat_id)
    asked = await tx.dialogues.get(*place, context.now)
    if asked is not None and word in CANCEL and not rest:
        await tx.dialogues.end(*place)
        return context.reply("dialogue.cancelled")
    command = None if is_acknowledgement(text) and word.isdecimal() else commands.find(word, context.speaker)
    if command is not None and not (asked is not None and _is_plain_answer(text, word, rest)):
        if command.only_in_group and not update.in_group:
            raise UserError("command.only_in_group", command=command.words[0])
        return await command.handler(context, rest)
    if asked is not None and not has_slash(text):
        topic, state = asked
        return await commands.topics[topic](context, state, text)
    if has_slash(text) or _is_slip(context, word, text):
        known = [name for allowed in commands.of(context.speaker) for name in allowed.words]
        meant = nearest(word, known)
        return (
            context.reply("command.near", word=word, meant=meant)
            if meant
            else context.reply("command.unknown", word=word)
        )
    return await _first(context, commands.texts, text)


def _is_plain_answer(text: str, word: str, rest: str) -> bool:
    """Inside a dialogue a bare `收到` or `1` may be an answer; a word with arguments is a command."""
    return not rest and not has_slash(text) and is_acknowledgement(text)


def _is_slip(context: Context, word: str, text: str) -> bool:
    """A short text that begins with almost a command: `进渡 12`, `收道`."""
    if len(text.strip()) > 16 or "\n" in text.strip():
        return False
    known = [name for command in context.commands.of(context.speaker) for name in command.words if not name.isascii()]
    return nearest(word, known) is not None


async def _press(context: Context, commands: Commands, action: str) -> Reply | None:
    name, _, argument = action.partition(":")
    found = commands.clicks.get(name)
    if found is None or (found[0] and not context.speaker.may(*found[0])):
        return context.reply("card.unknown")
    return await found[1](context, argument)


async def _first(context: Context, handlers: list, text: str) -> Reply | None:  # type: ignore[type-arg]
    for handler in handlers:
        reply: Reply | None = await handler(context, text)
        if reply is not None:
            return reply
    return None
