"""Workdays, holidays and the days that make up for them."""

from datetime import date

import pytest

from bot.rules.workdays import Workdays

SPRING_FESTIVAL = Workdays(
    holidays=frozenset(date(2026, 2, day) for day in range(15, 24)),
    extra_workdays=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    covered_years=frozenset({2026}),
)


@pytest.mark.parametrize(
    ("day", "workday", "following", "previous"),
    [
        (date(2026, 2, 13), True, date(2026, 2, 13), date(2026, 2, 13)),
        (date(2026, 2, 14), True, date(2026, 2, 14), date(2026, 2, 14)),
        (date(2026, 2, 15), False, date(2026, 2, 24), date(2026, 2, 14)),
        (date(2026, 2, 18), False, date(2026, 2, 24), date(2026, 2, 14)),
        (date(2026, 2, 28), True, date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 3, 1), False, date(2026, 3, 2), date(2026, 2, 28)),
        (date(2027, 2, 8), True, date(2027, 2, 8), date(2027, 2, 8)),
        (date(2027, 2, 6), False, date(2027, 2, 8), date(2027, 2, 5)),
    ],
)
@pytest.mark.faults("CLK14")
def test_workdays(day: date, workday: bool, following: date, previous: date) -> None:
    assert SPRING_FESTIVAL.is_workday(day) is workday
    assert SPRING_FESTIVAL.next_workday(day) == following
    assert SPRING_FESTIVAL.previous_workday(day) == previous


@pytest.mark.faults("CLK14")
def test_knows_which_years_it_covers() -> None:
    assert SPRING_FESTIVAL.covers(date(2026, 12, 31))
    assert not SPRING_FESTIVAL.covers(date(2027, 1, 1))


def test_a_calendar_without_workdays_gives_the_day_back() -> None:
    nothing = Workdays(holidays=frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)))
    assert nothing.next_workday(date(2026, 3, 1)) == date(2026, 3, 1)
