"""`二维码`: the poster of a branch, drawn after it was asked for and sent as a picture to whoever asked.

Asking only notes it down; the platform's call, the drawing (in a thread) and the sending are steps of a job.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.drawings import poster
from bot.errors import UserError
from bot.message import File, Text
from bot.rules.folding import normalise
from bot.services.access import Speaker, shows_posters_of
from bot.services.roads import tell
from bot.services.routing import scene_of
from bot.services.settings import Settings
from storage.branches import Branch
from storage.file_folder import NewFile
from storage.transaction import Transaction

__all__ = ["Branch", "Drawing", "ask", "claim", "draw", "give_up", "hand_over", "read"]

AGAIN_AFTER = timedelta(minutes=2)
"""When what was begun and not finished is begun again."""
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Drawing:
    """A poster that was taken on; `scene` is what its code has to carry."""

    id: int
    branch: str
    scene: str


async def ask(tx: Transaction, settings: Settings, who: Speaker, words: str, *, source: str, now: datetime) -> Branch:
    """Notes down that this person wants the poster of a branch of theirs; without words, of their own."""
    if not settings.desk.open:
        raise UserError("posters.no_account")
    reach, own = shows_posters_of(who)
    branches = [branch for branch in await tx.branches.all() if branch.id in reach]
    name = normalise(words).strip('“”"「」').casefold()
    if name:
        found = [branch for branch in branches if normalise(branch.name).casefold() == name]
    else:
        found = [branch for branch in branches if branch.id in own]
    if len(found) != 1:
        key = "posters.unknown" if name else "posters.which"
        raise UserError(key, name=words.strip(), names=settings.texts.list([branch.name for branch in branches], 5))
    branch = found[0]
    if not await tx.posters.waiting(branch.id, who.member_id):
        tx.posters.add(branch_id=branch.id, member_id=who.member_id, now=now)
    tx.audit.add(at=now, actor_id=who.member_id, source=source, action="poster.ask", subject=f"branch:{branch.id}")
    return branch


async def claim(tx: Transaction, settings: Settings, *, now: datetime) -> int | None:
    """Takes on the next one; None when there is none. One that failed too often is given up, and its asker told."""
    for each in await tx.posters.claim(now, 1, until=now + AGAIN_AFTER):
        if each.tries <= MOST_TRIES:
            return each.id
        await give_up(tx, settings, each.id, "posters.failed", now=now)
    return None


async def read(tx: Transaction, poster_id: int) -> Drawing | None:
    """What is to be drawn."""
    found = await tx.posters.get(poster_id)
    if found is None or found.done_at is not None:
        return None
    return Drawing(found.id, await tx.branches.get_name(found.branch_id), scene_of(found.branch_id))


async def draw(settings: Settings, drawing: Drawing, url: str) -> NewFile:
    """Makes the file, beside the loop. Raises OSError."""
    lines = [settings.texts.say("posters.line"), settings.texts.say("posters.line.how")]
    content = await asyncio.to_thread(poster, url, drawing.branch, lines)
    return await settings.files.folder.take(content)


async def hand_over(tx: Transaction, settings: Settings, drawing: Drawing, new: NewFile, *, now: datetime) -> None:
    """Keeps the file and queues it for whoever asked."""
    found = await tx.posters.get(drawing.id)
    if found is None or found.done_at is not None:
        return
    await tx.files.keep(settings.files.folder, new, type="png", now=now)
    found.done_at = now
    name = settings.texts.say("posters.file", branch=drawing.branch)
    picture = File(f"{name}.png", new.digest, kind="image")
    await tell(tx, settings.roads, [found.member_id], picture, kind="poster", subject=str(found.id), now=now)


async def give_up(tx: Transaction, settings: Settings, poster_id: int, key: str, *, now: datetime) -> None:
    """There will be none: whoever asked hears why."""
    found = await tx.posters.get(poster_id)
    if found is None or found.done_at is not None:
        return
    found.done_at = now
    words = settings.texts.say(key)
    await tell(tx, settings.roads, [found.member_id], Text(words), kind="poster", subject=f"{found.id}:not", now=now)
