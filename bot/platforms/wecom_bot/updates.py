"""What the platform tells over the long connection, as an Update (pages 100719 and 101027)."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.platforms.fields import LONGEST_TEXT
from bot.platforms.wecom_bot.frames import Frame
from bot.update import Medium, Update, UpdateKind

NAME = "wecom_bot"

_MEDIA = ("image", "voice", "file", "video")
# In a group the bot hears only what names it, and the words begin with that name; between the two stands a space of
# any kind, most often U+2005.
_MENTION = re.compile(r"\s*@\S+\s*")


def read(frame: Frame, now: datetime) -> Update:
    """The update in a message or event frame; `now` stands in for a time that the platform left out. Never raises."""
    body = frame.body
    kind, fields = _read_event(frame) if body.get("msgtype") == "event" else _read_message(body)
    return Update(
        platform=NAME,
        key=_key(frame),
        kind=kind,
        user_id=_text(_dict(body, "from"), "userid"),
        sent_at=_instant(body.get("create_time")) or now,
        chat_id=group(body),
        reply_to=frame.req_id,
        card_code=frame.req_id if kind is UpdateKind.CLICK else "",
        **fields,
    )


def group(body: dict[str, Any]) -> str:
    """The id of the group that a body comes from; "" in a single chat."""
    return "" if body.get("chattype") == "single" else _text(body, "chatid")


def _read_message(body: dict[str, Any]) -> tuple[UpdateKind, dict[str, Any]]:
    """The kind of a message, and the Update's fields that belong to it."""
    named = _text(body, "msgtype")
    words, media, files = "", named, _files(body)
    if named in ("text", "voice"):
        words = _text(_dict(body, named), "content")
    elif named == "mixed":
        items = _dict(body, "mixed").get("msg_item")
        parts = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        words = "\n".join(filter(None, (_text(_dict(part, "text"), "content").strip() for part in parts)))
        media = "image"
        files = tuple(file for part in parts for file in _files(part))
    elif named not in _MEDIA:
        return UpdateKind.UNKNOWN, {"details": {"msgtype": named}}
    words = (_without_mention(words) if group(body) else words.strip())[:LONGEST_TEXT]
    if words or named == "text":
        quoted = _text(_dict(_dict(body, "quote"), "text"), "content")
        return UpdateKind.TEXT, {"text": words, "files": files, "details": {"quoted": quoted} if quoted else {}}
    return UpdateKind.MEDIA, {"media": media, "files": files}


def _files(body: dict[str, Any]) -> tuple[Medium, ...]:
    """What can be fetched of a message or a part of one. A voice comes as the words that were spoken."""
    kind = _text(body, "msgtype")
    sent = _dict(body, kind)
    address = _text(sent, "url")
    if kind not in _MEDIA or not address:
        return ()
    return (Medium(kind, address, _text(sent, "aeskey"), _text(sent, "filename") or _text(sent, "name")),)


def _read_event(frame: Frame) -> tuple[UpdateKind, dict[str, Any]]:
    event = _dict(frame.body, "event")
    match frame.event_type:
        case "template_card_event":
            click = _dict(event, "template_card_event") or event
            return UpdateKind.CLICK, {"action": _text(click, "event_key"), "card_id": _text(click, "task_id")}
        case "enter_chat":
            return UpdateKind.ENTER, {}
        case "feedback_event" as name:
            given = _dict(event, name) or event
            details = {key: str(given[key]) for key in ("id", "type") if key in given}
            return UpdateKind.EVENT, {"action": name, "details": details}
        case name:
            return UpdateKind.UNKNOWN, {"details": {"eventtype": name}}


def _without_mention(text: str) -> str:
    mention = _MENTION.match(text)
    return text[mention.end() if mention else 0 :].strip()


def _key(frame: Frame) -> str:
    """The bot and its message id; without one, what the frame says: two different events never share a key."""
    body = frame.body
    bot_id, message_id = _text(body, "aibotid"), _text(body, "msgid")
    if message_id:
        return f"{bot_id}:{message_id}"
    # The time tells two like events apart; where it is missing the request id has to.
    told = [body, "" if body.get("create_time") else frame.req_id]
    return f"{bot_id}:sha256:{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"


def _instant(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if int(seconds) > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _dict(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
