"""What exactly a second person has agreed to, and whether it is still what would be sent."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from bot.services.attachments import files_of
from bot.services.kinds import face_of
from bot.services.repeats import rule_of
from bot.services.settings import Settings
from storage.approvals import Approval
from storage.enums import ApprovalState
from storage.items import Item
from storage.transaction import Transaction
from storage.versions import Version


async def may_go(tx: Transaction, settings: Settings, item: Item, version: Version | None) -> bool:
    """Whether what is about to be sent is what was agreed to, where somebody had to agree."""
    latest = await tx.approvals.latest(item.id)
    if latest is None or latest.version != number_of(version) or latest.state != ApprovalState.APPROVED:
        return True
    return latest.digest == await digest_of(tx, settings, item, version)


async def goes_on(tx: Transaction, agreed: Approval | None, settings: Settings, item: Item, *, now: datetime) -> None:
    """What was agreed to for one time of a plan holds for the next one, as the bot itself made it of the same words."""
    if agreed is None:
        return
    await tx.approvals.ask(
        Approval(
            item_id=item.id,
            version=1,
            state=ApprovalState.APPROVED,
            digest=await digest_of(tx, settings, item, None),
            asked_by=agreed.asked_by,
            asked_at=now,
            decided_by=agreed.decided_by,
            decided_at=agreed.decided_at,
        )
    )


async def agreed_to(tx: Transaction, settings: Settings, item: Item) -> Approval | None:
    """The agreement that stands for the item as it is now; None where nobody had to agree, or it has changed since."""
    latest = await tx.approvals.latest(item.id)
    if latest is None or (latest.version, latest.state) != (1, ApprovalState.APPROVED):
        return None
    return latest if latest.digest == await digest_of(tx, settings, item, None) else None


async def digest_of(tx: Transaction, settings: Settings, item: Item, version: Version | None) -> str:
    """SHA-256 over everything that would be sent, to whom, when, and how they would be reminded."""
    words = version or item
    face = await face_of(tx, settings, item)
    plan = await tx.plans.of_item(item.id)
    content: Mapping[str, object] = {
        "kind": item.kind,
        "version": number_of(version),
        "major": version.major if version else None,
        "title": words.title,
        "body": words.body,
        "link": words.link,
        "due": words.due_at.isoformat() if words.due_at else None,
        "require": item.require,
        "audience": json.loads(item.audience),
        "branch": item.branch_id,
        "policy": item.policy,
        "at": item.publish_at.isoformat() if version is None and item.timed and item.publish_at else None,
        "occasion": item.occasion,
        "face": [face.asks, *face.lines, *map(list, face.fields), *([b.label, b.url] for b in face.buttons or ())],
        "files": [each.digest for each in await files_of(tx, item)],
        "plan": repr(rule_of(plan)) if plan else None,
    }
    if version is not None and version.own is not None:
        content = {**content, "own": version.own}
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def number_of(version: Version | None) -> int:
    """1 for the item itself."""
    return version.number if version else 1
