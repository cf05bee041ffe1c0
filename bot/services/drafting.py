"""From what a secretary wrote to a draft; what is missing or unclear is asked for, one thing at a time."""

import ipaddress
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.placeholders import suspicious_words
from bot.rules.reminding import Policy
from bot.rules.times import Moment, Problem, read_durations, read_time
from bot.services.access import Speaker
from bot.services.audiences import Chosen, default_audience, read_audience
from bot.services.settings import Settings
from bot.services.written import FIELDS, NOON, Written
from storage.enums import ItemKind, ItemStatus, Require
from storage.items import Item
from storage.transaction import Transaction

REQUIRES: Mapping[str, Require] = {
    **dict.fromkeys(("无", "不要求", "none"), Require.NONE),
    **dict.fromkeys(("已读", "阅读", "read"), Require.READ),
    **dict.fromkeys(("确认", "回执", "收到", "ack"), Require.ACK),
}
DEFAULT_REQUIRE: Mapping[ItemKind, Require] = {ItemKind.NOTICE: Require.ACK, ItemKind.MATERIAL: Require.READ}
DUE_TIME, AT_TIME = time(18), time(9)
TITLE_CHARS, BODY_CHARS, LINK_BYTES = 60, 20_000, 2048
CODE_DIGITS = 4
Draft = Item
"""An item, as long as it is not out."""
TWIN_WITHIN = timedelta(days=1)
"""The same words once more within this time are probably a mistake."""


class Ask(UserError):
    """Something is missing or cannot be understood: the question, and the field that its answer belongs to."""

    choices: tuple[str, ...] = ()
    """The instants (ISO) to choose from, where the question is which."""

    def __init__(self, asked: str, key: str, **params: object) -> None:
        super().__init__(key, **params)
        self.asked = asked


async def draft(tx: Transaction, settings: Settings, who: Speaker, written: Written, *, now: datetime) -> Item:
    """Stores the draft. Raises Ask for the first thing that has to be said differently."""
    _check_words(written)
    try:
        chosen = await _audience(tx, settings, who, written)
    except UserError as error:
        raise Ask("to", error.key, **error.params) from None
    due_at = _time(settings, written, "due", DUE_TIME, now)
    publish_at = _time(settings, written, "at", AT_TIME, now)
    if due_at is not None and publish_at is not None and due_at <= publish_at:
        raise Ask("due", "draft.due_before_at", at=publish_at)
    if publish_at is not None:
        publish_at = settings.reminding.quiet.end_of_quiet(publish_at)
    item = Item(
        kind=written.kind,
        status=ItemStatus.DRAFT,
        title=written.title,
        body=written.body,
        link=_link(written),
        require=_require(written),
        author_id=who.member_id,
        branch_id=chosen.branch_id,
        audience=chosen.audience.dump(),
        policy=json.dumps(_policy(settings, written).dump()),
        timed=publish_at is not None,
        due_at=due_at,
        publish_at=publish_at,
        created_at=now,
    )
    item.audience_size = (await tx.audiences.count(chosen.audience, "wecom")).total
    if item.audience_size == 0:
        raise Ask("to", "audience.empty")
    twin = await tx.items.recent_twin(item, now - TWIN_WITHIN)
    if needs_code(settings, item.audience_size) or twin is not None or warnings_of(item, written.slips):
        item.code = new_code()
    tx.items.add(item)
    await tx.flush()
    return item


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


def _check_words(written: Written) -> None:
    if not written.title:
        raise Ask("title", f"draft.ask_title.{written.kind}")
    if len(written.title) > TITLE_CHARS:
        raise Ask("title", "draft.title_long", limit=TITLE_CHARS, length=len(written.title))
    if len(written.body) > BODY_CHARS:
        raise UserError("draft.body_long", limit=BODY_CHARS)
    if written.twice:
        names = {canonical: name for name, canonical in reversed(list(FIELDS.items()))}
        raise Ask(written.twice[0], "draft.twice", field=names[written.twice[0]])


async def _audience(tx: Transaction, settings: Settings, who: Speaker, written: Written) -> Chosen:
    words = written.fields.get("to", "")
    if not words.strip():
        return await default_audience(tx, who)
    return await read_audience(tx, who, words, settings.tiers)


def _time(settings: Settings, written: Written, name: str, default: time, now: datetime) -> datetime | None:
    words = written.fields.get(name, "").strip()
    if not words or normalise(words) in ("无", "没有", "不限", "none", "no"):
        return None
    read = read_time(words, now=now, zone=settings.texts.zone, default=default)
    if isinstance(read, Moment):
        return read.at
    example = (now.astimezone(settings.texts.zone) + timedelta(days=7)).date()
    params: dict[str, object] = {
        "words": words[:40],
        "field": settings.texts.say(f"field.{name}"),
        "example": settings.texts.say("draft.time.example", month=example.month, day=example.day),
    }
    if read.problem is Problem.UNCLEAR and len(read.candidates) >= 2:
        choices = read.candidates[:2]
        first, second = (settings.texts.when(at, now) for at in choices)
        halves = {at.astimezone(settings.texts.zone).hour >= NOON for at in choices}
        key = "draft.time.which_half" if len(halves) > 1 else "draft.time.which"
        ask = Ask(name, key, first=first, second=second, **params)
        ask.choices = tuple(at.isoformat() for at in choices)
        raise ask
    raise Ask(name, f"draft.time.{read.problem}", **params)


def _require(written: Written) -> Require:
    words = normalise(written.fields.get("require", "")).strip().casefold()
    if not words:
        return DEFAULT_REQUIRE[written.kind]
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


def _link(written: Written) -> str | None:
    words = written.fields.get("link", "").strip()
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
