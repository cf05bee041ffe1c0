"""Pictures of residents: looked at when they have come, shown to who answers, gone with the words.

They go to one person in private, never to a group: nobody has cleared them.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.message import File
from bot.rules.file_types import TYPES, Wrong, recognise, shown_as
from bot.rules.pictures import BrokenPicture, without_notes
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.texts import Texts
from storage.entries import Entry
from storage.enums import AttachmentState
from storage.file_folder import NewFile
from storage.pictures import Picture
from storage.questions import Question
from storage.transaction import Transaction

KIND = "question_picture"
"""The kind of messages that show a picture; their subject begins with the question, as that of its cards."""
MOST_BYTES = 10 * 1024 * 1024
"""What WeCom shows as a picture."""
MOST_SHOWN = 9
ENDINGS = frozenset({"jpg", "png", "gif"})
TOO_LARGE, GONE, FAILED, NO_PICTURE = "too_large", "gone", "failed", "no_picture"
"""Why a picture is not there."""


def look(content: bytes) -> tuple[str, bytes] | None:
    """(ending, what is kept) of a picture, without where and with what it was taken; None for anything else."""
    found = recognise("", content)
    if isinstance(found, Wrong) or found.ending not in ENDINGS:
        return None
    try:
        return found.ending, without_notes(content, found.ending)
    except BrokenPicture:
        return None


async def keep(tx: Transaction, settings: Settings, entry_id: int, ending: str, new: NewFile, *, now: datetime) -> None:
    """It is there; unless what was said has been deleted meanwhile."""
    picture = await tx.pictures.get(entry_id)
    if picture is None or picture.state != AttachmentState.WAITING:
        return
    await tx.files.keep(settings.files.folder, new, type=ending, now=now)
    picture.state, picture.digest = AttachmentState.STORED, new.digest
    await tx.pictures.settle(picture)


async def refuse(tx: Transaction, entry_id: int, reason: str) -> None:
    """It will not be there; the thread says why."""
    picture = await tx.pictures.get(entry_id)
    if picture is not None and picture.state == AttachmentState.WAITING:
        picture.state, picture.reason = AttachmentState.REFUSED, reason
        await tx.pictures.settle(picture)


async def show(tx: Transaction, settings: Settings, question: Question, member_id: int, *, now: datetime) -> None:
    """Sends what pictures there are to whoever looks at the question."""
    for number, kept in enumerate(await tx.pictures.kept_of(question.id, MOST_SHOWN), 1):
        name = settings.texts.say("pictures.file", number=question.id, n=number)
        await tell(
            tx,
            settings.roads,
            [member_id],
            File(f"{name}.{kept.type}", kept.digest, kind=shown_as(TYPES[kept.type], kept.size)),
            kind=KIND,
            subject=f"Q{question.id}:{kept.entry_id}:{now.isoformat()}",
            now=now,
        )


def line(texts: Texts, entry: Entry, picture: Picture | None, *, in_group: bool) -> str:
    """What the thread says in its place."""
    if picture is None:
        return texts.say("pictures.coming" if entry.picture_url else "pictures.failed")
    if picture.state == AttachmentState.REFUSED:
        return texts.say(f"pictures.{picture.reason}")
    if picture.state == AttachmentState.WAITING:
        return texts.say("pictures.coming")
    return texts.say("pictures.in_private" if in_group else "pictures.shown")


async def forget(tx: Transaction, numbers: Sequence[int]) -> None:
    """The pictures of these questions; their files go when the folder is tidied next."""
    digests = await tx.pictures.erase(numbers)
    if digests:
        await tx.files.release(digests)
