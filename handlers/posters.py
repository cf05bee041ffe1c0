"""`二维码`: the poster that residents scan to ask a branch."""

from bot.inbound.router import Context, Reply, Router
from bot.services import posters
from handlers.questions import said
from storage.enums import Role

router = Router(desk=True)


@router.command("二维码", "poster", roles=(Role.SECRETARY, Role.RESPONDER))
async def poster(context: Context, rest: str) -> Reply:
    """`二维码`, `二维码 第一支部`: the picture comes a moment later, in private."""
    branch = await posters.ask(
        context.tx, context.settings, context.speaker, rest, source=context.update.platform, now=context.now
    )
    return await said(context, context.texts.say("posters.coming", branch=branch.name))
