"""`绑定答复群` and `解绑答复群`, in a group of responders."""

from bot.inbound.router import Context, Reply, Router
from bot.services import desk_groups
from storage.enums import Role

router = Router(desk=True)


@router.command("绑定答复群", "binddesk", roles=(Role.SECRETARY,), only_in_group=True)
async def bind(context: Context, rest: str) -> Reply:
    """`绑定答复群 第一支部`: new questions of the branch are shown here from now on."""
    update = context.update
    branch = await desk_groups.bind(
        context.tx, context.speaker, platform=update.platform, chat_id=update.chat_id, words=rest, now=context.now
    )
    return context.reply("desk_groups.bound", branch=branch.name)


@router.command("解绑答复群", "unbinddesk", roles=(Role.SECRETARY,), only_in_group=True)
async def unbind(context: Context, rest: str) -> Reply:
    """`解绑答复群`: no question is shown here any more."""
    update = context.update
    branch = await desk_groups.unbind(
        context.tx, context.speaker, platform=update.platform, chat_id=update.chat_id, now=context.now
    )
    return context.reply("desk_groups.unbound", branch=branch.name)
