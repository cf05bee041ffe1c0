"""One token, fetched once, renewed only when it has to be."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import ManualClock
from bot.platforms.base import Outcome, Verdict
from bot.platforms.tokens import NoToken, Token, Tokens

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DOWN = Outcome(Verdict.LATER, "network", counted=False)
WRONG = Outcome(Verdict.LATER, "secret", after=timedelta(minutes=5), counted=False, hold=True, alarm=True)


class Source:
    """Hands out t1, t2, …; fails with `failure` while it is set."""

    def __init__(self) -> None:
        self.count = 0
        self.lifetime: timedelta | None = timedelta(hours=2)
        self.failure: Outcome | None = None
        self.seconds = 0.0
        self.clock = ManualClock(datetime(2026, 11, 23, 1, tzinfo=UTC))
        self.tokens = Tokens(self.fetch, self.clock, lambda: self.seconds)

    async def fetch(self) -> Token:
        self.count += 1
        number = self.count
        await asyncio.sleep(0)
        if self.failure is not None:
            raise NoToken(self.failure)
        return Token(f"t{number}", self.lifetime)

    def pass_time(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()
        self.clock.advance(by)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.mark.faults("TOK1")
async def test_a_hundred_tasks_fetch_once(source: Source) -> None:
    assert set(await asyncio.gather(*(source.tokens.get() for _ in range(100)))) == {"t1"}
    assert source.count == 1


@pytest.mark.faults("TOK1", "TOK4")
async def test_a_hundred_refusals_renew_once(source: Source) -> None:
    await source.tokens.get()
    assert set(await asyncio.gather(*(source.tokens.renew("t1") for _ in range(100)))) == {"t2"}
    assert source.count == 2


@pytest.mark.faults("TOK3", "TOK4")
async def test_a_late_refusal_of_an_old_token_renews_nothing(source: Source) -> None:
    await source.tokens.get()
    await source.tokens.renew("t1")
    assert await source.tokens.renew("t1") == "t2"
    assert source.count == 2


@pytest.mark.faults("TOK7")
@pytest.mark.parametrize(
    ("lifetime", "good_until"),
    [
        (timedelta(hours=2), timedelta(minutes=115)),
        (None, timedelta(minutes=115)),
        (timedelta(minutes=4), timedelta(minutes=2)),
        (timedelta(minutes=20), timedelta(minutes=15)),
    ],
)
async def test_replaced_before_the_end(source: Source, lifetime: timedelta | None, good_until: timedelta) -> None:
    source.lifetime = lifetime
    assert await source.tokens.get() == "t1"
    source.pass_time(good_until - timedelta(seconds=1))
    assert await source.tokens.get() == "t1"
    source.pass_time(timedelta(seconds=1))
    assert await source.tokens.get() == "t2"


@pytest.mark.faults("TOK7")
async def test_a_clock_set_back_keeps_no_dead_token(source: Source) -> None:
    await source.tokens.get()
    source.seconds += 2 * 3600
    source.clock.advance(-24 * HOUR)
    assert await source.tokens.get() == "t2"


@pytest.mark.faults("TOK5")
async def test_at_most_ten_renewals_an_hour(source: Source) -> None:
    token = await source.tokens.get()
    for _ in range(10):
        token = await source.tokens.renew(token)
    source.pass_time(timedelta(minutes=20))
    with pytest.raises(NoToken) as refused:
        await source.tokens.renew(token)
    found = refused.value.outcome
    assert (found.verdict, found.hold, found.alarm, found.counted) == (Verdict.LATER, True, True, False)
    assert found.after == timedelta(minutes=40)
    with pytest.raises(NoToken):
        await source.tokens.get()
    assert source.count == 11
    source.pass_time(timedelta(minutes=41))
    assert await source.tokens.get() == "t12"


async def test_worn_out_tokens_are_no_renewals(source: Source) -> None:
    for day in range(30):
        assert await source.tokens.get() == f"t{day + 1}"
        source.seconds += 7200
    assert not source.tokens.contested


@pytest.mark.faults("TOK6", "CFG12")
async def test_another_program_with_the_same_secret_is_noticed(source: Source) -> None:
    token = await source.tokens.get()
    for renewals in range(3):
        assert source.tokens.contested is False, renewals
        source.pass_time(MINUTE)
        token = await source.tokens.renew(token)
    assert source.tokens.contested
    source.pass_time(HOUR)
    assert not source.tokens.contested


@pytest.mark.faults("TOK6")
async def test_tokens_that_die_late_accuse_nobody(source: Source) -> None:
    token = await source.tokens.get()
    for _ in range(3):
        source.pass_time(timedelta(minutes=15))
        token = await source.tokens.renew(token)
    assert not source.tokens.contested


@pytest.mark.faults("TOK1")
@pytest.mark.parametrize(("failure", "wait"), [(DOWN, timedelta(seconds=2)), (WRONG, MINUTE)])
async def test_a_failure_is_shared_not_repeated(source: Source, failure: Outcome, wait: timedelta) -> None:
    source.failure = failure
    results = await asyncio.gather(*(source.tokens.get() for _ in range(100)), return_exceptions=True)
    assert all(isinstance(result, NoToken) and result.outcome == failure for result in results)
    assert source.count == 1
    source.failure = None
    with pytest.raises(NoToken):
        await source.tokens.get()
    source.pass_time(wait)
    assert await source.tokens.get() == "t2"


@pytest.mark.faults("TOK5")
async def test_a_pause_lasts_a_minute(source: Source) -> None:
    await source.tokens.get()
    source.tokens.pause("t0", WRONG)
    assert await source.tokens.get() == "t1"
    source.tokens.pause("t1", WRONG)
    with pytest.raises(NoToken):
        await source.tokens.get()
    source.pass_time(MINUTE)
    assert await source.tokens.get() == "t2"


async def test_a_cancelled_fetch_leaves_the_way_free(source: Source) -> None:
    task = asyncio.create_task(source.tokens.get())
    await asyncio.sleep(0)
    task.cancel()
    assert await source.tokens.get() == "t2"


@pytest.mark.faults("TOK9")
def test_a_token_does_not_show() -> None:
    assert "sesame" not in repr(Token("sesame", None))
