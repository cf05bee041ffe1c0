"""The parameters of a callback's address."""

from collections.abc import Mapping

from aiohttp import web

from bot.errors import ForgedRequest


class Parameters:
    """Those of one request. Raises ForgedRequest("missing") for one that does not stand there exactly once."""

    __slots__ = ("_once",)

    def __init__(self, request: web.Request) -> None:
        query = request.raw_path.partition("?")[2]
        # Nothing to decode, as platforms write it: taken apart without looking for more.
        plain = not ("%" in query or "+" in query or "#" in query)
        self._once = _taken_apart(query) if plain else _decoded(request)

    def __getitem__(self, name: str) -> str:
        value = self._once.get(name)
        if value is None:
            raise ForgedRequest("missing")
        return value

    def get(self, name: str, default: str) -> str:
        """For one that may be missing."""
        return self[name] if name in self._once else default


def _taken_apart(query: str) -> Mapping[str, str | None]:
    found: dict[str, str | None] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        found[name] = None if name in found else value
    return found


def _decoded(request: web.Request) -> Mapping[str, str | None]:
    found: dict[str, str | None] = {}
    for name, value in request.query.items():
        found[name] = None if name in found else value
    return found
