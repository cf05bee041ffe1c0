"""Addresses that keep on sending forged callbacks."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from aiohttp import web

from bot.inbound.rates import Rate
from bot.inbound.visitors import Network, client_address, is_public
from bot.metrics import LIMITED

FORGERIES = 60
"""So many from one address are read in a minute."""


class Forgers:
    """What comes from them is not even read for a while, genuine or not.

    Who stands behind a proxy that is not named as trusted looks like the proxy itself: addresses of the own network
    are never shut out.
    """

    def __init__(self, elapsed: Callable[[], timedelta], trusted: Sequence[Network]) -> None:
        self._rate = Rate(elapsed, burst=FORGERIES, per_minute=FORGERIES)
        self._trusted = trusted

    def turned_away(self, request: web.Request) -> web.Response | None:
        """The answer to one of them. Looks at the address alone, and at nothing as long as nobody forges."""
        if not self._rate or not self._rate.is_empty(client_address(request, self._trusted)):
            return None
        LIMITED.labels("callbacks").inc()
        response = web.Response(status=429, headers={"Retry-After": "60"})
        response.force_close()
        return response

    def note(self, request: web.Request) -> None:
        """One more forgery."""
        address = client_address(request, self._trusted)
        if is_public(address):
            self._rate.takes(address)
