"""Where requests come from, and how many of them may miss."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from bot.clock import Clock

MISSES = 20
WINDOW = timedelta(minutes=1)
REMEMBERED = 10_000
"""Visitors whose misses are counted at a time; beyond, the one who missed the longest ago is forgotten."""
IPV6_PREFIX = 64
"""One household has at least so many of its addresses to itself."""

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def networks(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks as text, read. Raises ValueError for what is neither."""
    return tuple(ip_network(proxy, strict=False) for proxy in proxies)


def client_address(request: web.Request, trusted: Sequence[Network]) -> str:
    """The address that a request came from; "" when nobody knows (a Unix socket).

    `X-Forwarded-For` counts only as far as trusted proxies wrote it: read from the right, up to the first address that
    is none of theirs. An IPv6 address stands for its network of 64 bits.
    """
    address = _address(request.remote or "")
    if address is None:
        return ""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for hop in reversed(hops):
        if not any(address in network for network in trusted):
            break
        before = _address(hop.strip())
        if before is None:
            break
        address = before
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)


def is_public(address: str) -> bool:
    """Whether an address, as `client_address` gives it, is one of the open internet."""
    try:
        network = ip_network(address)
    except ValueError:
        return False
    return network.is_global


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class Misses:
    """Counts, for each visitor, how often they asked for what is not there for them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def count(self, visitor: str) -> bool:
        """Counts one miss; True when it is one too many within a minute."""
        now = self._clock.now()
        began, count = self._counts.pop(visitor, (now, 0))
        if not began <= now < began + WINDOW:
            began, count = now, 0
        self._counts[visitor] = (began, count + 1)
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return count >= MISSES
