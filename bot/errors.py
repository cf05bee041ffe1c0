"""Errors, named by what the caller does next.

BranchbotError
├── UserError          said to the person, in their language
├── SendLater          definitely not done; try again after a while
├── SendRefused        definitely not done, and never will be
├── SendDoubtful       perhaps done: nobody knows
├── TooEarly           what an update speaks of is not stored yet; it is tried again after a while
├── ForgedRequest      403 without a word
├── LeaseLost          somebody else does this work now; stop
├── ConfigError        every problem of the config at once; exit 2
└── WrongSchema        the database is not at the version of this program; exit 2
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta


class BranchbotError(Exception):
    """Root of the errors that branchbot raises on purpose."""


class UserError(BranchbotError):
    """Something that a person did or asked cannot be done; `key` is a text of the catalogues.

    Params fill the text's placeholders. Whatever the handler wrote is rolled back.
    """

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class SendLater(BranchbotError):
    """The platform said "not now", or no byte had left: certainly not done."""

    def __init__(self, reason: str, *, after: timedelta, counted: bool, hold: bool = False) -> None:
        """`counted`: the try counts against the limit. `hold`: the whole app waits, not this call alone."""
        super().__init__(reason)
        self.reason, self.after, self.counted, self.hold = reason, after, counted, hold


class SendRefused(BranchbotError):
    """The platform said no for good. `reason` is a key under `reason.` in the catalogues, or its code as text."""

    def __init__(self, reason: str, *, about_person: bool = False) -> None:
        """`about_person`: the recipient cannot be reached, whatever the content."""
        super().__init__(reason)
        self.reason, self.about_person = reason, about_person


class SendDoubtful(BranchbotError):
    """Bytes left and no answer that can be understood came back."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooEarly(BranchbotError):
    """An update speaks of something that is about to be stored: it is put off, and nothing is wrong."""


class ForgedRequest(BranchbotError):
    """A callback that fails verification. `why` is for the counter and the log, never for the sender."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class LeaseLost(BranchbotError):
    """Another instance holds the lease `name`, or may: what its holder alone may do must end, and nothing is kept."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing wrong in the configuration: the key, what was found (None: nothing, or a secret), what was expected.

    `expected` is a key under `config.expected.` in the catalogues, filled from `params`.
    """

    key: str
    found: str | None
    expected: str
    params: Mapping[str, object] = field(default_factory=dict)


class ConfigError(BranchbotError):
    """The configuration cannot be used."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("; ".join(p.key for p in problems))
        self.problems = tuple(problems)


class WrongSchema(BranchbotError):
    """The database's schema is not the one this program knows; None means an empty database."""

    def __init__(self, found: str | None, expected: str) -> None:
        super().__init__(f"schema {found}, expected {expected}")
        self.found, self.expected = found, expected
