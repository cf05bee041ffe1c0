"""The app's day: so many person-times WeCom takes, a tenth of which is kept for answers, confirmations and alarms.

https://developer.work.weixin.qq.com/document/path/90454: 200 times the account limit in a day, each recipient counts.
"""

from collections.abc import Sequence
from datetime import date, datetime

from bot.errors import UserError
from bot.rules.wall_clock import day_of
from bot.services.alarms import raise_alarm
from bot.services.roads import APP
from bot.services.settings import Settings
from storage.enums import Priority
from storage.transaction import Transaction

A_DAY_PER_ACCOUNT = 200
KEPT_BACK = 10
"""Of a hundred."""
WARNINGS = (80, 50)
"""Percent of the day at which the administrators hear of it."""


def for_pushes(settings: Settings) -> int | None:
    """Person-times of a day that pushes and reminders may use; None where nothing is counted."""
    budget = settings.publishing.day_budget
    return budget - budget * KEPT_BACK // 100 if budget and settings.roads.private == APP else None


async def check_budget(tx: Transaction, settings: Settings, people: int, goes_at: datetime, *, now: datetime) -> None:
    """Raises UserError when a push to so many passes the day on which it goes: it is refused whole."""
    most = for_pushes(settings)
    if most is None:
        return
    day = day_of(max(goes_at, now), settings.texts.zone)
    left = max(0, most - await tx.budgets.used(APP, day))
    if people > left:
        key = "budget.too_many_today" if day == day_of(now, settings.texts.zone) else "budget.too_many"
        raise UserError(key, people=people, left=left, most=most, day=settings.texts.day(day, now))


async def room_for(tx: Transaction, settings: Settings, priority: Priority | int, now: datetime) -> int | None:
    """How many more people a message of this priority may reach today; None: as many as there are."""
    most = for_pushes(settings)
    if most is None or priority <= Priority.URGENT:
        return None
    return max(0, most - await tx.budgets.used(APP, day_of(now, settings.texts.zone)))


async def use_budget(tx: Transaction, settings: Settings, people: int, now: datetime) -> None:
    """Counts a request that leaves now, and warns at half and at four fifths of the day."""
    budget = settings.publishing.day_budget
    if not budget:
        return
    day: date = day_of(now, settings.texts.zone)
    used = await tx.budgets.use(APP, day, people, now)
    for percent in _passed(budget, used - people, used):
        await raise_alarm(tx, settings, f"budget_{percent}", now=now, used=used, budget=budget)


def _passed(budget: int, before: int, after: int) -> Sequence[int]:
    """The highest of the warnings that was passed just now, if any."""
    return [percent for percent in WARNINGS if before * 100 < budget * percent <= after * 100][:1]
