"""The calendar of holidays and make-up days: published year by year, each autumn for the next."""

from collections.abc import AsyncIterator
from datetime import date

from bot.clock import SystemClock
from bot.commands.checks.finding import Finding, good, warning
from bot.commands.session import Session
from bot.schedule.calendar import workdays


async def check(session: Session) -> AsyncIterator[Finding]:
    own = {date.fromisoformat(day.removeprefix("+")).year for day in session.config.reminders.holidays}
    covered = own | workdays(()).covered_years
    year = SystemClock().now().astimezone(session.config.zone).year
    unknown = [each for each in (year, year + 1) if each not in covered]
    if unknown:
        yield warning("calendar_unknown", years=session.terminal.texts.list([str(each) for each in unknown]))
    else:
        yield good("calendar", year=year + 1)
