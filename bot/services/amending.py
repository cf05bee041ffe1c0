"""A confirmed correction on its way: its undo window, and then the new words for everybody who had the old ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.message import Card, Message, Text, dump
from bot.services import agreements, approvals
from bot.services.access import Speaker
from bot.services.acknowledgements import group_cards
from bot.services.approvals import Asked
from bot.services.attachments import files_of
from bot.services.cards import correction_card, item_card, whole_text
from bot.services.corrections import audit, correctable, own_lines, own_of
from bot.services.differences import Words, differences
from bot.services.helping import tell_helpers
from bot.services.kinds import KINDS, face_of
from bot.services.pushes import FILE, push_to_each
from bot.services.reminders import next_round
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import ItemKind, ItemStatus, Priority, Require, Role, VersionState
from storage.items import Item
from storage.messages import NewMessage
from storage.pushes import WORDS, Condition
from storage.transaction import Transaction
from storage.versions import Version


@dataclass(frozen=True, slots=True)
class Scheduled:
    """When it goes; `readers` members had the text before. `asked` are those one of whom has to agree first."""

    publish_at: datetime
    readers: int
    asked: Asked | None = None


async def correction_meant(tx: Transaction, who: Speaker, item: Item | None) -> Version | None:
    """The item's correction that is not out yet, if this person may decide about it."""
    if item is None or not who.may(Role.SECRETARY):
        return None
    version = await tx.versions.waiting(item.id)
    if version is None or not (version.author_id == who.member_id or who.administrator):
        return None
    return version


async def confirm(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    item: Item,
    version: Version,
    *,
    major: bool,
    code: str,
    source: str,
    now: datetime,
) -> Scheduled:
    """From now on it will go out. Raises UserError with what is missing."""
    correctable(item)
    if version.state == VersionState.SCHEDULED:
        raise UserError("correction.already", number=item.id)
    if not who.administrator and item.branch_id not in who.branches(Role.SECRETARY) and item.author_id != who.member_id:
        raise UserError("item.absent", number=item.id)
    if major and item.require == Require.NONE:
        raise UserError("correction.asks_nothing", number=item.id)
    if version.due_at is not None and version.due_at <= now and version.due_at != item.due_at:
        raise UserError("correction.due_passed", due=version.due_at)
    if version.code and code != version.code:
        how = settings.texts.say("correction.button.major" if major else "correction.button.minor")
        key = "correction.wrong_code" if code else "correction.say_code"
        raise UserError(key, number=item.id, how=how, code=version.code, count=version.readers)
    version.readers = await tx.pushes.had_count(item.id)
    version.major = major
    await tx.flush()
    if await approvals.needed(tx, settings, item, version, who, version.readers):
        asked = await approvals.ask(tx, settings, item, version, who=who, source=source, now=now)
        return Scheduled(now, version.readers, asked)
    return await schedule(tx, settings, version, actor_id=who.member_id, source=source, now=now)


async def schedule(
    tx: Transaction, settings: Settings, version: Version, *, actor_id: int, source: str, now: datetime
) -> Scheduled:
    """Its undo window begins."""
    publish_at = now + settings.publishing.undo_window
    if not await tx.versions.change_state(version, VersionState.DRAFT, VersionState.SCHEDULED, publish_at=publish_at):
        raise UserError("correction.already", number=version.item_id)
    audit(tx, version, actor_id, source, "item.correction.confirm", VersionState.DRAFT, f"major={version.major}", now)
    return Scheduled(publish_at, version.readers)


async def undo(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, version: Version, *, source: str, now: datetime
) -> None:
    """Takes it back before it left: it is a draft again, and nobody has seen it."""
    if version.state == VersionState.DRAFT and await approvals.take_back(tx, settings, item, now):
        return
    if not await tx.versions.change_state(version, VersionState.SCHEDULED, VersionState.DRAFT, publish_at=None):
        raise UserError("correction.undo.nothing", number=version.item_id)
    audit(tx, version, who.member_id, source, "item.correction.undo", VersionState.SCHEDULED, VersionState.DRAFT, now)


async def cancel(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, version: Version, *, source: str, now: datetime
) -> None:
    """Gives it up; the item stays as it is."""
    if version.state == VersionState.SCHEDULED:
        raise UserError("correction.cancel.scheduled", number=version.item_id)
    audit(tx, version, who.member_id, source, "item.correction.cancel", VersionState.DRAFT, None, now)
    await approvals.take_back(tx, settings, item, now)
    await tx.versions.drop_waiting(version.item_id)


