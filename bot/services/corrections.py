"""A new version of an item that is out: written, seen, confirmed. `amending` brings it to those who had the old one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Button, Card
from bot.rules.drafts import split_fields
from bot.rules.folding import normalise
from bot.rules.placeholders import suspicious_words
from bot.rules.text import clean, cut_chars
from bot.rules.words import split_number
from bot.services.asking import DUE_TIME, NOT_AT_ALL, time_in
from bot.services.cards import BODY_CHARS
from bot.services.differences import Words, differences
from bot.services.drafting import BODY_CHARS as LONGEST_BODY
from bot.services.drafting import TITLE_CHARS, link_in, names_of, needs_code, new_code
from bot.services.kinds import KINDS
from bot.services.kinds.base import Amendment
from bot.services.settings import Settings
from bot.services.written import Written
from storage.enums import ItemKind, ItemStatus, VersionState
from storage.items import Item
from storage.transaction import Transaction
from storage.versions import Version

Published = Item
"""An item that is out."""
Correction = Version
"""A version of an item, as long as it is not out."""
HELD = timedelta(hours=2)
"""So long nobody else starts another correction of the same item; then a draft that was left lying gives way."""
WORDS = {
    **dict.fromkeys(("标题", "题目", "title"), "title"),
    **dict.fromkeys(("正文", "内容", "body"), "body"),
}
"""Every way to write the name of what only a correction has a name for."""
MAY_CHANGE = frozenset({"title", "body", "due", "link"})


def read_correction(kind: ItemKind, text: str) -> Written:
    """What is to change, from what follows the number. What is written on the number's own line is a title or a field.

    Raises UserError for a field that a correction cannot change.
    """
    lifted, taken = KINDS[kind].lift(clean(text))
    first, _, rest = lifted.partition("\n")
    names = {**names_of(KINDS[kind]), **WORDS}
    head, below = split_fields(first, names), split_fields(f"\n{rest}", names)
    fields = {**below.fields, **head.fields, **taken}
    for name in fields:
        if name not in MAY_CHANGE | KINDS[kind].corrects:
            written = next(word for word, canonical in names.items() if canonical == name)
            raise UserError("correction.fixed", field=written)
    title = fields.pop("title", "") or head.title
    body = "\n".join(part for part in (fields.pop("body", ""), below.title, below.body) if part)
    return Written(kind, title.strip(), body.strip(), fields)


def read_words(kind: ItemKind, text: str) -> Written:
    """The answer to what is to change: field lines, and where none of them is the title, what else is there is body."""
    return read_correction(kind, f"\n{text}")


def split_item(text: str) -> tuple[int | None, str]:
    """The number, and what follows it: on its own line first, then the lines below, as `read_correction` takes it."""
    first, line, rest = text.partition("\n")
    number, head = split_number(first)
    return number, f"{head}{line}{rest}"


def correctable(item: Item) -> None:
    """Raises UserError with what to do instead, where an item cannot be corrected."""
    if item.status != ItemStatus.PUBLISHED:
        raise UserError(f"correction.{item.status}", number=item.id)


def gone(item: Item) -> UserError:
    """What a button of a preview is answered with whose correction does not wait any more."""
    return UserError("correction.gone", number=item.id)


async def write(
    tx: Transaction, settings: Settings, author_id: int, item: Item, written: Written, *, source: str, now: datetime
) -> Version:
    """Stores the correction as a draft, in place of one that waits already. Raises Ask or UserError."""
    correctable(item)
    await _make_room(tx, author_id, item, now)
    old = Words.of(item)
    new = _amended(settings, old, written, now)
    own = await KINDS[ItemKind(item.kind)].amend(tx, settings, item, written.fields, now=now)
    if own is not None and own.due_at is not None and "due" not in written.fields:
        new = replace(new, due_at=own.due_at)
    changed = (*new.changed_from(old), *(own.changed if own is not None else ()))
    if not changed:
        raise UserError("correction.same", number=item.id)
    if "due" in changed and new.due_at is not None and new.due_at <= now:
        raise UserError("correction.due_passed", due=new.due_at)
    readers = await tx.pushes.had_count(item.id)
    version = Version(
        item_id=item.id,
        number=item.version + 1,
        state=VersionState.DRAFT,
        title=new.title,
        body=new.body,
        link=new.link,
        due_at=new.due_at,
        changed=" ".join(changed),
        own=dump_own(own) if own is not None else None,
        author_id=author_id,
        readers=readers,
        created_at=now,
    )
    if needs_code(settings, readers) or suspicious_words(f"{new.title}\n{new.body}"):
        version.code = new_code()
    tx.versions.add(version)
    await tx.flush()
    audit(tx, version, author_id, source, "item.correction", None, version.changed, now)
    return version


async def _make_room(tx: Transaction, author_id: int, item: Item, now: datetime) -> None:
    """One correction at a time: a draft gives way to its author's next one, or when it has been left lying."""
    waiting = await tx.versions.waiting(item.id)
    if waiting is None:
        return
    if waiting.state == VersionState.SCHEDULED:
        raise UserError("correction.under_way", number=item.id)
    if waiting.author_id != author_id and now - waiting.created_at < HELD:
        name = (await tx.members.names([waiting.author_id])).get(waiting.author_id, "")
        raise UserError("correction.taken", number=item.id, name=name, until=waiting.created_at + HELD)
    await tx.versions.drop_waiting(item.id)


