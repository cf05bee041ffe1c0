"""From what a secretary wrote to a draft; what is missing or unclear is asked for, one thing at a time."""

import ipaddress
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.placeholders import suspicious_words
from bot.rules.reminding import Policy
from bot.rules.repeat_words import for_occurrence
from bot.rules.repeating import Moved
from bot.rules.text import clean
from bot.rules.times import read_durations
from bot.services import plans
from bot.services.access import Speaker
from bot.services.asking import AT_TIME, DUE_TIME, Ask, time_in
from bot.services.audiences import Chosen, default_audience, read_audience
from bot.services.budgets import check_budget
from bot.services.burdens import check_occasion
from bot.services.kinds import KINDS, Kind
from bot.services.occurrences import own_fields, read_own
from bot.services.repeats import Planned, read_planned
from bot.services.settings import Settings
from bot.services.written import FIELDS, Written, read_draft
from storage.enums import ItemStatus, Require
from storage.items import Item
from storage.transaction import Transaction

REQUIRES: Mapping[str, Require] = {
    **dict.fromkeys(("无", "不要求", "none"), Require.NONE),
    **dict.fromkeys(("已读", "阅读", "read"), Require.READ),
    **dict.fromkeys(("确认", "回执", "收到", "ack"), Require.ACK),
}
TITLE_CHARS, BODY_CHARS, LINK_BYTES = 60, 20_000, 2048
CODE_DIGITS = 4
Draft = Item
"""An item, as long as it is not out."""
TWIN_WITHIN = timedelta(days=1)
"""The same words once more within this time are probably a mistake."""


def written_for(kind: Kind, text: str) -> Written:
    """What follows the kind's command word, taken apart."""
    rest, lifted = kind.lift(clean(text))
    return read_draft(kind.name, rest, names_of(kind), lifted)


def names_of(kind: Kind) -> dict[str, str]:
    """Every way to write the name of a field that the kind has, and the field."""
    return {**FIELDS, **kind.fields}


async def draft(tx: Transaction, settings: Settings, who: Speaker, written: Written, *, now: datetime) -> Item:
    """Stores the draft. Raises Ask for the first thing that has to be said differently."""
    kind = KINDS[written.kind]
    _check_words(written, names_of(kind))
    try:
        chosen = await _audience(tx, settings, who, written)
    except UserError as error:
        raise Ask("to", error.key, **error.params) from None
    publish_at, due_at, planned = _times(settings, written, now)
    goes_at = publish_at and settings.reminding.quiet.end_of_quiet(publish_at)
    item = Item(
        kind=written.kind,
        status=ItemStatus.DRAFT,
        title=written.title,
        body=written.body,
        link=link_in(written.fields.get("link", "")),
        require=_require(written, kind),
        author_id=who.member_id,
        branch_id=chosen.branch_id,
        audience=chosen.audience.dump(),
        policy=json.dumps(_policy(settings, written).dump()),
        timed=goes_at is not None,
        spread=goes_at != publish_at or (planned is not None and planned.first.moved is Moved.QUIET),
        due_at=due_at,
        publish_at=goes_at,
        occasion=written.fields.get("occasion", "").strip() or None,
        created_at=now,
    )
    own = own_fields(kind, written)
    if planned is not None:
        keep = read_own(settings, kind, own, item, planned.first.goes_at)
    else:
        keep = kind.read(settings, written, item, now=now)
    item.audience_size = (await tx.audiences.count(chosen.audience, "wecom")).total
    if item.audience_size == 0:
        raise Ask("to", "audience.empty")
    await check_budget(tx, settings, item.audience_size, item.publish_at or now, now=now)
    await check_occasion(tx, settings, item, now=now)
    twin = await tx.items.recent_twin(item, now - TWIN_WITHIN)
    if needs_code(settings, item.audience_size) or twin is not None or warnings_of(item, written.slips):
        item.code = new_code()
    tx.items.add(item)
    await tx.flush()
    await keep(tx, item)
    if planned is not None:
        await plans.keep(tx, item, planned, own, now=now)
    return item


