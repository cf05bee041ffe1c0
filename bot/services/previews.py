"""What a secretary sees before anything is sent: the words as members will get them, to whom, and when.

A card shows little, the group bot's less than the app's. What does not fit is said in words before the card, so that
nothing is confirmed unseen.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.message import Button, Card
from bot.rules.reminding import all_moments, shift
from bot.rules.text import cut_chars
from bot.services.access import ROSTER
from bot.services.agenda import plan_notes
from bot.services.attachments import described
from bot.services.burdens import burden_notes
from bot.services.cards import (
    APP_BODY_CHARS,
    APP_TITLE_CHARS,
    BODY_CHARS,
    TITLE_CHARS,
    VALUE_CHARS,
    asks_for,
    body_of,
)
from bot.services.drafting import TWIN_WITHIN, warnings_of
from bot.services.kinds import face_of, kind_of
from bot.services.reminders import policy_of
from bot.services.roads import BOT
from bot.services.settings import Settings
from storage.audiences import Audience, AudienceCount
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.transaction import Transaction

NAMES_ON_CARD, NAMES, BRANCHES = 3, 20, 10
LEAST_BODY = 30
"""Characters of the body that a card shows beside its notes; with less room the notes go before the card."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`card` has 发送 and 取消; `words` come before it, "" when it says all; `private` is for the author alone."""

    card: Card
    words: str
    private: str


async def preview(
    tx: Transaction,
    settings: Settings,
    item: Item,
    *,
    now: datetime,
    platform: str,
    in_group: bool,
    slips: Sequence[tuple[str, str]] = (),
    buttons: tuple[Button, ...] | None = None,
) -> Preview:
    """The draft as it would go out right now, fitted to the cards of `platform`.

    In a group `card` and `words` name nobody, `private` does. `buttons` take the place of those with which its author
    decides; no digits are asked for then.
    """
    texts, audience = settings.texts, Audience.load(item.audience)
    count = await tx.audiences.count(audience, ROSTER)
    to, all_branches = _to(settings, audience, count, in_group=in_group)
    face = await face_of(tx, settings, item)
    words = "\n".join(
        [*(texts.say("preview.row", name=n, value=v) for n, v in face.fields), body_of(texts, item, face)]
    ).strip()
    notes = [texts.say(key, **params) for key, params in warnings_of(item, tuple(slips))]
    notes += await kind_of(item).notes(tx, settings, item)
    notes += await plan_notes(tx, settings, item, now)
    notes += await burden_notes(tx, settings, item, now=now)
    notes += await _comparisons(tx, settings, item, count, now)
    notes += [texts.say("preview.branches", branches=all_branches)] if all_branches else []
    attached, all_attached = await _attached(tx, settings, item, in_group=in_group)
    notes += [texts.say("preview.attachments", files=all_attached)] if all_attached else []
    named = [] if in_group else _out_of_reach(settings, count, NAMES_ON_CARD)
    code = [texts.say("preview.code", number=item.id, code=item.code)] if item.code and buttons is None else []
    title = texts.say(f"preview.title.{item.kind}", number=item.id, title=item.title)

    title_chars, body_chars = (TITLE_CHARS, BODY_CHARS) if platform == BOT else (APP_TITLE_CHARS, APP_BODY_CHARS)
    room = body_chars - len("\n".join(["", *notes, *named, *code]))
    fits = room >= min(len(words), LEAST_BODY)
    beside = [*notes, *named, *code] if fits else code
    shown = cut_chars(words, body_chars - len("\n".join(["", *beside])))
    whole = shown == words and len(title) <= title_chars
    before = [] if whole else [texts.say("preview.body", number=item.id, title=item.title, body=words).strip()]
    before += [] if fits else [*notes, *([] if in_group else _out_of_reach(settings, count, NAMES))]
    branches = await tx.branches.all_names()
    card = Card(
        title=title,
        subtitle=asks_for(texts, item, face),
        body="\n".join(line for line in (shown, *beside) if line),
        source=branches.get(item.branch_id, ""),
        fields=_fields(settings, item, to, count, attached, in_group=in_group, now=now),
        buttons=_buttons(settings, item, now) if buttons is None else buttons,
    )
    private = _out_of_reach(settings, count, NAMES) if in_group else []
    return Preview(card, "\n".join(before), "\n".join(private))


def settled(card: Card, label: str, action: str) -> Card:
    """The preview after its draft was confirmed or dropped: one button is left, which says so."""
    return replace(card, buttons=(Button(label, action=action),))


def _buttons(settings: Settings, item: Item, now: datetime) -> tuple[Button, ...]:
    texts = settings.texts
    buttons = [Button(texts.say("preview.button.send"), action=f"confirm:{item.id}", primary=True)]
    if item.publish_at is None and settings.reminding.quiet.is_quiet(now):
        buttons.append(Button(texts.say("preview.button.morning"), action=f"morning:{item.id}"))
    return (*buttons, Button(texts.say("preview.button.cancel"), action=f"cancel:{item.id}"))


