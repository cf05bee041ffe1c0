"""What a secretary sees before anything is sent: the words as members will get them, to whom, and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.message import Button, Card
from bot.rules.reminding import all_moments, shift
from bot.rules.text import cut_chars
from bot.services.access import ROSTER
from bot.services.cards import asks_for
from bot.services.drafting import warnings_of
from bot.services.reminders import policy_of
from bot.services.settings import Settings
from storage.audiences import Audience, AudienceCount
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.transaction import Transaction

BODY_CHARS = 100
NAMES, BRANCHES, MOMENTS = 3, 3, 3


async def preview(
    tx: Transaction,
    settings: Settings,
    item: Item,
    *,
    now: datetime,
    in_group: bool,
    slips: Sequence[tuple[str, str]] = (),
) -> Card:
    """The card with 发送 and 取消. In a group it names nobody."""
    texts = settings.texts
    count = await tx.audiences.count(Audience.load(item.audience), ROSTER)
    branches = {branch.id: branch.name for branch in await tx.branches.all()}
    fields = [
        (texts.say("preview.to"), _to(settings, count)),
        *([(texts.say("preview.not_to"), _not_to(settings, count, in_group))] if count.unreachable_total else []),
        (texts.say("preview.when"), _when(settings, item, now)),
        *([(texts.say("preview.due"), texts.when(item.due_at, now))] if item.due_at else []),
        (texts.say("preview.reminders"), _reminders(settings, item, now)),
        *([(texts.say("preview.link"), _host(item.link))] if item.link else []),
    ]
    warnings = [texts.say(key, **params) for key, params in warnings_of(item, tuple(slips))]
    warnings.extend(await _comparisons(tx, settings, item, count, now))
    if item.code:
        warnings.append(texts.say("preview.code", number=item.id, code=item.code, count=count.total))
    lines = [cut_chars(item.body, BODY_CHARS), *warnings]
    return Card(
        title=texts.say(f"preview.title.{item.kind}", number=item.id, title=item.title),
        subtitle=asks_for(texts, item),
        body="\n".join(line for line in lines if line),
        source=branches.get(item.branch_id, ""),
        fields=tuple(fields),
        buttons=_buttons(settings, item, now),
    )


async def full_text(settings: Settings, item: Item) -> str:
    """The body for reading before it is sent, where the card shows only its beginning; "" when it shows all."""
    if len(item.body) <= BODY_CHARS:
        return ""
    return settings.texts.say("preview.body", number=item.id, title=item.title, body=item.body)


def _buttons(settings: Settings, item: Item, now: datetime) -> tuple[Button, ...]:
    texts = settings.texts
    buttons = [Button(texts.say("preview.button.send"), action=f"confirm:{item.id}", primary=True)]
    if item.publish_at is None and settings.reminding.quiet.is_quiet(now):
        buttons.append(Button(texts.say("preview.button.morning"), action=f"morning:{item.id}"))
    return (*buttons, Button(texts.say("preview.button.cancel"), action=f"cancel:{item.id}"))


def _to(settings: Settings, count: AudienceCount) -> str:
    texts = settings.texts
    names = [texts.say("preview.branch", branch=name, count=n) for _, name, n in count.branches]
    if len(names) == 1:
        return texts.say("preview.one_branch", branch=count.branches[0][1], count=count.total)
    return texts.say("preview.people", count=count.total, branches=texts.list(names, BRANCHES))


def _not_to(settings: Settings, count: AudienceCount, in_group: bool) -> str:
    texts = settings.texts
    if in_group:
        return texts.say("preview.out_of_reach", count=count.unreachable_total)
    people = [texts.say("preview.person", name=name, reason=texts.reason(why)) for name, why in count.unreachable]
    return texts.say("preview.out_of_reach_names", count=count.unreachable_total, names=texts.list(people, NAMES))


def _when(settings: Settings, item: Item, now: datetime) -> str:
    texts, window = settings.texts, settings.publishing.undo_window
    if item.publish_at is not None:
        return texts.when(item.publish_at, now)
    return texts.say("preview.after_undo", window=window) if window > timedelta() else texts.say("preview.at_once")


def _reminders(settings: Settings, item: Item, now: datetime) -> str:
    texts, rules = settings.texts, settings.reminding
    if item.require == Require.NONE:
        return texts.say("preview.no_reminders")
    sent_at = item.publish_at or now + settings.publishing.undo_window
    moments = []
    for moment in all_moments(policy_of(item), sent_at=sent_at, due_at=item.due_at):
        goes_at = shift(moment, quiet=rules.quiet, workdays=rules.workdays, due_at=item.due_at, now=sent_at)
        if goes_at is not None:
            moments.append(texts.when(goes_at, now))
    moments = list(dict.fromkeys(moments))
    return texts.list(moments, MOMENTS) if moments else texts.say("preview.no_reminders")


def _host(link: str) -> str:
    """The host as the network spells it: a look-alike shows as `xn--…`."""
    host = urlsplit(link).hostname or ""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


async def _comparisons(
    tx: Transaction, settings: Settings, item: Item, count: AudienceCount, now: datetime
) -> list[str]:
    """What differs from what this author usually does."""
    texts, lines = settings.texts, []
    twin = await tx.items.recent_twin(item, now - timedelta(days=1))
    if twin is not None:
        lines.append(texts.say("draft.warning.twin", number=twin))
    usual = await tx.items.usual_audience(item.author_id, item.id)
    if usual is not None and (count.total > 2 * usual + 5):
        lines.append(texts.say("draft.warning.usual", usual=usual, count=count.total))
    if item.kind == ItemKind.NOTICE and item.due_at is not None and settings.reminding.quiet.is_quiet(item.due_at):
        lines.append(texts.say("draft.warning.quiet_due", due=item.due_at))
    return lines
