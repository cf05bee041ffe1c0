"""What a kind of item brings with it. What it does not say is as for a notice."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from bot.message import Button
from bot.services.settings import Settings
from bot.services.written import Written
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.transaction import Transaction

Keep = Callable[[Transaction, Item], Awaitable[None]]
"""Stores what a kind has read for a draft, once the draft has its number."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a kind shows of one item on its card.

    `asks` stands in place of what the item's `require` says; `lines` go before the body, `fields` are (name, value)
    rows; `buttons` replace the one that does what the item asks. `count` is a group's line, "" for the usual one.
    """

    asks: str = ""
    lines: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] | None = None
    count: str = ""


PLAIN = Face()


@dataclass(frozen=True, slots=True)
class Amendment:
    """A kind's own fields as a correction leaves them: `values` are JSON, `lines` say what changes, `changed` which.

    `due_at`, where set, is when the item is due from then on, for it followed one of them.
    """

    values: Mapping[str, str | int | None]
    lines: tuple[str, ...]
    changed: tuple[str, ...]
    due_at: datetime | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of item. `words` are its command, Chinese and English; `fields` every way to write a field of its own.

    `require` is what it asks where nothing else is written; `chooses` whether something else may be.
    """

    name: ItemKind
    words: tuple[str, str]
    require: Require
    chooses: bool = True
    help_key: str = ""
    """Of its command, where members say the same word; "" for the usual one."""
    fields: Mapping[str, str] = field(default_factory=dict)

    corrects: ClassVar[frozenset[str]] = frozenset()
    """Those of its own fields that may still change when it is out."""
    times: ClassVar[frozenset[str]] = frozenset()
    """Those that name a moment, which is another one for each time of a plan."""

    def lift(self, text: str) -> tuple[str, dict[str, str]]:
        """Takes what is neither title, field line nor body out of a draft's text: (the rest, what was taken)."""
        return text, {}

    async def amend(
        self, tx: Transaction, settings: Settings, item: Item, fields: Mapping[str, str], *, now: datetime
    ) -> Amendment | None:
        """What a correction makes of its own fields; None where it changes none. Raises Ask and UserError."""
        return None

    async def overtaken(self, tx: Transaction, item: Item, amendment: Amendment) -> str:
        """Why the correction cannot come out any more, as a text key: what members did meanwhile; "" when it can."""
        return ""

    async def take_over(
        self, tx: Transaction, settings: Settings, item: Item, amendment: Amendment, *, major: bool, now: datetime
    ) -> None:
        """The correction is out: its values count from now on."""

    def is_answer(self, text: str) -> bool:
        """Whether what follows the command word is rather what a member would say with it."""
        return False

    def read(self, settings: Settings, written: Written, draft: Item, *, now: datetime) -> Keep:
        """Reads the kind's own fields; may set the draft's columns, which is not stored yet. Raises Ask."""
        return keep_nothing

    async def forget(self, tx: Transaction, item: Item) -> None:
        """What was kept for an item that is not out goes, for `read` has read it anew; only where there are `times`."""

    async def notes(self, tx: Transaction, settings: Settings, item: Item) -> list[str]:
        """What the preview says besides."""
        return []

    async def faces(self, tx: Transaction, settings: Settings, items: Sequence[Item]) -> Mapping[int, Face]:
        """Item → what its card shows; the same number of queries for any number of items."""
        return {}

    async def progress(
        self, tx: Transaction, settings: Settings, item: Item, scope: frozenset[int] | None, *, now: datetime
    ) -> list[str]:
        """What 进度 says besides; counts, never names. `scope` are the branches that may be seen, None for all."""
        return []

    async def any_due(self, tx: Transaction, *, now: datetime) -> bool:
        """Whether the clock has something to do for items of this kind: a look at an index."""
        return False

    async def do_due(self, tx: Transaction, settings: Settings, *, now: datetime) -> int:
        """Does it; how many things it did."""
        return 0


async def keep_nothing(tx: Transaction, item: Item) -> None:
    """There is nothing besides the item."""
