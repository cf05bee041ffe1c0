"""What goes out, the same to every platform. Each kind is plain data and survives a round trip through JSON."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a card: `action` comes back as a click, or `url` opens a page; exactly one is set."""

    label: str
    action: str = ""
    url: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words. Line feeds are kept; nothing in it is markup, adapters escape what their network would read so."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Card:
    """A card with buttons.

    `fields` are short (name, value) rows; adapters show at most six. Adapters cut each part to their network's limit
    at a character's border; the full text stands behind `url`.
    """

    title: str
    subtitle: str = ""
    body: str = ""
    source: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    url: str = ""
    type: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Changes a card that somebody clicked.

    `code` is the click's `card_code`; `user_id` who clicked. `done_label` greys the button with these words. Where
    `card` is given the whole card is replaced (a group's card with its count) and its buttons go on working.
    """

    code: str
    user_id: str
    done_label: str
    card_id: str = ""
    card: Card | None = None
    note: str = ""
    """Said to the person instead, where the platform no longer lets the card change."""
    others: tuple[str, ...] = ()
    """User ids of those who got the same card, where it changes for them too."""
    type: Literal["card_update"] = "card_update"


@dataclass(frozen=True, slots=True)
class Recall:
    """Takes a message back, for everybody who got it in the same call. `ref` is the platform's id of that call."""

    ref: str
    type: Literal["recall"] = "recall"


MediaKind = Literal["image", "voice", "video", "file"]
"""As what a network shows a file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of ours, by the SHA-256 of its content; `name` is what people see it called.

    `media_id` is what the platform calls it: known when the message leaves, "" until then.
    """

    name: str
    digest: str
    kind: MediaKind = "file"
    media_id: str = ""
    type: Literal["file"] = "file"


@dataclass(frozen=True, slots=True)
class Nudge:
    """What an official account may say when it may not write: a few words in a template that was approved.

    `text` is short, `number` names the question ("Q34"), `at` is a moment as the branch writes it.
    """

    text: str
    number: str
    at: str
    type: Literal["nudge"] = "nudge"


@dataclass(frozen=True, slots=True)
class Event:
    """What another system hears: never a person. `id` is the same however often it is sent; `payload` is JSON."""

    id: str
    name: str
    payload: str
    type: Literal["event"] = "event"


Message = Text | Card | CardUpdate | Recall | File | Nudge | Event

_adapter: TypeAdapter[Message] = TypeAdapter(Message)


def dump(message: Message) -> str:
    """The message as JSON text; the same message gives the same text."""
    return _adapter.dump_json(message).decode()


def load(text: str) -> Message:
    """The message that `dump` wrote."""
    return _adapter.validate_json(text)
