"""What a kind of item brings with it. What it does not say is as for a notice."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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


@dataclass(frozen=True)
class Kind:
    """One kind of item. `words` are its command, Chinese and English; `fields` every way to write a field of its own.

    `require` is what it asks where nothing else is written; `chooses` whether something else may be. `repeats`: it may
    be planned to come again, for it is its words and columns and nothing else.
    """

    name: ItemKind
    words: tuple[str, str]
    require: Require
    chooses: bool = True
    repeats: bool = False
    help_key: str = ""
    """Of its command, where members say the same word; "" for the usual one."""
    fields: Mapping[str, str] = field(default_factory=dict)

    def lift(self, text: str) -> tuple[str, dict[str, str]]:
        """Takes what is neither title, field line nor body out of a draft's text: (the rest, what was taken)."""
        return text, {}

    def is_answer(self, text: str) -> bool:
        """Whether what follows the command word is rather what a member would say with it."""
        return False

    def read(self, settings: Settings, written: Written, draft: Item, *, now: datetime) -> Keep:
        """Reads the kind's own fields; may set the draft's columns, which is not stored yet. Raises Ask."""
        return keep_nothing

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
