"""What one person said, brought to the handler that it is for."""

from collections.abc import Sequence

from bot.errors import UserError
from bot.inbound.router import Command, Commands, Context, Handler, Reply
from bot.rules.words import has_slash, is_acknowledgement, item_number, nearest, normalise, split_command, split_number
from bot.update import UpdateKind

CANCEL = frozenset({"取消", "算了", "不发了", "不用了", "cancel"})
MAY_ANSWER = frozenset({"确认", "收到", "confirm", "ack"})
MAY_BE_TIMES = frozenset({"明早", "稍后", "tomorrow", "later"})
"""Command words that may also be answers to what the bot has asked: “要求” can be 确认, “截止” can be 明早9点."""
SHORT = 16
"""Characters of a text that may be a mistyped command; longer ones are sentences."""


async def converse(context: Context) -> Reply | None:
    """The answer to an update of a member. Raises UserError for what cannot be done."""
    update, commands = context.update, context.commands
    if update.kind is UpdateKind.TEXT:
        if update.files:
            await _first(context, commands.media, update.text)
        return await _hear(context, commands, update.text)
    if update.kind is UpdateKind.CLICK:
        return await _press(context, commands, update.action)
    if update.kind is UpdateKind.ENTER:
        return await _first(context, commands.arrivals, "")
    if update.kind is UpdateKind.MEDIA:
        return await _first(context, commands.media, "")
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
    command = None if is_acknowledgement(text) and word.isdecimal() else commands.find(word, context.speaker, rest)
    if command is None:
        command, rest = _without_a_space(context, word, text) or (None, rest)
    if command is not None and not (asked is not None and _may_be_an_answer(text, word, rest)):
        if command.only_in_group and not update.in_group:
            raise UserError("command.only_in_group", command=command.words[0])
        return await command.handler(context, rest)
    if asked is not None and not has_slash(text):
        topic, state = asked
        return await commands.topics[topic](context, state, text)
    return _not_known(context, word, rest, text) or await _first(context, commands.texts, text)


def _may_be_an_answer(text: str, word: str, rest: str) -> bool:
    """Inside a dialogue `确认` or `明早9点` is an answer; with a number behind it, or a slash, it is a command."""
    if has_slash(text):
        return False
    if normalise(text).strip().startswith(f"{word}:") and item_number(rest) is None:
        return True  # a field line: `结束：17:00`
    if word in MAY_BE_TIMES:
        return item_number(rest) is None
    return (word in MAY_ANSWER and split_number(rest)[0] is None) or (not rest and is_acknowledgement(text))


def _without_a_space(context: Context, word: str, text: str) -> tuple[Command, str] | None:
    """`/通知周五开会`, and in a group, where the bot was named, `通知周五开会`; anywhere `帮助通知`."""
    command = _beginning(context, word)
    if command is None:
        return None
    _, found, rest = text.partition(command.words[0])
    meant = has_slash(text) or context.update.in_group or context.commands.find(rest.strip(), context.speaker)
    return (command, rest.strip()) if found and meant else None


def _beginning(context: Context, word: str) -> Command | None:
    """The command with the longest Chinese name that the word begins with."""
    allowed = [command for command in context.commands.of(context.speaker) if word.startswith(command.words[0])]
    return max(allowed, key=lambda command: len(command.words[0]), default=None)


def _not_known(context: Context, word: str, rest: str, text: str) -> Reply | None:
    """What to say to something that was meant as a command and is none; None when it was not meant so."""
    allowed = context.commands.of(context.speaker)
    if has_slash(text):
        meant = nearest(word, [name for command in allowed for name in command.words])
        if meant is None:
            return context.reply("command.unknown", word=word)
        return context.reply("command.near", word=word, meant=meant)
    written = text.strip()
    if len(written) > SHORT and "\n" not in written:
        return None
    begun = _beginning(context, word)
    if begun is not None and begun.roles:
        return context.reply("command.space", command=begun.words[0])
    if len(written) > SHORT:
        return None
    # A member's words go to the author of what they got last, so only what looks like a command in full is none.
    numbered = not rest or item_number(rest) is not None
    known = [
        name
        for command in allowed
        for name in command.words
        if not name.isascii() and not word.startswith(name) and (command.roles or numbered)
    ]
    meant = nearest(word, known)
    return context.reply("command.near", word=word, meant=meant) if meant else None


async def _press(context: Context, commands: Commands, action: str) -> Reply | None:
    name, _, argument = action.partition(":")
    found = commands.clicks.get(name)
    if found is None or (found[0] and not context.speaker.may(*found[0])):
        return context.reply("card.unknown")
    return await found[1](context, argument)


async def _first(context: Context, handlers: Sequence[Handler], text: str) -> Reply | None:
    for handler in handlers:
        reply = await handler(context, text)
        if reply is not None:
            return reply
    return None
