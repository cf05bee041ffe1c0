"""Our messages as the requests that are frozen before they are sent.

A request that the bot starts holds the body of its frame. An answer holds what both roads need, the request id that
it answers and the chat that it falls back to; which road is open is known only when it leaves.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.message import Card, CardUpdate, Event, File, Message, Nudge, Recall, Text
from bot.platforms.base import Request
from bot.platforms.wecom_bot import cards, frames

RECALL = "recall"
"""No call of the platform: nothing that the bot said can be taken back."""

_CHAT, _USER = "chat:", "user:"
_SINGLE, _GROUP = 1, 2


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a message goes: a group, or one person's chat with the bot."""

    id: str
    is_group: bool

    @classmethod
    def named(cls, recipient: str) -> "Chat":
        """The chat behind "chat:<chatid>" or "user:<userid>". Raises ValueError for any other recipient."""
        for prefix in (_CHAT, _USER):
            if recipient.startswith(prefix) and len(recipient) > len(prefix):
                return cls(recipient.removeprefix(prefix), prefix == _CHAT)
        raise ValueError("a recipient of the group bot is chat:<chatid> or user:<userid>")

    @property
    def address(self) -> dict[str, Any]:
        """The part of a body that names it. The type is always said, or the platform guesses."""
        return {"chatid": self.id, "chat_type": _GROUP if self.is_group else _SINGLE}


def compose(message: Message, recipient: str, ref: str) -> Request:
    """A message that the bot starts, a card to change, or a recall, which is always refused."""
    chat = Chat.named(recipient)
    match message:
        case Text() | Card() | File():
            return _request(frames.SEND, {**chat.address, **cards.payload(message, ref)})
        case CardUpdate():
            body = {"reply_to": message.code, "frame": _card_change(message, chat)}
            return _request(frames.UPDATE_CARD, body)
        case Recall():
            return _request(RECALL, {"ref": message.ref})
        case Nudge():
            raise ValueError("templates are the official account's")
        case Event():
            raise ValueError("an event is for another system, not for a person")


def compose_reply(message: Text | Card | File, recipient: str, reply_to: str, ref: str) -> Request:
    """An answer to the update whose request id is `reply_to`."""
    Chat.named(recipient)
    body = {"reply_to": reply_to, "chat": recipient, "ref": ref, "payload": cards.payload(message, ref)}
    if isinstance(message, Text):
        body["plain"] = message.text
    return _request(frames.RESPOND, body)


def frozen(request: Request) -> dict[str, Any]:
    """What `compose` and `compose_reply` froze."""
    body: dict[str, Any] = json.loads(request.body)
    return body


def is_to_person(body: dict[str, Any]) -> bool:
    """Whether the body of a message that the bot starts goes to one person."""
    return body.get("chat_type") == _SINGLE


def as_response(reply: dict[str, Any]) -> dict[str, Any]:
    """A frozen answer as the body of a response: words go as a stream that is finished at once."""
    payload: dict[str, Any] = reply["payload"]
    if payload["msgtype"] != "markdown":
        return payload
    content = payload["markdown"]["content"]
    return {"msgtype": "stream", "stream": {"id": reply["ref"], "finish": True, "content": content}}


def as_welcome(reply: dict[str, Any]) -> dict[str, Any] | None:
    """A frozen answer as the body of a welcome, which takes plain words or a card; None when it is neither."""
    if "plain" in reply:
        return {"msgtype": "text", "text": {"content": reply["plain"]}}
    payload: dict[str, Any] = reply["payload"]
    return payload if payload["msgtype"] == "template_card" else None


def as_message(reply: dict[str, Any]) -> dict[str, Any]:
    """A frozen answer as the body of a message that the bot starts."""
    return {**Chat.named(reply["chat"]).address, **reply["payload"]}


def _card_change(update: CardUpdate, chat: Chat) -> dict[str, Any] | None:
    """The body that changes a clicked card; None without the card and its id: a button cannot be changed alone.

    In a group the buttons go on working, others have still to press them; in a single chat one is left that says what
    was done. The person is not named: nobody else sees this card in a single chat, everybody does in a group.
    """
    if update.card is None or not update.card_id:
        return None
    done_label = "" if chat.is_group else update.done_label
    card = cards.template_card(update.card, update.card_id, done_label)
    return {"response_type": "update_template_card", "template_card": card}


def _request(api: str, body: dict[str, Any]) -> Request:
    return Request(api, frames.dump(body))
