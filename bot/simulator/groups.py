"""A group chat in which the group bot sits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.simulator.shown import Content, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


class Group:
    """One group: all members see the same, except where a card was replaced for some of them."""

    def __init__(self, twin: Twin, chat_id: str, name: str, members: Iterable[str]) -> None:
        self.twin = twin
        self.chat_id = chat_id
        self.name = name
        self.members = list(members)
        self.has_bot = True
        self.messages: list[Shown] = []

    def show(self, content: Content, sender: str, userid: str = "") -> Shown:
        """Puts a message into the group."""
        shown = Shown(self.twin.next_number(), self.twin.clock.now(), sender, content, "group", userid)
        self.messages.append(shown)
        self.twin.changed()
        return shown

    def find(self, message_id: str) -> Shown:
        """The message with this id. Raises LookupError."""
        for shown in reversed(self.messages):
            if shown.id == message_id:
                return shown
        raise LookupError(f"no message {message_id!r} in the group {self.chat_id}")

    async def say(self, userid: str, text: str) -> None:
        """Writes to the group without naming the bot, which therefore does not hear it."""
        self.show(Content("text", text), "member", userid)

    async def mention(self, userid: str, text: str, *, quoting: str = "") -> bool:
        """Writes `@<bot> text`. Returns whether a live connection got it; the answer comes later, see `Twin.until`."""
        words = f"@{self.twin.corp.bot_name} {text}"
        self.show(Content("text", words), "member", userid)
        return await self.twin.bot.mention(self, userid, words, quoting=quoting)

    async def mention_with(self, userid: str, text: str, name: str, picture: bytes) -> bool:
        """The same with a picture beside the words."""
        words = f"@{self.twin.corp.bot_name} {text}"
        medium = self.twin.media.sent("image", name, picture, self.twin.clock.now())
        self.show(Content("text", words), "member", userid)
        self.show(Content("image", name, media_id=medium.media_id), "member", userid)
        return await self.twin.bot.mention_with(self, userid, words, medium)

    async def click(self, userid: str, shown: Shown | None, label_or_key: str) -> bool:
        """Presses a card's button (None: of the latest card that has it). Returns whether a live connection got it.

        Raises LookupError when no such button is there, ValueError when it is grey or opens a page.
        """
        shown = shown or self._latest_with(label_or_key, userid)
        button = shown.button(label_or_key, userid)
        if not button.enabled or not button.key:
            raise ValueError(f"the button {label_or_key!r} cannot be pressed")
        return await self.twin.bot.click(userid, shown, button.key, self)

    def _latest_with(self, label_or_key: str, userid: str) -> Shown:
        for shown in reversed(self.messages):
            if any(label_or_key in (button.key, button.text) for button in shown.buttons_for(userid)):
                return shown
        raise LookupError(f"no message with a button {label_or_key!r} in the group {self.chat_id}")
