"""Group chats and private talks with the group bot: what goes over its socket, in step with the test."""

import asyncio
from collections.abc import Awaitable, Sequence

from bot.simulator.shown import Shown
from tests.world import Person, World

WITHIN = 20
"""Seconds of real time that a frame may take over loopback."""


async def over_the_socket(world: World, pushed: Awaitable[bool]) -> None:
    """Waits until what somebody did has been stored and everything that follows from it has happened."""
    world.app.wake.clear()
    assert await pushed, "no live connection"
    async with asyncio.timeout(WITHIN):
        await world.app.wake.wait()
    await world.app.settle()


class Room:
    """A group chat with the bot in it."""

    def __init__(self, world: World, chat_id: str, people: Sequence[Person]) -> None:
        self.world = world
        self.group = world.twin.group(chat_id, name=chat_id, members=[person.userid for person in people])
        self._read = 0

    async def says(self, person: Person, text: str) -> list[str]:
        """Somebody mentions the bot; what the group reads then."""
        await over_the_socket(self.world, self.group.mention(person.userid, text))
        return self.heard()

    async def quotes(self, person: Person, quoted: str, text: str) -> list[str]:
        """Somebody mentions the bot and quotes a message; what the group reads then."""
        await over_the_socket(self.world, self.group.mention(person.userid, text, quoting=quoted))
        return self.heard()

    async def taps(self, person: Person, label: str, shown: Shown | None = None) -> list[str]:
        """Somebody presses a button of the group's card; what the group reads then."""
        await over_the_socket(self.world, self.group.click(person.userid, shown, label))
        return self.heard()

    def heard(self) -> list[str]:
        """The bot's words since the last call."""
        fresh = self.group.messages[self._read :]
        self._read = len(self.group.messages)
        return [shown.text for shown in fresh if shown.sender == "bot"]

    @property
    def last(self) -> Shown:
        """The newest thing that the bot showed."""
        return next(shown for shown in reversed(self.group.messages) if shown.sender == "bot")

    def cards(self) -> list[Shown]:
        """Every card in the group, oldest first."""
        return [shown for shown in self.group.messages if shown.card is not None]


async def tells_bot(person: Person, text: str) -> list[str]:
    """Writes to the group bot in private; what comes in then."""
    person.heard()
    await over_the_socket(person.world, person.phone.say_to_bot(text))
    return person.heard()


async def taps_bot(person: Person, label: str) -> list[str]:
    """Presses a button in the private talk with the group bot; what comes in then."""
    person.heard()
    shown = next(
        s for s in reversed(person.phone.bot_messages) if label in [b.text for b in s.buttons_for(person.userid)]
    )
    key = shown.button(label, person.userid).key
    await over_the_socket(person.world, person.world.twin.bot.click(person.userid, shown, key))
    return person.heard()


async def sends_bot_file(person: Person, name: str, content: bytes, kind: str = "") -> list[str]:
    """Sends the group bot a file in private; what comes in then."""
    person.heard()
    await over_the_socket(person.world, person.phone.send_file_to_bot(name, content, kind))
    return person.heard()
