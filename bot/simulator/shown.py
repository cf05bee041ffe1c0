"""What people see: one message on one phone, or in one group."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SimButton:
    """A button as somebody sees it: `key` comes back in a click, or `url` opens a page."""

    text: str
    key: str
    url: str
    enabled: bool
    primary: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The visible part of a message; one object for all who got it.

    `text` has every visible word but the buttons' labels, one part a line. `card` is the card as it was sent.
    `markup` is a text as it was written, "" for the others; `links` are the (label, url) pairs inside it.
    """

    kind: str
    text: str
    card: Json | None = None
    buttons: tuple[SimButton, ...] = ()
    markup: str = ""
    links: tuple[tuple[str, str], ...] = ()
    url: str = ""
    task_id: str = ""
    media_id: str = ""


@dataclass(slots=True, eq=False)
class Sent:
    """One accepted request of the app; what a recall or a card update reaches."""

    msgid: str
    at: datetime
    userids: list[str] = field(default_factory=list)
    response_code: str = ""
    recalled: bool = False


@dataclass(slots=True, eq=False)
class Shown:
    """One message where somebody sees it. Light: what many people got is shared in `content` and `sent`.

    `sender` is "app", "bot" (the group bot) or "me" (the phone's owner); in a group it is "bot" or "member", and
    `userid` says who. `chat` is where it stands: "app", "bot" (private talk with the group bot) or "group".
    """

    id: str
    at: datetime
    sender: str
    content: Content
    chat: str = "app"
    userid: str = ""
    sent: Sent | None = None
    pressed: tuple[str, str] | None = None
    """(key, label) after a card's button was greyed."""
    views: dict[str, Content] | None = None
    """In a group: what single members see instead, by folded userid."""

    @property
    def kind(self) -> str:
        """`text`, `card` (template card), `textcard`, `markdown`, `image`, `voice`, `video`, `file`, `news`, …"""
        return self.content.kind

    @property
    def text(self) -> str:
        """Every visible word except the buttons' labels."""
        return self.content.text

    @property
    def card(self) -> Json | None:
        """The card as it was sent or last replaced."""
        return self.content.card

    @property
    def links(self) -> list[tuple[str, str]]:
        """The (label, url) pairs inside a text message."""
        return list(self.content.links)

    @property
    def url(self) -> str:
        """Where a tap on the card leads; "" when nowhere."""
        return self.content.url

    @property
    def task_id(self) -> str:
        return self.content.task_id

    @property
    def response_code(self) -> str:
        """The code that the request's answer carried; clicks bring their own."""
        return self.sent.response_code if self.sent else ""

    @property
    def recalled(self) -> bool:
        return self.sent is not None and self.sent.recalled

    @property
    def buttons(self) -> list[SimButton]:
        return self.buttons_for("")

    def content_for(self, userid: str) -> Content:
        """What this person sees: the same as everybody unless the card was replaced for them alone."""
        return self.views.get(userid.casefold(), self.content) if self.views else self.content

    def buttons_for(self, userid: str) -> list[SimButton]:
        """The buttons this person sees."""
        buttons = list(self.content_for(userid).buttons)
        return buttons if self.pressed is None else _greyed(buttons, *self.pressed)

    def button(self, label_or_key: str, userid: str = "") -> SimButton:
        """The button with this label or key. Raises LookupError naming the buttons that are there."""
        buttons = self.buttons_for(userid)
        for button in buttons:
            if label_or_key in (button.key, button.text):
                return button
        raise LookupError(f"no button {label_or_key!r}; there are {[button.text for button in buttons]}")


def _greyed(buttons: list[SimButton], key: str, label: str) -> list[SimButton]:
    """The pressed button takes the label; no button that calls back can be pressed again, links stay open."""
    keys = [button.key for button in buttons if button.key]
    pressed = key if key in keys else next(iter(keys), "")
    return [
        replace(button, enabled=False, text=label if button.key == pressed else button.text) if button.key else button
        for button in buttons
    ]
