"""An item's page in words: what is asked, until when, and what the member has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from yarl import URL

from bot.services.differences import differences
from bot.services.pages import Earlier, ItemPage
from bot.texts import Texts
from handlers.pages.body import render
from storage.enums import ReceiptKind, Require


@dataclass(frozen=True, slots=True)
class Button:
    """What a page's button posts to, and what it says."""

    kind: ReceiptKind
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """`place` is the host in ASCII: a name in look-alike letters is seen for what it is."""

    url: str
    place: str


@dataclass(frozen=True, slots=True)
class Before:
    """What the item said before: `head` tells which version it was and since when, `body` is HTML."""

    head: str
    title: str
    due: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Sentences:
    """`state` is empty until the member has done what is asked; `button` is None when there is nothing left to do."""

    kind: str
    version: str
    published: str
    asks: str
    due: str
    late: str
    state: str
    button: Button | None
    link: Link | None
    corrected: str = ""
    changes: Sequence[str] = ()
    """What the latest correction changed, for who had the words before."""
    earlier: Sequence[Before] = ()


def sentences(page: ItemPage, texts: Texts, now: datetime) -> Sentences:
    """Everything that stands around the title and the body."""
    open_still = not page.excused and _done_at(page) is None
    late = page.due_at is not None and page.due_at < now and open_still and page.require != Require.NONE
    return Sentences(
        kind=texts.say(f"page.kind.{page.kind}"),
        version=texts.say("page.version", n=page.version) if page.version > 1 else "",
        published=texts.say("page.published", at=texts.when(page.published_at, now)) if page.published_at else "",
        asks=_asks(page, texts),
        due=texts.say("page.due", due=texts.when(page.due_at, now)) if page.due_at else "",
        late=texts.say("page.late") if late else "",
        state=_state(page, texts, now),
        button=_button(page, texts) if open_still else None,
        link=_link(page.link),
        corrected=texts.say("page.corrected", at=texts.when(page.corrected_at, now)) if page.corrected_at else "",
        changes=differences(texts, page.earlier[-1].words, page.words, now) if page.earlier else (),
        earlier=[_before(each, texts, now) for each in reversed(page.earlier)],
    )


def _before(each: Earlier, texts: Texts, now: datetime) -> Before:
    at = texts.when(each.published_at, now) if each.published_at else ""
    due = texts.say("page.due", due=texts.when(each.words.due_at, now)) if each.words.due_at else ""
    body = Markup(render(each.words.body))
    return Before(texts.say("page.earlier", n=each.number, at=at), each.words.title, due, body)


def _asks(page: ItemPage, texts: Texts) -> str:
    if page.reads_for:
        return texts.say("page.asks.helper", name=page.reads_for)
    return texts.say("page.asks.excused" if page.excused else f"page.asks.{page.require}")


def _state(page: ItemPage, texts: Texts, now: datetime) -> str:
    if page.acknowledged_at is not None and page.require == Require.ANSWER:
        return texts.say("page.state.answer", at=texts.when(page.acknowledged_at, now))
    if page.acknowledged_at is not None:
        return said(ReceiptKind.ACK, page.acknowledged_at, texts, now)
    if page.require == Require.READ and page.read_at is not None:
        return said(ReceiptKind.READ, page.read_at, texts, now)
    return ""


def said(kind: ReceiptKind, at: datetime, texts: Texts, now: datetime) -> str:
    """What is shown once a receipt is recorded: `已于 11月23日（周一）09:12 确认`."""
    return texts.say(f"page.state.{kind}", at=texts.when(at, now))


def _done_at(page: ItemPage) -> datetime | None:
    return page.read_at if page.require == Require.READ else page.acknowledged_at


def _button(page: ItemPage, texts: Texts) -> Button | None:
    if page.require == Require.ACK:
        return Button(ReceiptKind.ACK, texts.say("page.button.ack"))
    if page.require == Require.READ:
        return Button(ReceiptKind.READ, texts.say("page.button.read"))
    return None


def _link(link: str | None) -> Link | None:
    try:
        url = URL(link or "")
        if url.scheme not in ("http", "https") or not url.raw_host:
            return None
        place = url.raw_host if url.is_default_port() else f"{url.raw_host}:{url.port}"
    except ValueError:
        return None
    return Link(str(url), place)
