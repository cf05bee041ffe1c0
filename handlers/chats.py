"""`绑定` and `解绑`, in a group."""

from bot.inbound.router import Context, Reply, Router
from bot.services import chats
from storage.enums import Role

router = Router()


@router.command("绑定", "bind", roles=(Role.SECRETARY,), only_in_group=True)
async def bind(context: Context, rest: str) -> Reply:
    """`绑定 第一支部`: notices of the branch are posted here from now on."""
    update = context.update
    branch = await chats.bind(
        context.tx, context.speaker, platform=update.platform, chat_id=update.chat_id, words=rest, now=context.now
    )
    return context.reply("bind.done", branch=branch.name)


@router.command("解绑", "unbind", roles=(Role.SECRETARY,), only_in_group=True)
async def unbind(context: Context, rest: str) -> Reply:
    """`解绑`: nothing is posted here any more."""
    update = context.update
    branch = await chats.unbind(
        context.tx, context.speaker, platform=update.platform, chat_id=update.chat_id, now=context.now
    )
    return context.reply("bind.undone", branch=branch.name)
