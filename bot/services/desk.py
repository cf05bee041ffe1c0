"""The rules of the residents' desk in one installation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.rules.answering import WorkingTime
from bot.rules.workdays import Workdays


def _day_and_night() -> WorkingTime:
    return WorkingTime((), Workdays(), ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that a question is filed under when one of the keywords stands in it."""

    name: str
    keywords: Sequence[str]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A place that a resident can choose by its number, and the branch that answers for it."""

    name: str
    branch: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`open`: there is an official account. `report_channel` "" means the one that the catalogues name."""

    open: bool = False
    nudges: bool = False
    """Whether a template can tell a resident of an answer when the account may not write."""
    answer_within: timedelta = timedelta(hours=24)
    working: WorkingTime = field(default_factory=_day_and_night)
    keep_for: timedelta = timedelta(days=365)
    close_after: timedelta = timedelta(days=7)
    hourly_limit: int = 10
    topics: Sequence[Topic] = ()
    neighbourhoods: Sequence[Neighbourhood] = ()
    report_words: Sequence[str] = ()
    report_channel: str = ""
    advertising_words: Sequence[str] = ()
