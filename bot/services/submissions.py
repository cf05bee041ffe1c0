"""Items that another system publishes in the name of a member, without a preview.

The member must be one who could have published it in a chat; they hear of it, and may take it back within the undo
window. Where a second person has to agree, it waits for them as a draft. The four digits are for people: a program has
read its own words. What looks like a leftover (`XX同志`) is refused, for here nobody looks at it once more.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from bot.errors import UserError
from bot.message import Text
from bot.rules.text import clean
from bot.services.access import ROSTER, speaker
from bot.services.drafting import draft, warnings_of
from bot.services.publishing import confirm
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.services.written import Written
from storage.enums import ItemKind, Role
from storage.items import Item
from storage.transaction import Transaction


def digest_of(body: object) -> str:
    """The same for the same JSON, however it was written."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


async def answered_before(tx: Transaction, client: str, key: str, digest: str, now: datetime) -> str | None:
    """What was answered under this key; None when it is new. Raises UserError when it was used for something else."""
    before = await tx.idempotency.begin(client, key, digest, now)
    if before is None:
        return None
    if before.digest != digest:
        raise UserError("api.key_reused")
    return before.answer


async def keep_answer(tx: Transaction, client: str, key: str, answer: str) -> None:
    await tx.idempotency.finish(client, key, answer)


async def submit(
    tx: Transaction,
    settings: Settings,
    *,
    author: str,
    client: str,
    kind: ItemKind,
    title: str,
    body: str,
    fields: Mapping[str, str],
    now: datetime,
) -> Item:
    """Drafts and confirms. `author` is a userid; `fields` are as in a chat. Raises UserError with what is wrong."""
    member = await tx.members.by_account(ROSTER, author)
    if member is None:
        raise UserError("api.no_author")
    who = await speaker(tx, member, author, settings.administrators)
    if not who.may(Role.SECRETARY):
        raise UserError("api.author_may_not")
    one_line = " ".join(clean(title).split())
    item = await draft(tx, settings, who, Written(kind, one_line, clean(body).strip(), dict(fields)), now=now)
    if warnings := warnings_of(item):
        key, params = warnings[0]
        raise UserError(key, **params)
    done = await confirm(tx, settings, who, item, code=item.code, source="api", now=now)
    said = {"number": item.id, "title": item.title, "system": client}
    if done.asked is not None:
        words = settings.texts.say("api.told_author.asked", **said)
    else:
        words = settings.texts.say("api.told_author", count=item.audience_size, at=done.publish_at, **said)
    await tell(tx, settings.roads, [who.member_id], Text(words), kind="submission", subject=f"item:{item.id}", now=now)
    return item
