"""Which group belongs to which branch."""

from datetime import datetime

from bot.errors import UserError
from bot.rules.words import nearest
from bot.services.access import Speaker
from storage.branches import Branch
from storage.chats import Chat
from storage.enums import Role
from storage.transaction import Transaction


async def bind(tx: Transaction, who: Speaker, *, platform: str, chat_id: str, words: str, now: datetime) -> Branch:
    """Ties the group to the branch that the words name; a group that was tied elsewhere moves."""
    branch = await branch_named(tx, who, words)
    chat = await tx.chats.get(platform, chat_id)
    before = str(chat.branch_id) if chat else None
    if chat is None:
        tx.chats.add(
            Chat(platform=platform, chat_id=chat_id, branch_id=branch.id, bound_by=who.member_id, bound_at=now)
        )
    elif chat.branch_id not in who.branches(Role.SECRETARY):
        raise UserError("bind.taken")
    else:
        chat.branch_id, chat.bound_by, chat.bound_at = branch.id, who.member_id, now
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=platform,
        action="chat.bind",
        subject=f"chat:{chat_id}"[:80],
        before=before,
        after=str(branch.id),
    )
    return branch


async def branch_named(tx: Transaction, who: Speaker, words: str) -> Branch:
    """The branch of a secretary that the words name; without any, the only one that they are secretary of."""
    reach = who.branches(Role.SECRETARY)
    branches = [branch for branch in await tx.branches.all() if branch.id in reach]
    name = words.strip().strip('“”"「」')
    if not name:
        own = [branch for branch in branches if branch.id in who.granted.get(Role.SECRETARY, frozenset())]
        if len(own) != 1:
            raise UserError("bind.which", example=branches[0].name if branches else "")
        found = own
    else:
        found = [branch for branch in branches if branch.name.casefold() == name.casefold()]
    if len(found) > 1:
        raise UserError("bind.twice", branch=name)
    if not found:
        meant = nearest(name, [branch.name for branch in branches])
        if meant is not None:
            raise UserError("bind.near", word=name, meant=meant)
        raise UserError("bind.unknown", word=name, example=branches[0].name if branches else "")
    return found[0]


async def unbind(tx: Transaction, who: Speaker, *, platform: str, chat_id: str, now: datetime) -> Branch:
    """Nothing is posted to the group any more."""
    chat = await tx.chats.get(platform, chat_id)
    if chat is None or chat.branch_id not in who.branches(Role.SECRETARY):
        raise UserError("bind.not_bound")
    branch = await tx.branches.get_by_id(chat.branch_id)
    await tx.chats.remove(chat)
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=platform,
        action="chat.unbind",
        subject=f"chat:{chat_id}"[:80],
        before=str(chat.branch_id),
    )
    return branch
