"""A member's phone: what it shows, and what its owner does with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.simulator.media import Medium, kind_of
from bot.simulator.shown import Content, Sent, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


class Phone:
    """One person's phone with two conversations: with the app, and in private with the group bot."""

    __slots__ = ("arrivals", "messages", "twin", "userid")

    def __init__(self, twin: Twin, userid: str) -> None:
        self.twin = twin
        self.userid = userid
        self.messages: list[Shown] = []
        """Everything shown, oldest first, both conversations, the owner's own words included."""
        self.arrivals: list[float] = []
        """When the app's messages came, as POSIX time: what the limit per member counts."""

    @property
    def app_messages(self) -> list[Shown]:
        """The conversation with the app."""
        return [shown for shown in self.messages if shown.chat == "app"]

    @property
    def bot_messages(self) -> list[Shown]:
        """The private conversation with the group bot."""
        return [shown for shown in self.messages if shown.chat == "bot"]

    def heard(self) -> list[str]:
        """The words of everything that came in and still stands."""
        return [shown.text for shown in self.messages if shown.sender != "me" and not shown.recalled]

    def files(self) -> list[Medium]:
        """The pictures, files, voices and videos that came in and still stand."""
        came_in = (shown for shown in self.messages if shown.sender != "me" and not shown.recalled)
        return [self.twin.media.seen(shown.content.media_id) for shown in came_in if shown.content.media_id]

    def find(self, message_id: str) -> Shown:
        """The message with this id. Raises LookupError."""
        for shown in reversed(self.messages):
            if shown.id == message_id:
                return shown
        raise LookupError(f"no message {message_id!r} on the phone of {self.userid}")

    def show(self, content: Content, sender: str, chat: str = "app", sent: Sent | None = None) -> Shown:
        """Puts a message on the phone."""
        shown = self.add(content, sender, chat, sent)
        self.twin.changed()
        return shown

    def add(
        self, content: Content, sender: str, chat: str = "app", sent: Sent | None = None, at: datetime | None = None
    ) -> Shown:
        """As `show`, without telling anybody: the caller does it once for many phones, at one instant."""
        shown = Shown(self.twin.next_number(), at or self.twin.clock.now(), sender, content, chat, self.userid, sent)
        self.messages.append(shown)
        return shown

    async def say(self, text: str, *, repeat: int = 1, at_once: bool = False) -> str | None:
        """Writes to the app; see `AppCallbacks.say`. Returns the passive reply's words."""
        self.show(Content("text", text), "me")
        return await self.twin.app.say(self.userid, text, repeat=repeat, at_once=at_once)

    async def send(self, kind: str) -> str | None:
        """Sends the app a picture, voice, video, location or link."""
        self.show(Content(kind, f"[{kind}]"), "me")
        return await self.twin.app.media(self.userid, kind)

    async def send_file(self, name: str, content: bytes, kind: str = "", *, swollen: int = 0) -> str | None:
        """Sends the app a file, or as `kind` a picture, voice or video; the words of the passive reply."""
        medium = self._sent(name, content, kind, "app", swollen)
        return await self.twin.app.file(self.userid, medium)

    async def send_file_to_bot(self, name: str, content: bytes, kind: str = "", *, swollen: int = 0) -> bool:
        """The same to the group bot, in private. Returns whether a live connection got it."""
        return await self.twin.bot.file(self.userid, self._sent(name, content, kind, "bot", swollen))

    def _sent(self, name: str, content: bytes, kind: str, chat: str, swollen: int) -> Medium:
        medium = self.twin.media.sent(kind or kind_of(name), name, content, self.twin.clock.now(), swollen)
        self.show(Content(medium.kind, name, media_id=medium.media_id), "me", chat)
        return medium

    async def enter(self) -> str | None:
        """Opens the app."""
        return await self.twin.app.enter(self.userid)

    async def click(
        self, shown: Shown | None, label_or_key: str, *, repeat: int = 1, at_once: bool = False
    ) -> str | None:
        """Presses a button of a card, or of the latest card that has one of this name.

        Raises LookupError when no such button is there, ValueError when it is grey, recalled or opens a page.
        """
        shown = shown or self._latest_with(label_or_key)
        button = shown.button(label_or_key, self.userid)
        if shown.recalled or not button.enabled or not button.key:
            raise ValueError(f"the button {label_or_key!r} cannot be pressed")
        if shown.chat == "bot":
            await self.twin.bot.click(self.userid, shown, button.key)
            return None
        return await self.twin.app.click(self.userid, shown, button.key, repeat=repeat, at_once=at_once)

    async def say_to_bot(self, text: str) -> bool:
        """Writes to the group bot in private. Returns whether a live connection got it."""
        self.show(Content("text", text), "me", "bot")
        return await self.twin.bot.say(self.userid, text)

    async def enter_bot(self) -> bool:
        """Opens the private conversation with the group bot. Returns whether a live connection heard of it."""
        return await self.twin.bot.enter(self.userid)

    def _latest_with(self, label_or_key: str) -> Shown:
        for shown in reversed(self.messages):
            names = [name for button in shown.buttons_for(self.userid) for name in (button.key, button.text)]
            if label_or_key in names and not shown.recalled:
                return shown
        raise LookupError(f"no message with a button {label_or_key!r} on the phone of {self.userid}")
