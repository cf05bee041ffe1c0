"""`帮助`: what this person may do, each with an example."""

from bot.inbound.router import Command, Context, Reply, Router
from bot.rules.words import nearest, split_command

router = Router()


@router.command("帮助", "help", light=True)
async def help_said(context: Context, rest: str) -> Reply:
    """`帮助` lists, `帮助 通知` explains. What one may not use is answered like what does not exist."""
    if rest.strip():
        return _one(context, split_command(rest)[0] or rest.strip())
    texts, allowed = context.texts, context.commands.of(context.speaker)
    lines = [texts.say("help.member"), *_lines(context, [command for command in allowed if not command.roles])]
    for key, desk in (("help.branch", False), ("help.desk", True)):
        if work := [command for command in allowed if command.roles and command.desk is desk]:
            lines += ["", texts.say(key), *_lines(context, work)]
    return Reply("\n".join([*lines, "", texts.say("help.more")]))


def _one(context: Context, word: str) -> Reply:
    found = context.commands.named(word, context.speaker)
    if not found and (other := context.commands.find(word, context.speaker)) is not None:
        found = [other]
    if meanings := dict.fromkeys(command.help for command in found):
        return Reply("\n\n".join(context.texts.say(f"{key}.long") for key in meanings))
    known = [name for allowed in context.commands.of(context.speaker) for name in allowed.words]
    meant = nearest(word, known)
    if meant is not None:
        return context.reply("command.near", word=word, meant=meant)
    return context.reply("command.unknown", word=word)


def _lines(context: Context, commands: list[Command]) -> list[str]:
    return [context.texts.say(command.help) for command in commands]
