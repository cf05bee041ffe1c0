"""Plain user ids: a bot whose creator is no super administrator hears encrypted ones (page 101521)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.log import get_logger

log = get_logger("platforms.wecom_bot")

Resolve = Callable[[str], Awaitable[str | None]]
"""The plain user id behind an encrypted one; None when it is no encrypted id."""

_UNKNOWN_FOR = timedelta(minutes=10)
_MOST = 10_000


class People:
    """Asks for each id once; what was no encrypted id is asked again after ten minutes."""

    def __init__(self, resolve: Resolve | None, clock: Clock) -> None:
        self._resolve, self._clock = resolve, clock
        self._known: OrderedDict[str, tuple[str | None, datetime]] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def plain(self, user_id: str) -> str:
        """The plain id, or `user_id` as it is where nobody knows a plainer one. Never raises for a failed lookup."""
        if self._resolve is None or not user_id:
            return user_id
        # The waiters of one id wake in the order in which they came: a person's messages stay in order.
        lock = self._asking.setdefault(user_id, asyncio.Lock())
        async with lock:
            found, asked_at = self._known.get(user_id, (None, None))
            if asked_at is None or (found is None and self._clock.now() - asked_at >= _UNKNOWN_FOR):
                try:
                    found = await self._resolve(user_id)
                except Exception as error:
                    # Not kept: the person stays without rights until the lookup works again.
                    log.warning("user.unresolved", error=type(error).__name__)
                    return user_id
                self._known[user_id] = found, self._clock.now()
                self._known.move_to_end(user_id)
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return found or user_id
