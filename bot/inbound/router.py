"""How handlers say what they listen to."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bot.message import Card
from bot.rules.words import normalise
from bot.services.access import Speaker
from bot.services.settings import Settings
from bot.texts import Texts
from bot.update import Update, UpdateKind
from storage.enums import Role
from storage.transaction import Transaction

LONGEST_SHAPE = 40
"""Characters of a text that can be secret by its shape."""


class Reply(NamedTuple):
    """What a handler answers.

    In a group, `text` and `card` are for everybody and `private` goes to the person alone; in a private chat `private`,
    where given, is said in their place. `done_label` greys the clicked card's button, `changed` replaces the card;
    `others` are the user ids of those for whom it changes too.
    """

    text: str = ""
    card: Card | None = None
    private: "Reply | None" = None
    done_label: str = ""
    changed: Card | None = None
    others: tuple[str, ...] = ()
    pressed: tuple[str, str] = ("", "")
    """(code, id) of a card that was pressed before these words were said, where it is that one which changes."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler works with. Pass `tx` on to services; never query with it."""

    tx: Transaction
    now: datetime
    update: Update
    speaker: Speaker
    settings: Settings
    commands: "Commands"

    @property
    def texts(self) -> Texts:
        return self.settings.texts

    def reply(self, key: str, **params: object) -> Reply:
        """A sentence of the catalogues."""
        return Reply(self.settings.texts.say(key, **params))


Handler = Callable[[Context, str], Awaitable[Reply | None]]
"""Gets what follows the command word, a button's argument, the answer in a dialogue, or the whole text."""
TopicHandler = Callable[[Context, str, str], Awaitable[Reply | None]]
"""Gets a dialogue's state and what the person answered."""


@dataclass(frozen=True, slots=True)
class Command:
    """`words` are all its names, the Chinese one first. `roles` empty: every member. `help` is a text key.

    `takes` tells by what follows the word whether this command is meant rather than another of the same name.
    """

    words: tuple[str, ...]
    roles: tuple[Role, ...]
    handler: Handler
    help: str
    only_in_group: bool = False
    secret: bool = False
    takes: Callable[[str], bool] | None = None
    desk: bool = False
    """It is about residents' questions."""
    light: bool = False
    """Said alone, without anything behind it, it reads a few rows and changes nothing."""
    only_administrators: bool = False


@dataclass(slots=True)
class Router:
    """What one module of handlers listens to. `desk`: all of it is about residents' questions."""

    desk: bool = False
    commands: list[Command] = field(default_factory=list)
    clicks: dict[str, tuple[tuple[Role, ...], Handler]] = field(default_factory=dict)
    topics: dict[str, TopicHandler] = field(default_factory=dict)
    texts: list[Handler] = field(default_factory=list)
    arrivals: list[Handler] = field(default_factory=list)
    media_handlers: list[Handler] = field(default_factory=list)
    secret_clicks: set[str] = field(default_factory=set)
    secret_shapes: list[re.Pattern[str]] = field(default_factory=list)
    """What whole texts look like, folded and in upper case, that are secret without a command word."""

    def command(
        self,
        *words: str,
        roles: Sequence[Role] = (),
        only_in_group: bool = False,
        only_administrators: bool = False,
        secret: bool = False,
        light: bool = False,
        takes: Callable[[str], bool] | None = None,
        help_key: str = "",
    ) -> Callable[[Handler], Handler]:
        """A command under all its names; its help text is `help.<the English name>`, or `help_key`.

        `secret`: what was said is never stored beside who said it, not even until it is done; should the handler fail,
        the person is asked to say it again. `light`: every member may say it, and said alone it only reads a few rows.
        """

        def register(handler: Handler) -> Handler:
            key = help_key or f"help.{words[1]}"
            self.commands.append(
                Command(
                    words,
                    tuple(roles),
                    handler,
                    key,
                    only_in_group=only_in_group,
                    secret=secret,
                    light=light,
                    takes=takes,
                    desk=self.desk,
                    only_administrators=only_administrators,
                )
            )
            return handler

        return register

    def click(self, action: str, *, roles: Sequence[Role] = (), secret: bool = False) -> Callable[[Handler], Handler]:
        """A button whose key is `<action>:<argument>`; `secret` as for commands."""

        def register(handler: Handler) -> Handler:
            self.clicks[action] = (tuple(roles), handler)
            if secret:
                self.secret_clicks.add(action)
            return handler

        return register

    def topic(self, name: str) -> Callable[[TopicHandler], TopicHandler]:
        """The answer to something that the bot has asked."""

        def register(handler: TopicHandler) -> TopicHandler:
            self.topics[name] = handler
            return handler

        return register

    def text(self, handler: Handler) -> Handler:
        """Words that are no command; the first handler that replies ends it."""
        self.texts.append(handler)
        return handler

    def arrival(self, handler: Handler) -> Handler:
        """Somebody opened the app or the chat."""
        self.arrivals.append(handler)
        return handler

    def media(self, handler: Handler) -> Handler:
        """Somebody sent something else than words, or something with them; it gets the words."""
        self.media_handlers.append(handler)
        return handler