def _fields(
    settings: Settings,
    item: Item,
    to: str,
    count: AudienceCount,
    attached: str,
    *,
    in_group: bool,
    now: datetime,
) -> tuple[tuple[str, str], ...]:
    texts, lost = settings.texts, count.unreachable_total
    where = "preview.names_in_private" if in_group else "preview.names_above"
    return (
        (texts.say("preview.to"), to),
        *([(texts.say("preview.not_to"), texts.say(where, count=lost))] if lost else []),
        (texts.say("preview.when"), _when(settings, item, now)),
        *([(texts.say("preview.due"), texts.when(item.due_at, now))] if item.due_at else []),
        (texts.say("preview.reminders"), _reminders(settings, item, now)),
        *([(texts.say("preview.link"), _host(item.link))] if item.link else []),
        *([(texts.say("preview.attached"), attached)] if attached else []),
    )


async def _attached(tx: Transaction, settings: Settings, item: Item, *, in_group: bool) -> tuple[str, str]:
    """What the field says, and all names where it has no room for them; a group reads how many there are."""
    if not item.attached:
        return "", ""
    texts = settings.texts
    count = texts.say("card.attached", n=item.attached)
    if in_group:
        return count, ""
    names = texts.list(described(texts, await tx.attachments.of_item(item.id)))
    return (names, "") if len(names) <= VALUE_CHARS else (count, names)


def _to(settings: Settings, audience: Audience, count: AudienceCount, *, in_group: bool) -> tuple[str, str]:
    """What the field says, and the list of branches where the field has no room for it.

    Where single members were named, their names as they were written.
    """
    texts, total = settings.texts, count.total
    each = [texts.say("preview.branch", branch=name, count=n) for _, name, n in count.branches]
    if not audience.branches and not in_group:
        short = texts.say("preview.people", count=total, branches=audience.words)
    elif len(each) == 1:
        short = texts.say("preview.one_branch", branch=count.branches[0][1], count=total)
    else:
        short = texts.say("preview.people", count=total, branches=texts.list(each))
    if len(short) <= VALUE_CHARS:
        return short, ""
    return texts.say("preview.people_count", count=total, branches=len(each)), texts.list(each, BRANCHES)


def _out_of_reach(settings: Settings, count: AudienceCount, most: int) -> list[str]:
    """One line with who will not get it, and why; none when everybody can be reached."""
    if not count.unreachable_total:
        return []
    texts = settings.texts
    people = [texts.say("preview.person", name=name, reason=texts.reason(why)) for name, why in count.unreachable]
    more = count.unreachable_total - min(len(people), most)
    names = texts.list(people[:most])
    if more:
        names = texts.say("list.more", shown=names, n=more)
    return [texts.say("preview.out_of_reach", names=names)]


def _when(settings: Settings, item: Item, now: datetime) -> str:
    texts, window = settings.texts, settings.publishing.undo_window
    if item.publish_at is not None and item.publish_at > now:
        return texts.when(item.publish_at, now)
    return texts.say("preview.after_undo", window=window) if window > timedelta() else texts.say("preview.at_once")


def _reminders(settings: Settings, item: Item, now: datetime) -> str:
    """The first reminder and how many there will be, as far as the policy says now."""
    texts, rules = settings.texts, settings.reminding
    if item.require == Require.NONE:
        return texts.say("preview.no_reminders")
    sent_at = max(item.publish_at or now, now + settings.publishing.undo_window)
    shifted = (
        shift(moment, quiet=rules.quiet, workdays=rules.workdays, due_at=item.due_at, now=sent_at)
        for moment in all_moments(policy_of(item), sent_at=sent_at, due_at=item.due_at)
    )
    moments = sorted({goes_at for goes_at in shifted if goes_at is not None})
    if not moments:
        return texts.say("preview.no_reminders")
    first = texts.when(moments[0])
    return texts.say("preview.reminders_from", first=first, n=len(moments)) if len(moments) > 1 else first


def _host(link: str) -> str:
    """The host as the network spells it: a look-alike shows as `xn--…`. Of a long one the end tells whose it is."""
    host = urlsplit(link).hostname or ""
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    return host if len(host) <= VALUE_CHARS else f"…{host[1 - VALUE_CHARS :]}"


async def _comparisons(
    tx: Transaction, settings: Settings, item: Item, count: AudienceCount, now: datetime
) -> list[str]:
    """What differs from what this author usually does."""
    texts, lines = settings.texts, []
    twin = await tx.items.recent_twin(item, now - TWIN_WITHIN)
    if twin is not None:
        lines.append(texts.say("draft.warning.twin", number=twin))
    usual = await tx.items.usual_audience(item.author_id, item.id)
    if usual is not None and (count.total > 2 * usual + 5):
        lines.append(texts.say("draft.warning.usual", usual=usual, count=count.total))
    if item.kind == ItemKind.NOTICE and item.due_at is not None and settings.reminding.quiet.is_quiet(item.due_at):
        lines.append(texts.say("draft.warning.quiet_due", due=item.due_at))
    return lines
