"""The branches for which a second person always has to agree."""

from datetime import datetime

from bot.errors import UserError
from bot.services.access import Speaker
from storage.transaction import Transaction


async def names(tx: Transaction) -> list[str]:
    """Those that were set so themselves, as the tree has them."""
    flagged = await tx.approvals.branches()
    return [branch.name for branch in await tx.branches.all() if branch.id in flagged]


async def set_branch(
    tx: Transaction, who: Speaker, name: str, *, on: bool, source: str, now: datetime
) -> tuple[str, bool]:
    """Sets it for a branch and everything below it: (its name, whether that changed anything). Raises UserError."""
    if not who.administrator:
        raise UserError("approval.administrators")
    found = await tx.branches.named(name)
    if len(found) != 1:
        raise UserError("approval.no_branch" if not found else "approval.branches_alike", name=name[:40])
    branch = found[0]
    changed = await tx.approvals.set_branch(branch.id, on=on, by=who.member_id, now=now)
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action="branch.approval",
        subject=f"branch:{branch.id}",
        after="on" if on else "off",
    )
    return branch.name, changed
