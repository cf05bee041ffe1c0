"""An access token: fetched by one task of one instance while the others wait, and never in a storm.

WeCom: https://developer.work.weixin.qq.com/document/path/91039; the official account: 获取稳定版接口调用凭据. All
instances share it by a `Shelf`; without one it lives in this process's memory only.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn, Protocol

from bot.clock import Clock
from bot.killing import here
from bot.log import get_logger
from bot.platforms.base import Outcome, Verdict

EARLY = timedelta(minutes=5)
"""How long before its end a token is replaced; half of its life where that is shorter."""
LIFETIME = timedelta(hours=2)
"""Where the platform does not say."""
WINDOW = timedelta(hours=1)
MOST_RENEWALS = 10
"""In a window, for tokens that the platform would not take: two thousand failing calls an hour block the app."""
PAUSE = timedelta(minutes=1)
"""After a failure nobody asks again before; after one of the network, only"""
BRIEFLY = timedelta(seconds=2)
FRESH = timedelta(minutes=10)
"""A token refused at this age was not worn out: somebody else uses the secret."""
CONTESTED_AFTER = 3

log = get_logger("platforms")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token and how long it will live, counted from its request."""

    value: str
    lifetime: timedelta | None


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """A token as instances share it, and until when it is used."""

    value: str
    fetched_at: datetime
    good_until: datetime


class Shelf(Protocol):
    """Where all instances keep an app's token."""

    async def fetch(self, fetch: Callable[[], Awaitable[Kept]], *, unlike: str) -> Kept:
        """The token that another instance brought, if it is not `unlike`; else what `fetch` brings, kept for all.

        One fetch at a time over all instances. Raises what `fetch` raises, and whatever else goes wrong.
        """
        ...


class NoToken(Exception):
    """There is no token now; `outcome` says for how long and why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _Moment:
    """An instant on both clocks: the one that never jumps, and the one that everybody else goes by."""

    monotonic: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    at: _Moment
    wait: timedelta
    outcome: Outcome


class Tokens:
    """Keeps one token. `fetch` asks the platform for another and raises NoToken."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Token]],
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
    ) -> None:
        self._fetch = fetch
        self._shelf = shelf
        self._dead = ""
        """The last token that the platform refused."""
        self._clock = clock
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._value = ""
        self._fetched: _Moment | None = None
        self._good_for = timedelta()
        self._failure: _Failure | None = None
        self._renewals: deque[_Moment] = deque(maxlen=MOST_RENEWALS)
        self._early_deaths: deque[_Moment] = deque(maxlen=CONTESTED_AFTER)

    @property
    def contested(self) -> bool:
        """Whether fresh tokens keep dying: another program uses this app's secret."""
        return len(self._early_deaths) == CONTESTED_AFTER and self._since(self._early_deaths[0]) < WINDOW

    async def get(self) -> str:
        """The token, fetched anew when it is worn out. Raises NoToken."""
        if not self._usable():
            async with self._lock:
                if not self._usable():
                    await self._replace()
        return self._value

    async def renew(self, failed: str) -> str:
        """A token other than `failed`, which the platform refused; somebody may have renewed it already.

        Raises NoToken, also when tokens have been renewed too often.
        """
        async with self._lock:
            if self._value == failed:
                self._dead = failed
                self._bury()
                await self._replace()
            elif not self._usable():
                await self._replace()
        return self._value

    def pause(self, failed: str, outcome: Outcome) -> None:
        """Nobody gets a token for a while: `failed`, just renewed, was refused too. Not if there is a newer one."""
        if self._value == failed:
            self._value, self._dead = "", failed
            self._failure = _Failure(self._moment(), PAUSE, outcome)

    def _bury(self) -> None:
        """Forgets the stored token, dead before its time. Raises NoToken when that happens too often."""
        if self._fetched is not None and self._since(self._fetched) < FRESH:
            self._early_deaths.append(self._moment())
        self._value = ""
        if len(self._renewals) == MOST_RENEWALS and self._since(self._renewals[0]) < WINDOW:
            wait = WINDOW - self._since(self._renewals[0])
            reason = "other_program" if self.contested else "token"
            self._fail(Outcome(Verdict.LATER, reason, after=wait, counted=False, hold=True, alarm=True), wait)
        self._renewals.append(self._moment())

    async def _replace(self) -> None:
        failure = self._failure
        if failure is not None and self._since(failure.at) < failure.wait:
            raise NoToken(failure.outcome)
        try:
            kept = await (self._bring() if self._shelf is None else self._shelf.fetch(self._bring, unlike=self._dead))
        except NoToken as error:
            self._fail(error.outcome, min(error.outcome.after or BRIEFLY, PAUSE))
        except Exception:
            log.exception("token.not_shared")
            self._fail(Outcome(Verdict.LATER, "network", counted=False), BRIEFLY)
        now = self._moment()
        age = max(now.wall - kept.fetched_at, timedelta())
        self._value, self._failure = kept.value, None
        self._fetched = _Moment(now.monotonic - age.total_seconds(), kept.fetched_at)
        self._good_for = kept.good_until - kept.fetched_at

    async def _bring(self) -> Kept:
        """A new token from the platform."""
        asked_at = self._clock.now()
        token = await self._fetch()
        here("K13")
        lifetime = LIFETIME if token.lifetime is None else token.lifetime
        log.info("token.fetched", lifetime_seconds=lifetime.total_seconds())
        return Kept(token.value, asked_at, asked_at + lifetime - min(EARLY, lifetime / 2))

    def _fail(self, outcome: Outcome, wait: timedelta) -> NoReturn:
        """Those who wait for the lock are told the same, instead of asking one after the other."""
        self._failure = _Failure(self._moment(), wait, outcome)
        raise NoToken(outcome) from None

    def _usable(self) -> bool:
        return bool(self._value) and self._fetched is not None and self._since(self._fetched) < self._good_for

    def _moment(self) -> _Moment:
        return _Moment(self._monotonic(), self._clock.now())

    def _since(self, then: _Moment) -> timedelta:
        """The longer of what the two clocks say: a clock set back does not keep a dead token alive."""
        return max(timedelta(seconds=self._monotonic() - then.monotonic), self._clock.now() - then.wall)