def _times(
    settings: Settings, written: Written, now: datetime
) -> tuple[datetime | None, datetime | None, Planned | None]:
    """When it goes and is due, and the plan where it comes again. 当天 and 次日 are counted from the chosen time."""
    planned = read_planned(settings, written.fields, now=now)
    if planned is not None:
        return planned.first.goes_at, planned.due_at, planned
    publish_at = time_in(settings, written.fields, "at", AT_TIME, now)
    due = written.fields.get("due", "")
    relative = for_occurrence(due)
    counted_from = publish_at if publish_at is not None and relative != due else now
    due_at = time_in(settings, {"due": relative}, "due", DUE_TIME, counted_from)
    if due_at is not None and publish_at is not None and due_at <= publish_at:
        raise Ask("due", "draft.due_before_at", at=publish_at)
    return publish_at, due_at, None


def needs_code(settings: Settings, members: int) -> bool:
    """Whether an item for so many members asks for the four digits."""
    above = settings.publishing.code_above
    return bool(above) and members > above


def new_code() -> str:
    """Four digits that nobody types without looking."""
    return f"{secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1)}"


def warnings_of(item: Item, slips: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, dict[str, object]]]:
    """What looks like a mistake: (text key, params) of each; one more step is asked for then."""
    found: list[tuple[str, dict[str, object]]] = [
        ("draft.warning.field" if written != meant else "draft.warning.colon", {"written": written, "meant": meant})
        for written, meant in slips
    ]
    words = suspicious_words(f"{item.title}\n{item.body}")
    if words:
        found.append(("draft.warning.placeholder", {"words": "、".join(words[:5])}))
    return found


def _check_words(written: Written, fields: Mapping[str, str]) -> None:
    if not written.title:
        raise Ask("title", f"draft.ask_title.{written.kind}")
    if len(written.title) > TITLE_CHARS:
        raise Ask("title", "draft.title_long", limit=TITLE_CHARS, length=len(written.title))
    if len(written.body) > BODY_CHARS:
        raise UserError("draft.body_long", limit=BODY_CHARS)
    if written.twice:
        names = {canonical: name for name, canonical in reversed(list(fields.items()))}
        raise Ask(written.twice[0], "draft.twice", field=names[written.twice[0]])


async def _audience(tx: Transaction, settings: Settings, who: Speaker, written: Written) -> Chosen:
    words = written.fields.get("to", "")
    if not words.strip():
        return await default_audience(tx, who)
    return await read_audience(tx, who, words, settings.tiers)


def _require(written: Written, kind: Kind) -> Require:
    words = normalise(written.fields.get("require", "")).strip().casefold()
    if not words or not kind.chooses:
        return kind.require
    if words in ("测验", "quiz"):
        raise Ask("require", "draft.no_quiz")
    if words not in REQUIRES:
        raise Ask("require", "draft.require", words=words[:20])
    return REQUIRES[words]


def _policy(settings: Settings, written: Written) -> Policy:
    words = normalise(written.fields.get("remind", "")).strip().casefold()
    if words in ("", "默认", "default"):
        return settings.reminding.policy
    if words in ("不提醒", "无", "不", "none", "never", "no"):
        return Policy()
    after = read_durations(words)
    if not after or any(each <= timedelta() for each in after):
        raise Ask("remind", "draft.remind", words=words[:20])
    return Policy(tuple(sorted(set(after))), ())


def link_in(words: str) -> str | None:
    """The address that was written; None for nothing. Raises Ask for what may not be opened."""
    words = words.strip()
    if not words:
        return None
    try:
        parts = urlsplit(words)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = (
        parts.scheme in ("http", "https") and "." in host and not parts.username and not any(c.isspace() for c in words)
    )
    if not plain or len(words.encode()) > LINK_BYTES or _is_inside(host):
        raise Ask("link", "draft.link", words=words[:40])
    return words


def _is_inside(host: str) -> bool:
    """Addresses that mean something else on every network, or nothing."""
    if host == "localhost" or host.endswith((".local", ".localhost", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
