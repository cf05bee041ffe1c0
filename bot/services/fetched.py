"""What becomes of an attachment once it has been fetched: looked at, kept, or refused by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.message import Text
from bot.rules.file_names import clean_name, readable_name
from bot.rules.file_types import FileType, Wrong, recognise
from bot.rules.pictures import BrokenPicture, without_notes
from bot.rules.sizes import readable_size
from bot.services.attachments import AHEAD
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.attachments import Attached, Attachment
from storage.enums import AttachmentState, ItemStatus
from storage.file_folder import NewFile
from storage.items import Item
from storage.transaction import Transaction

MOST_BYTES = 60 * 1024 * 1024
"""Of all files of one item together."""
NAMED = "file"
"""Of the kinds that platforms tell, the one whose name its sender chose."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that may be attached: its content is what is kept. `said` is its own name, "" for one without."""

    type: FileType
    content: bytes
    said: str


def look(kind: str, name: str, content: bytes) -> Looked | Wrong:
    """Whether a fetched file may be attached. Takes a while for a large picture."""
    said = readable_name(name) if kind == NAMED else ""
    found = recognise(said, content)
    if isinstance(found, Wrong):
        return found
    try:
        return Looked(found, without_notes(content, found.ending), said)
    except BrokenPicture:
        return Wrong.BROKEN


async def keep(
    tx: Transaction, settings: Settings, attachment_id: int, looked: Looked, new: NewFile, *, now: datetime
) -> None:
    """The file is there: from now on its item carries it, unless there is a reason why not."""
    attachment = await tx.attachments.get(attachment_id)
    if attachment is None or attachment.state != AttachmentState.WAITING:
        return
    item = await tx.items.get(attachment.item_id) if attachment.item_id is not None else None
    beside = await _beside(tx, attachment, now)
    fallback = settings.texts.say(f"attachments.name.{looked.type.shown}", n=len(beside) + 1)
    name = clean_name(looked.said, looked.type.ending, fallback)
    if any(each.digest == new.digest for each in beside):
        await _refuse(tx, settings, attachment, item, "twice", name, now)
    elif sum(each.size for each in beside) + new.size > MOST_BYTES:
        await _refuse(tx, settings, attachment, item, "together", name, now)
    else:
        await tx.files.keep(settings.files.folder, new, type=looked.type.ending, now=now)
        attachment.digest, attachment.name, attachment.state = new.digest, name, AttachmentState.STORED
        attachment.source, attachment.next_at = "", None
        await tx.flush()


async def refuse(
    tx: Transaction, settings: Settings, attachment_id: int, reason: str, *, name: str = "", now: datetime
) -> None:
    """It cannot be attached: its sender hears why. `reason` is a key under `attachments.refused.`."""
    attachment = await tx.attachments.get(attachment_id)
    if attachment is None or attachment.state != AttachmentState.WAITING:
        return
    item = await tx.items.get(attachment.item_id) if attachment.item_id is not None else None
    await _refuse(tx, settings, attachment, item, reason, readable_name(name), now)


async def _refuse(
    tx: Transaction,
    settings: Settings,
    attachment: Attachment,
    item: Item | None,
    reason: str,
    name: str,
    now: datetime,
) -> None:
    attachment.state, attachment.reason = AttachmentState.REFUSED, reason
    attachment.source, attachment.next_at = "", None
    if item is not None and item.status == ItemStatus.DRAFT:
        item.attached = max(0, item.attached - 1)
        tx.audit.add(
            at=now,
            actor_id=attachment.author_id,
            source=attachment.platform,
            action="attachment.refuse",
            subject=f"item:{item.id}",
            after=reason,
        )
    await tx.flush()
    texts = settings.texts
    words = texts.say(
        f"attachments.refused.{reason}",
        name=texts.say("attachments.quoted", name=name) if name else texts.say("attachments.nameless"),
        most=readable_size(settings.files.max_bytes),
        together=readable_size(MOST_BYTES),
    )
    subject = str(attachment.id)
    await tell(tx, settings.roads, [attachment.author_id], Text(words), kind="attachment", subject=subject, now=now)


async def _beside(tx: Transaction, attachment: Attachment, now: datetime) -> Sequence[Attached]:
    """The files that are there already and go with the same item."""
    if attachment.item_id is not None:
        return [each for each in await tx.attachments.of_item(attachment.item_id) if each.digest is not None]
    since = attachment.created_at - AHEAD
    return await tx.attachments.waiting_with(attachment.author_id, attachment.chat_id, since)
