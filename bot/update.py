"""What came in, the same from every platform."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum


class UpdateKind(StrEnum):
    """What somebody did."""

    TEXT = "text"
    """They wrote; `text` holds it, a mention of the bot already stripped."""
    CLICK = "click"
    """They pressed a card's button; `action` holds its key."""
    MEDIA = "media"
    """They sent a picture, file, voice, video, place or link; `media` names which."""
    ENTER = "enter"
    """They opened the app or the chat."""
    EVENT = "event"
    """The platform tells something about itself or the directory; `action` holds the event's name."""
    UNKNOWN = "unknown"
    """Nothing we know; stored, counted, answered with nothing."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture, file, voice or video that somebody sent, as the platform lets us fetch it.

    `ref` is the platform's id of it, or its address; `key` opens what lies there, "" where it is not sealed. `name` is
    what the sender called it, "" where the platform does not say so before it is fetched.
    """

    kind: str
    ref: str
    key: str = ""
    name: str = ""

    def dump(self) -> str:
        """JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> "Medium":
        """What `dump` wrote."""
        return cls(**json.loads(text))


@dataclass(slots=True)
class Update:
    """One message or event from outside, verified and decrypted. Nobody changes it; to have it frozen would take three
    times as long to make it.

    `key` is unique for the event within the platform and the same in each of the platform's repeats.
    `user_id` is the platform's id of who acts, as the platform spells it; "" when nobody does.
    """

    platform: str
    key: str
    kind: UpdateKind
    user_id: str
    sent_at: datetime
    text: str = ""
    action: str = ""
    chat_id: str = ""
    """The group's id; "" in a private conversation."""
    reply_to: str = ""
    """What an answer must name: the request id of the group bot's socket; "" where answers need none."""
    card_code: str = ""
    """What changes the clicked card: WeCom's response code, or the socket's request id; "" when there is none."""
    card_id: str = ""
    """The clicked card's task id."""
    media: str = ""
    files: tuple[Medium, ...] = ()
    """What was sent and can be fetched; some networks send it together with words."""
    details: dict[str, str] = field(default_factory=dict)
    """Fields of an event that somebody may want, by the platform's names."""

    @property
    def in_group(self) -> bool:
        """Whether others read along."""
        return bool(self.chat_id)
