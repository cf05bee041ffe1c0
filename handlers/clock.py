"""`时间没错`: an administrator confirms the machine's clock after it jumped."""

from bot.inbound.router import Context, Reply, Router
from bot.services.clock import confirm_clock
from storage.enums import Role

router = Router()


@router.command("时间没错", "clock", roles=(Role.SECRETARY,), only_administrators=True)
async def clock(context: Context, rest: str) -> Reply:
    """For administrators; to others it does not exist."""
    await confirm_clock(context.tx, context.speaker, source=context.update.platform, now=context.now)
    return context.reply("clock.confirmed", at=context.now)
