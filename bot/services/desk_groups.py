"""The groups in which responders see new questions."""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import UserError
from bot.services.access import Speaker
from bot.services.chats import branch_named
from storage.branches import Branch
from storage.enums import Role
from storage.responder_chats import ResponderChat
from storage.transaction import Transaction


async def bind(tx: Transaction, who: Speaker, *, platform: str, chat_id: str, words: str, now: datetime) -> Branch:
    """From now on new questions of the branch that the words name are shown in this group."""
    branch = await branch_named(tx, who, words)
    chat = await tx.responder_chats.get(platform, chat_id)
    before = str(chat.branch_id) if chat else None
    if chat is None:
        chat = ResponderChat(platform=platform, chat_id=chat_id)
        tx.responder_chats.add(chat)
    elif chat.branch_id not in who.branches(Role.SECRETARY):
        raise UserError("bind.taken")
    chat.branch_id, chat.bound_by, chat.bound_at = branch.id, who.member_id, now
    _audit(tx, who, platform, chat_id, "desk_group.bind", before, str(branch.id), now)
    return branch


async def unbind(tx: Transaction, who: Speaker, *, platform: str, chat_id: str, now: datetime) -> Branch:
    """No question is shown in this group any more."""
    chat = await tx.responder_chats.get(platform, chat_id)
    if chat is None or chat.branch_id not in who.branches(Role.SECRETARY):
        raise UserError("desk_groups.not_bound")
    branch = await tx.branches.get_by_id(chat.branch_id)
    await tx.responder_chats.remove(chat)
    _audit(tx, who, platform, chat_id, "desk_group.unbind", str(branch.id), None, now)
    return branch


async def is_desk(tx: Transaction, platform: str, chat_id: str) -> bool:
    """Whether this group is one of responders."""
    return await tx.responder_chats.get(platform, chat_id) is not None


async def groups_for(tx: Transaction, branch_id: int | None) -> Sequence[ResponderChat]:
    """Where a question of this branch is shown: in the groups of the nearest branch, itself or above, that has some."""
    chats = await tx.responder_chats.all()
    if branch_id is None or not chats:
        return chats
    branch = await tx.branches.get_by_id(branch_id)
    for each in reversed(branch.path.strip("/").split("/")):
        if found := [chat for chat in chats if chat.branch_id == int(each)]:
            return found
    return []


def _audit(
    tx: Transaction,
    who: Speaker,
    platform: str,
    chat_id: str,
    action: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=platform,
        action=action,
        subject=f"chat:{chat_id}"[:80],
        before=before,
        after=after,
    )
