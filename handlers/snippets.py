"""`常用语`: prepared answers, listed, kept and dropped."""

from bot.inbound.router import Context, Reply, Router
from bot.rules.text import cut_chars
from bot.rules.words import split_command
from bot.services import snippets
from storage.enums import Role

router = Router(desk=True)

KEEP = frozenset({"加", "添加", "改", "add", "keep"})
DROP = frozenset({"删", "删除", "drop", "delete"})
SHOWN_CHARS = 60


@router.command("常用语", "snippets", roles=(Role.RESPONDER,))
async def snippets_said(context: Context, rest: str) -> Reply:
    """`常用语`, `常用语 加 路灯 已报修，预计{几号}修好。`, `常用语 删 路灯`, `常用语 路灯`."""
    word, more = split_command(rest)
    if word in KEEP:
        return await _keep(context, more)
    if word in DROP:
        gone = await snippets.drop(context.tx, context.speaker, more, source=context.update.platform, now=context.now)
        return context.reply("snippets.dropped", name=gone.name)
    found = await snippets.snippets_of(context.tx, context.speaker)
    if rest.strip():
        found = [each for each in found if each.name == rest.strip().lstrip("#＃")]
        if not found:
            return context.reply("snippets.unknown", name=rest.strip())
        return context.reply("snippets.whole", name=found[0].name, text=found[0].text)
    if not found:
        return context.reply("snippets.none")
    lines = [
        context.texts.say("snippets.line", name=each.name, text=cut_chars(" ".join(each.text.split()), SHOWN_CHARS))
        for each in found
    ]
    return Reply("\n".join([context.texts.say("snippets.head"), *lines, context.texts.say("snippets.use")]))


async def _keep(context: Context, rest: str) -> Reply:
    name, _, text = rest.replace("\n", " \n", 1).strip().partition(" ")
    kept, replaced = await snippets.keep(
        context.tx, context.speaker, name=name, text=text, source=context.update.platform, now=context.now
    )
    return context.reply("snippets.replaced" if replaced else "snippets.kept", name=kept.name, text=kept.text)