class Commands:
    """All routers as one, in the order in which they were listed."""

    def __init__(self, routers: Sequence[Router]) -> None:
        self.all: list[Command] = [command for router in routers for command in router.commands]
        self._by_word: dict[str, list[Command]] = {}
        for command in self.all:
            for word in command.words:
                self._by_word.setdefault(word, []).append(command)
        self.clicks = {action: click for router in routers for action, click in router.clicks.items()}
        self.topics = {name: topic for router in routers for name, topic in router.topics.items()}
        self.texts = [handler for router in routers for handler in router.texts]
        self.arrivals = [handler for router in routers for handler in router.arrivals]
        self.media = [handler for router in routers for handler in router.media_handlers]

        self._light_words = frozenset(word for command in self.all if command.light for word in command.words)
        self._secret_words = tuple(word for command in self.all if command.secret for word in command.words)
        self._secret_shapes = [shape for router in routers for shape in router.secret_shapes]
        self._secret_clicks = {action for router in routers for action in router.secret_clicks}

    def is_secret(self, update: Update) -> bool:
        """Whether it may be what is not to be stored beside who said it; rather once too often."""
        if update.kind is UpdateKind.CLICK:
            return update.action.partition(":")[0] in self._secret_clicks
        if update.kind is not UpdateKind.TEXT:
            return False
        plain = normalise(update.text.lstrip()[:LONGEST_SHAPE]).lower().lstrip("/、 ")
        if plain.startswith(self._secret_words):
            return True
        return len(update.text) <= LONGEST_SHAPE and any(each.fullmatch(plain.upper()) for each in self._secret_shapes)

    def is_light(self, update: Update) -> bool:
        """Whether it is done in no time, whoever says it."""
        if update.kind is not UpdateKind.TEXT or update.files or len(update.text) > LONGEST_SHAPE:
            return False
        return normalise(update.text).strip().lower().removeprefix("/") in self._light_words

    def named(self, word: str, speaker: Speaker) -> list[Command]:
        """All that the speaker may use whose own name this is: with different arguments it may do different things."""
        return [command for command in self._known(word, speaker) if word in command.words[:2]]

    def _known(self, word: str, speaker: Speaker) -> list[Command]:
        return [command for command in self._by_word.get(word, []) if self.allowed(command, speaker)]

    def find(self, word: str, speaker: Speaker, rest: str = "") -> Command | None:
        """The command of that name that the speaker may use: what they may not use does not exist.

        Of several the first that `takes` the rest, else the first that takes anything, else the first.
        """
        found = self._known(word, speaker)
        meant = [command for command in found if command.takes is not None and command.takes(rest)]
        plain = [command for command in found if command.takes is None]
        return next(iter([*meant, *plain, *found]), None)

    @staticmethod
    def allowed(command: Command, speaker: Speaker) -> bool:
        if command.only_administrators:
            return speaker.administrator
        return not command.roles or speaker.may(*command.roles)

    def of(self, speaker: Speaker) -> list[Command]:
        """What the speaker may use, in order."""
        return [command for command in self.all if self.allowed(command, speaker)]
