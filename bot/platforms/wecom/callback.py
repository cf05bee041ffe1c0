"""From WeCom's decrypted XML to an Update.

Messages and events are those of https://developer.work.weixin.qq.com/document/path/90239 and 90240. What came through
the envelope is WeCom's own word, so nothing here refuses: what is not understood becomes an unknown update.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.errors import ForgedRequest
from bot.platforms.fields import LONGEST_TEXT, flat, instant, leaves, read_fields, text_of, texts_of, update_key
from bot.platforms.steps import each
from bot.platforms.xml import Node
from bot.update import Medium, Update, UpdateKind

PLATFORM = "wecom"

_MEDIA = frozenset({"image", "voice", "video", "file", "location", "link"})
_CLICKS = frozenset({"click", "template_card_event", "template_card_menu_event"})
_EVENTS = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "view",
        "batch_job_result",
        "change_contact",
        "inactive_alert",
        "close_inactive_agent",
        "reopen_inactive_agent",
        "low_active_alert",
        "low_active",
        "active_restored",
        "location",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "view_miniprogram",
        "open_approval_change",
        "share_agent_change",
        "share_chain_change",
    }
)
_ENVELOPE = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "AgentID", "MsgId"})
"""What an Update says in its own fields, or nobody wants."""

_IDENTITY = (
    "Event",
    "EventKey",
    "TaskId",
    "ResponseCode",
    "ChangeType",
    "UserID",
    "NewUserID",
    "Id",
    "TagId",
    "AddUserItems",
    "DelUserItems",
    "AddPartyItems",
    "DelPartyItems",
    "BatchJob",
    "MsgId",
    "MsgID",
)
"""What tells two events of one sender in one second apart."""


@dataclass(slots=True)
class _Document:
    """One callback on its way to an update."""

    xml: bytes
    fields: dict[str, Node]
    texts: dict[str, str]
    """Those of the fields that are there once and hold text alone."""
    sender: str
    is_event: bool
    key: str = ""


def read(contents: Sequence[bytes | ForgedRequest], *, now: datetime) -> list[Update | ForgedRequest]:
    """What each decrypted callback says. `now` stands in for a missing or absurd `CreateTime`.

    ForgedRequest stands for bytes that are not UTF-8, for a document type and for XML beyond all bounds, and for what
    was that before.
    """
    documents = each(_keyed, each(_parsed, contents))
    return each(lambda document: _update(document, now), documents)


def _parsed(xml: bytes) -> _Document:
    fields = read_fields(xml)
    texts = texts_of(fields)
    return _Document(xml, fields, texts, texts.get("FromUserName", ""), texts.get("MsgType", "").lower() == "event")


def _keyed(document: _Document) -> _Document:
    document.key = _key(document)
    return document


def _update(document: _Document, now: datetime) -> Update:
    texts, sender = document.texts, document.sender
    kind_word, event = texts.get("MsgType", "").lower(), texts.get("Event", "").lower()
    kind = _event_kind(event, sender, texts) if document.is_event else _message_kind(kind_word, sender, texts)
    on_card = kind is UpdateKind.CLICK and event != "click"
    plain = kind in (UpdateKind.TEXT, UpdateKind.ENTER)
    return Update(
        platform=PLATFORM,
        key=document.key,
        kind=kind,
        user_id="" if event == "change_contact" else sender,
        sent_at=instant(texts.get("CreateTime", ""), now),
        text=texts["Content"][:LONGEST_TEXT] if kind is UpdateKind.TEXT else "",
        action=_action(kind, event or kind_word, texts),
        card_code=texts.get("ResponseCode", "") if on_card else "",
        card_id=texts.get("TaskId", "") if on_card else "",
        media=kind_word if kind is UpdateKind.MEDIA else "",
        files=_files(kind_word, texts) if kind is UpdateKind.MEDIA else (),
        details={} if plain else _details(document.fields),
    )


def _files(word: str, texts: dict[str, str]) -> tuple[Medium, ...]:
    """What can be fetched of a message; a place and a link are their own words."""
    media_id = texts.get("MediaId")
    return (Medium(word, media_id, name=texts.get("FileName", "")),) if media_id else ()


def _message_kind(word: str, sender: str, texts: dict[str, str]) -> UpdateKind:
    if not sender:
        return UpdateKind.UNKNOWN
    if word == "text":
        return UpdateKind.TEXT if "Content" in texts else UpdateKind.UNKNOWN
    return UpdateKind.MEDIA if word in _MEDIA else UpdateKind.UNKNOWN


def _event_kind(event: str, sender: str, texts: dict[str, str]) -> UpdateKind:
    if event in _CLICKS:
        return UpdateKind.CLICK if sender and texts.get("EventKey") else UpdateKind.UNKNOWN
    if event == "enter_agent":
        return UpdateKind.ENTER if sender else UpdateKind.UNKNOWN
    return UpdateKind.EVENT if event in _EVENTS else UpdateKind.UNKNOWN


def _action(kind: UpdateKind, word: str, texts: dict[str, str]) -> str:
    if kind is UpdateKind.CLICK:
        return texts["EventKey"]
    return word if kind in (UpdateKind.EVENT, UpdateKind.UNKNOWN) else ""


def _key(document: _Document) -> str:
    """The same for each of WeCom's three tries, different for two different events.

    `MsgId` is only unique beside its sender, and `CreateTime` has whole seconds. Without anything usable the decrypted
    bytes themselves count.
    """
    texts, fields = document.texts, document.fields
    created, message = texts.get("CreateTime", ""), texts.get("MsgId", "")
    owner = (texts.get("ToUserName", ""), texts.get("AgentID", ""), document.sender)
    if document.sender and message and not document.is_event:
        parts = ["message", *owner, message]
    elif document.sender and created and document.is_event and texts.get("Event"):
        whole = texts if len(texts) == len(fields) else {name: flat(value) for name, value in fields.items()}
        parts = ["event", *owner, created, *[whole.get(name, "") for name in _IDENTITY]]
    else:
        parts = ["bytes", sha256(document.xml).hexdigest()]
    return update_key(parts, created)


def _details(fields: dict[str, Node]) -> dict[str, str]:
    """The event's own fields: nested ones by path ("BatchJob.JobId"), chosen options by question, joined by commas."""
    found: dict[str, str] = {}
    for name, value in fields.items():
        if name == "SelectedItems":
            found.update(_chosen(value))
        elif name in _ENVELOPE:
            continue
        elif isinstance(value, str):
            found[name] = value
        else:
            found.update(leaves(name, value))
    return found


def _chosen(selected: Node) -> Iterator[tuple[str, str]]:
    items = selected.get("SelectedItem", []) if isinstance(selected, dict) else []
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict):
            options = item.get("OptionIds", "")
            ids = options.get("OptionId", []) if isinstance(options, dict) else []
            yield (
                f"SelectedItems.{text_of(item, 'QuestionKey')}",
                ",".join(i for i in (ids if isinstance(ids, list) else [ids]) if isinstance(i, str)),
            )
