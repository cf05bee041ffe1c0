"""From the official account's XML to an Update.

Messages and events: 接收普通消息 and 接收事件推送 on developers.weixin.qq.com. What has been verified is the platform's
own word, so nothing here refuses: what is not understood becomes an unknown update.
"""

from datetime import datetime
from hashlib import sha256

from bot.platforms.fields import LONGEST_TEXT, flat, instant, leaves, read_fields, text_of, update_key
from bot.platforms.official_account.seal import Seal
from bot.platforms.xml import Node
from bot.update import Update, UpdateKind

PLATFORM = "official_account"
ACCOUNT = "ToUserName"
"""The account's own id, which an answer has to name; the only field of the envelope among an update's details."""
SCENE = "scene"
"""What the scanned code carries, among the details of an arrival."""

_MEDIA = {
    **{word: word for word in ("image", "voice", "video", "location", "link")},
    "shortvideo": "video",
}
_ARRIVALS = frozenset({"subscribe", "scan"})
_EVENTS = frozenset(
    {
        "unsubscribe",
        "view",
        "view_miniprogram",
        "location",
        "templatesendjobfinish",
        "masssendjobfinish",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
_SCENE_PREFIX = "qrscene_"
_ENVELOPE = frozenset({"FromUserName", "CreateTime", "MsgType", "Event", "MsgId", "Content"})
"""What an Update says in its own fields, or nobody wants."""

_IDENTITY = (
    "Event",
    "EventKey",
    "Ticket",
    "MsgID",
    "Status",
    "MenuId",
    "Latitude",
    "Longitude",
    "ScanCodeInfo",
    "SendPicsInfo",
    "SendLocationInfo",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgChangeEvent",
    "SubscribeMsgSentEvent",
)
"""What tells two events of one person in one second apart."""


def read(xml: bytes, *, seal: Seal, now: datetime) -> Update:
    """What one callback says. `now` stands in for a missing or absurd `CreateTime`.

    Raises ForgedRequest only for bytes that are not UTF-8, for a document type and for XML beyond all bounds.
    """
    fields = read_fields(xml)
    kind_word, event = text_of(fields, "MsgType").lower(), text_of(fields, "Event").lower()
    openid, created = text_of(fields, "FromUserName"), text_of(fields, "CreateTime")
    is_event = kind_word == "event"
    kind = _event_kind(event, openid, fields) if is_event else _message_kind(kind_word, openid, fields)
    token = seal.close(openid) if openid else ""
    return Update(
        platform=PLATFORM,
        key=_key(fields, xml, token=token, created=created, is_event=is_event),
        kind=kind,
        user_id=token,
        sent_at=instant(created, now),
        text=text_of(fields, "Content")[:LONGEST_TEXT] if kind is UpdateKind.TEXT else "",
        action=_action(kind, event or kind_word, fields),
        media=_MEDIA[kind_word] if kind is UpdateKind.MEDIA else "",
        details=_details(fields, arrival=kind is UpdateKind.ENTER),
    )


def _message_kind(word: str, openid: str, fields: dict[str, Node]) -> UpdateKind:
    if not openid:
        return UpdateKind.UNKNOWN
    if word == "text":
        return UpdateKind.TEXT if isinstance(fields.get("Content"), str) else UpdateKind.UNKNOWN
    return UpdateKind.MEDIA if word in _MEDIA else UpdateKind.UNKNOWN


def _event_kind(event: str, openid: str, fields: dict[str, Node]) -> UpdateKind:
    if not openid:
        return UpdateKind.UNKNOWN
    if event == "click":
        return UpdateKind.CLICK if text_of(fields, "EventKey") else UpdateKind.UNKNOWN
    if event in _ARRIVALS:
        return UpdateKind.ENTER
    return UpdateKind.EVENT if event in _EVENTS else UpdateKind.UNKNOWN


def _action(kind: UpdateKind, word: str, fields: dict[str, Node]) -> str:
    if kind is UpdateKind.CLICK:
        return text_of(fields, "EventKey")
    return "" if kind in (UpdateKind.TEXT, UpdateKind.MEDIA) else word


def _key(fields: dict[str, Node], xml: bytes, *, token: str, created: str, is_event: bool) -> str:
    """The same for each of the platform's three tries, different for two different events.

    `CreateTime` has whole seconds, so an event is told by everything that it says. Without anything usable the bytes
    themselves count.
    """
    owner, message = text_of(fields, "ToUserName"), text_of(fields, "MsgId")
    if token and message and not is_event:
        parts = ["message", owner, token, message]
    elif token and created and is_event and text_of(fields, "Event"):
        parts = ["event", owner, token, created, *(flat(fields[name]) if name in fields else "" for name in _IDENTITY)]
    else:
        parts = ["bytes", sha256(xml).hexdigest()]
    return update_key(parts, created)


def _details(fields: dict[str, Node], *, arrival: bool) -> dict[str, str]:
    """The fields of the message or the event by the platform's names; nested ones by path."""
    found: dict[str, str] = {}
    for name, value in fields.items():
        if name not in _ENVELOPE:
            found.update(leaves(name, value))
    if arrival and (scene := text_of(fields, "EventKey").removeprefix(_SCENE_PREFIX)):
        found[SCENE] = scene
    return found
