"""What the services of one running bot share: words, links, roads, the rules of publishing and reminding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.rules.reminding import Policy, Quiet, Workdays
from bot.services.desk import Desk
from bot.services.links import Links
from bot.services.roads import Roads
from bot.texts import Texts
from storage.file_folder import FileFolder

MAX_BYTES = 20 * 1024 * 1024
"""What WeCom takes of a file."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """When reminders may come. `daily` and `weekly` are messages to one member over all branches; 0: no limit."""

    policy: Policy
    quiet: Quiet
    workdays: Workdays | None
    daily: int
    weekly: int


@dataclass(frozen=True, slots=True)
class Publishing:
    """`code_above` members need the four digits (0: never); `trial` is empty, or the only user ids ever reached.

    `day_budget`: person-times that the app may send in a day; 0: not counted.
    `approval_above` members need a second person who agrees (0: never).
    """

    undo_window: timedelta
    code_above: int
    trial: frozenset[str]
    day_budget: int = 0
    approval_above: int = 0


@dataclass(frozen=True, slots=True)
class Files:
    """Where files lie, and how many bytes one may have."""

    folder: FileFolder
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Hook:
    """An address of another system, by its name, and what it listens to."""

    name: str
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is personal stays, where nothing else says so."""

    messages: timedelta = timedelta(days=180)
    """The words and recipients of what was sent, and the requests that carried it."""
    updates: timedelta = timedelta(days=180)
    """What a callback is known by when it comes again; its words go at once."""
    drafts: timedelta = timedelta(days=90)
    """Drafts that nobody confirmed."""
    accesses: timedelta = timedelta(days=1095)
    """Who looked at what."""


@dataclass(frozen=True, slots=True)
class Settings:
    texts: Texts
    links: Links
    roads: Roads
    reminding: Reminding
    publishing: Publishing
    tiers: Sequence[str]
    administrators: frozenset[str]
    """Case-folded user ids."""
    calendar: Workdays = field(default_factory=Workdays)
    """Which days are worked: for what was planned by workdays, and to keep plans off public holidays."""
    files: Files = Files(FileFolder(Path("files")), MAX_BYTES)
    desk: Desk = field(default_factory=Desk)
    hooks: tuple[Hook, ...] = ()
    keeping: Keeping = Keeping()
    ledger_key: bytes = b""
    """Who was forgotten is written down under it."""