def _amended(settings: Settings, old: Words, written: Written, now: datetime) -> Words:
    """The words with what was written put in; what was not mentioned stays, 无 takes a due time or a link away."""
    new = old
    if written.title:
        if len(written.title) > TITLE_CHARS:
            raise UserError("draft.title_long", limit=TITLE_CHARS, length=len(written.title))
        new = replace(new, title=written.title)
    if written.body:
        if len(written.body) > LONGEST_BODY:
            raise UserError("draft.body_long", limit=LONGEST_BODY)
        new = replace(new, body="" if _is_none(written.body) else written.body)
    if written.fields.get("due", "").strip():
        new = replace(new, due_at=time_in(settings, written.fields, "due", DUE_TIME, now))
    if link := written.fields.get("link", "").strip():
        new = replace(new, link=None if _is_none(link) else link_in(link))
    return new


def _is_none(words: str) -> bool:
    return normalise(words).strip().casefold() in NOT_AT_ALL


@dataclass(frozen=True, slots=True)
class Seen:
    """A correction as its author sees it: `card` has the buttons, `words` come before it, "" when it says all."""

    card: Card
    words: str


async def preview(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version,
    *,
    now: datetime,
    buttons: tuple[Button, ...] | None = None,
) -> Seen:
    """What will change, how many had the text before, and how many will simply get the new one.

    `buttons` take the place of those with which its author decides; no digits are asked for then.
    """
    texts = settings.texts
    lines = [*differences(texts, Words.of(item), Words.of(version), now), *own_lines(version)]
    words = suspicious_words(f"{version.title}\n{version.body}")
    notes = [texts.say("draft.warning.placeholder", words="、".join(words[:5]))] if words else []
    if version.code and buttons is None:
        notes.append(texts.say("correction.code", number=item.id, code=version.code))
    waiting = await tx.pushes.waiting_count(item.id)
    head = "\n".join([*lines, *notes])
    whole = len(head) <= BODY_CHARS
    branches = await tx.branches.all_names()
    card = Card(
        title=texts.say("correction.preview", number=item.id, title=item.title),
        subtitle=texts.say("correction.choose" if buttons is None else "correction.subtitle"),
        body=cut_chars(head, BODY_CHARS),
        source=branches.get(item.branch_id, ""),
        fields=(
            (texts.say("correction.field.told"), texts.say("correction.told", n=version.readers, version=item.version)),
            *([(texts.say("correction.field.new"), texts.say("correction.new", n=waiting))] if waiting else []),
            (texts.say("preview.when"), _when(settings)),
        ),
        buttons=buttons if buttons is not None else choices(settings, version),
    )
    return Seen(card, "" if whole else texts.say("correction.whole", number=item.id, lines="\n".join([*lines, *notes])))


def dump_own(own: Amendment) -> str:
    """As `own_of` reads it."""
    return json.dumps({"values": own.values, "lines": own.lines, "changed": own.changed}, ensure_ascii=False)


def own_of(version: Version) -> Amendment | None:
    """What the correction changes of the kind's own fields."""
    if version.own is None:
        return None
    found = json.loads(version.own)
    return Amendment(found["values"], tuple(found["lines"]), tuple(found["changed"]))


def own_lines(version: Version) -> tuple[str, ...]:
    """What it changes of them, in words."""
    own = own_of(version)
    return own.lines if own is not None else ()


def choices(settings: Settings, version: Version) -> tuple[Button, ...]:
    """小修, 重要 and 取消."""
    which = f"{version.item_id}:{version.number}"
    return tuple(
        Button(settings.texts.say(f"correction.button.{name}"), action=f"{name}:{which}", primary=name == "major")
        for name in ("minor", "major", "uncorrect")
    )


def _when(settings: Settings) -> str:
    window = settings.publishing.undo_window
    return settings.texts.say("correction.after_undo" if window > timedelta() else "correction.at_once", window=window)


def audit(
    tx: Transaction,
    version: Version,
    actor: int | None,
    source: str,
    action: str,
    before: str | None,
    after: str | None,
    now: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """One line about a correction."""
    more = "".join(f" {name}={value}" for name, value in (details or {}).items())
    tx.audit.add(
        at=now,
        actor_id=actor,
        source=source,
        action=action,
        subject=f"item:{version.item_id}",
        before=before,
        after=f"version={version.number} {after or ''}{more}".strip(),
    )
