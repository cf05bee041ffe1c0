"""`导出`: the deliveries of an item as a workbook, in the private chat."""

from bot.inbound.router import Context, Reply, Router
from bot.services import exports
from bot.services.access import item_to_view
from bot.services.arguments import only_number
from storage.enums import Role

router = Router()


@router.command("导出", "export", roles=(Role.SECRETARY, Role.SUPERVISOR))
async def export(context: Context, rest: str) -> Reply:
    """`导出 12`: whoever sees a part of the deliveries gets that part."""
    number = only_number(rest, "exports.example")
    item, scope = await item_to_view(context.tx, context.speaker, number)
    await exports.ask(context.tx, context.speaker, item, scope, source=context.update.platform, now=context.now)
    return context.reply("exports.in_group" if context.update.in_group else "exports.asked", number=number)