async def bring_due(tx: Transaction, settings: Settings, item_id: int, number: int, *, now: datetime) -> bool:
    """Brings a correction out whose undo window is over; False when that is no longer so."""
    item = await tx.items.get(item_id)
    version = await tx.versions.get(item_id, number)
    if version is None or version.state != VersionState.SCHEDULED or (version.publish_at or now) > now:
        return False
    if item is None or item.status != ItemStatus.PUBLISHED:
        await _give_up(tx, settings, version, "correction.given_up", now)
        return True
    if not await agreements.may_go(tx, settings, item, version):
        await _give_up(tx, settings, version, "correction.void", now)
        return True
    amendment, kind = own_of(version), KINDS[ItemKind(item.kind)]
    if amendment is not None and (why := await kind.overtaken(tx, item, amendment)):
        await _give_up(tx, settings, version, why, now)
        return True
    if not await tx.versions.change_state(version, VersionState.SCHEDULED, VersionState.OUT, published_at=now):
        return False
    posts = await tx.pushes.posts(item.id)
    versions = await tx.pushes.versions_had(item.id)
    await tx.versions.keep_first(item)
    out = await tx.versions.out(item.id)
    texts_had = {each.number: Words.of(each) for each in out}
    own = {each.number: own_lines(each) for each in out}
    moved = version.due_at != item.due_at
    await tx.pushes.replace(item.id, now)
    await tx.reminders.unload(item.id, now)
    if version.major:
        await tx.reminders.end_of_item(item.id)
        await tx.versions.put_by(item.id)
        await tx.pushes.ask_again(item.id)
    _take_over(item, version)
    if amendment is not None:
        await kind.take_over(tx, settings, item, amendment, major=bool(version.major), now=now)
    await tx.flush()
    await tx.pushes.now_brings(item.id, version.number)
    await _queue(tx, settings, item, version, {n: texts_had[n] for n in versions if n in texts_had}, own, now)
    await tell_helpers(tx, settings, item, now=now)
    await _post(tx, settings, item, version, posts, texts_had[version.number - 1], now)
    if moved and not version.major:
        await _move_reminders(tx, settings, item, now)
    details = {"major": version.major}
    audit(tx, version, version.author_id, "clock", "item.correct", f"version={version.number - 1}", "", now, details)
    return True


def _take_over(item: Item, version: Version) -> None:
    item.title, item.body, item.link, item.due_at = version.title, version.body, version.link, version.due_at
    item.version = version.number
    if version.major:
        item.asks_since = version.number


async def _give_up(tx: Transaction, settings: Settings, version: Version, key: str, now: datetime) -> None:
    """The item ended while its correction waited, or changed: nothing goes out, and its author hears it."""
    await tx.versions.drop_waiting(version.item_id)
    words = Text(settings.texts.say(key, number=version.item_id))
    subject = f"correction:{version.item_id}:{version.number}"
    await tell(tx, settings.roads, [version.author_id], words, kind="outcome", subject=subject, now=now)


async def _queue(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version,
    had: Mapping[int, Words],
    own: Mapping[int, Sequence[str]],
    now: datetime,
) -> None:
    """The new words with what changed since the ones that each had; without that for who is still to get the first.

    Where no page has them, the files go again with a major one.
    """
    texts, face = settings.texts, await face_of(tx, settings, item)
    branch = await tx.branches.get_name(item.branch_id)
    plain = item_card(texts, settings.links, item, branch=branch, face=face)
    bodies: list[tuple[Condition, Card]] = [(tx.pushes.still_first(item.id), plain)]
    for number, words in had.items():
        since = [line for later in sorted(own) if later > number for line in own[later]]
        lines = [*differences(texts, words, Words.of(item), now), *since]
        card = correction_card(
            texts, settings.links, item, branch=branch, face=face, lines=lines, major=bool(version.major)
        )
        bodies.append((tx.pushes.had_version(item.id, number), card))
    before = [Text(part) for part in whole_text(texts, settings.links, item, face)]
    files = await files_of(tx, item) if version.major and not settings.links.item_url(item.id) else ()
    for to, card in bodies:
        named: list[tuple[str, Message]] = [(f"{WORDS}{n}", part) for n, part in enumerate(before, 1)]
        behind: list[tuple[str, Message]] = [(f"{FILE}{n}", each) for n, each in enumerate(files, 1)]
        for kind, body in (*named, ("correction", card), *(behind if card is not plain else ())):
            number = version.number
            await push_to_each(tx, settings, item, kind, body, to=to, number=number, version=number, now=now)


async def _post(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version,
    posts: Sequence[tuple[str, str]],
    old: Words,
    now: datetime,
) -> None:
    """The new card in each group that has the old one."""
    if not posts:
        return
    lines = [*differences(settings.texts, old, Words.of(item), now), *own_lines(version)]
    usual = (await group_cards(tx, settings, {item.id: item}))[item.id]
    face = await face_of(tx, settings, item)
    corrected = correction_card(
        settings.texts, settings.links, item, branch=usual.source, face=face, lines=lines, major=bool(version.major)
    )
    bodies: list[Message] = [*map(Text, whole_text(settings.texts, settings.links, item, face)), corrected]
    await tx.messages.queue(
        [
            NewMessage(
                kind="group",
                subject=f"{item.id}:v{version.number}:{recipient}",
                number=number,
                platform=platform,
                recipient=recipient,
                body=dump(body),
                priority=Priority.ITEM,
                lane=f"group:{item.id}:v{version.number}:{recipient}" if len(bodies) > 1 else None,
                item_id=item.id,
            )
            for platform, recipient in posts
            for number, body in enumerate(bodies, 1)
        ],
        now,
    )


async def _move_reminders(tx: Transaction, settings: Settings, item: Item, now: datetime) -> None:
    """The due time has moved, and the reminders with it; one set for each request by which the item went out."""
    for sent_at in await tx.pushes.sent_ats(item.id):
        condition = tx.pushes.sent_at(item.id, sent_at)
        times = next_round(settings.reminding, item, sent_at=sent_at, after=now, now=now)
        if times is None:
            await tx.reminders.end(condition)
        else:
            await tx.reminders.move(condition, *times)
            await tx.reminders.start_again(condition, *times)
