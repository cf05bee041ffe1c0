"""`撤回`: takes an item back and says honestly what could not be."""

from bot.inbound.router import Context, Reply, Router
from bot.services.access import item_to_manage
from bot.services.arguments import only_number
from bot.services.summaries import titled
from bot.services.withdrawing import withdraw
from storage.enums import Role

router = Router()


@router.command("撤回", "withdraw", roles=(Role.SECRETARY,))
async def withdraw_said(context: Context, rest: str) -> Reply:
    """`撤回 12`. The number is never guessed: this cannot be undone."""
    number = only_number(rest, "withdrawing.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    done = await withdraw(
        context.tx,
        context.settings,
        item,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    texts, title = context.texts, titled(context.texts, item)
    if done.unsent:
        return context.reply("withdrawing.unsent", title=title)
    lines = [texts.say("withdrawing.done", title=title), texts.say("withdrawing.seen", n=done.seen)]
    for key in ("recalling", "kept", "dropped", "groups"):
        n = getattr(done, key)
        if n:
            lines.append(texts.say(f"withdrawing.{key}", n=n, number=number))
    if done.recalling or done.kept:
        lines.append(texts.say("withdrawing.all_told"))
    return Reply("\n".join(lines))
