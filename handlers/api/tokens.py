"""Which system is calling, and whether it may change anything."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from bot.config.sections import ApiTokenConfig


@dataclass(frozen=True, slots=True)
class Client:
    """A system that showed one of the configured tokens."""

    name: str
    may_write: bool


CLIENT = web.RequestKey("client", Client)
"""Who sent the request, once that is known."""


class Tokens:
    """The configured tokens."""

    def __init__(self, tokens: Sequence[ApiTokenConfig]) -> None:
        self._known = [
            (token.token.get_secret_value().encode(), Client(token.name, token.scope == "write")) for token in tokens
        ]

    def client(self, request: web.Request) -> Client | None:
        """Who sent the request; None for a missing, repeated, malformed or wrong token."""
        given = request.headers.getall(hdrs.AUTHORIZATION, [])
        if len(given) != 1:
            return None
        scheme, _, token = given[0].partition(" ")
        if scheme.lower() != "bearer":
            return None
        shown = token.strip(" ").encode(errors="surrogateescape")
        found = None
        for known, client in self._known:  # every one is looked at, so that the time says nothing
            if hmac.compare_digest(known, shown):
                found = client
        return found
