"""What differs between two versions of an item, in words that members and secretaries read."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.changes import Change, Kind, changes
from bot.texts import Texts
from storage.items import Item
from storage.versions import Version


@dataclass(frozen=True, slots=True)
class Words:
    """What a correction may change of an item."""

    title: str
    body: str
    link: str | None
    due_at: datetime | None

    @classmethod
    def of(cls, source: Item | Version) -> "Words":
        return cls(source.title, source.body, source.link, source.due_at)

    def changed_from(self, old: "Words") -> tuple[str, ...]:
        """The names of the fields that differ: `title`, `due`, `link`, `body`."""
        pairs = (
            ("title", old.title, self.title),
            ("due", old.due_at, self.due_at),
            ("link", old.link, self.link),
            ("body", old.body, self.body),
        )
        return tuple(name for name, before, after in pairs if before != after)


def differences(texts: Texts, old: Words, new: Words, now: datetime) -> list[str]:
    """One line for each field that changed, old → new; of the body one for each sentence."""
    none = texts.say("difference.none")
    lines = []
    if old.title != new.title:
        lines.append(texts.say("difference.title", old=old.title, new=new.title))
    if old.due_at != new.due_at:
        before, after = (texts.when(at, now) if at else none for at in (old.due_at, new.due_at))
        lines.append(texts.say("difference.due", old=before, new=after))
    if old.link != new.link:
        lines.append(texts.say("difference.link", old=old.link or none, new=new.link or none))
    return [*lines, *(_sentence(texts, change) for change in changes(old.body, new.body))]


def _sentence(texts: Texts, change: Change) -> str:
    if change.kind is Kind.REMOVED:
        return texts.say("difference.removed", words=change.old)
    if change.kind is Kind.ADDED:
        return texts.say("difference.added", words=change.new)
    shown = []
    for piece in change.pieces:
        if piece.old == piece.new:
            shown.append(piece.old)
        elif piece.old and piece.new:
            shown.append(texts.say("difference.piece", old=piece.old, new=piece.new))
        else:
            key = "difference.piece.gone" if piece.old else "difference.piece.new"
            shown.append(texts.say(key, words=piece.old or piece.new))
    return texts.say("difference.reworded", words="".join(shown))
