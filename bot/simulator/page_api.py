"""What the phones page asks and does: state, changes, words, clicks, the clock."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator import page_view
from bot.simulator.limits import VENDOR_ZONE
from bot.simulator.shown import Json
from bot.simulator.uploads import answer

if TYPE_CHECKING:
    from bot.simulator.residents import ResidentPhone
    from bot.simulator.twin import Twin

FILES = Path(__file__).parent / "page"
CALM = timedelta(milliseconds=50)
"""Changes closer together than this are told at once."""
LARGEST_FILE = 64 * 1024 * 1024
LONGEST_MOVE = timedelta(days=366)

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'"

Act = Callable[[Json], Awaitable[None]]


class Cannot(Exception):
    """Something that the page cannot do. `reason` is a key of the page's own sentences (`trouble.<reason>`)."""

    def __init__(self, reason: str, words: str) -> None:
        self.reason = reason
        super().__init__(words)


class PageApi:
    """`/`, `/assets/…` and `/page/…`; for the machine's owner only, so it should be bound to loopback."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def routes(self) -> list[web.RouteDef]:
        """All addresses of the page."""
        return [
            web.get("/", self.index),
            web.get("/assets/{name}", self.asset),
            web.get("/page/state", self.state),
            web.get("/page/events", self.events),
            web.post("/page/say", self._post(self._say)),
            web.post("/page/file", self.file),
            web.get("/page/media/{media_id}", self.medium),
            web.post("/page/picture", self._post(self._picture)),
            web.post("/page/menu", self._post(self._menu)),
            web.post("/page/mention", self._post(self._mention)),
            web.post("/page/click", self._post(self._click)),
            web.post("/page/clock", self._post(self._clock)),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page itself."""
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return web.FileResponse(FILES / "index.html", headers=headers)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A style sheet, script or picture of the page."""
        name = request.match_info["name"]
        kind = _TYPES.get(Path(name).suffix)
        file = FILES / name
        if kind is None or file.parent != FILES or not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={"Content-Type": kind, "Cache-Control": "no-cache"})

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Everything the page shows, with the version to compare with the one it has.

        `?viewer=<userid>`: the group as this person sees it, whose card may have been replaced for them alone.
        """
        twin = self.twin
        answer: Json = {
            "version": twin.changes.version,
            "now": twin.clock.now().astimezone(VENDOR_ZONE).isoformat(timespec="seconds"),
            "clock_movable": twin.move_clock is not None,
        }
        group = next(iter(twin.groups.values()), None)
        answer["group"] = page_view.group(twin, group, request.query.get("viewer", "")) if group else None
        shown = twin.page_phones or {phone.userid: "" for phone in list(twin.phones.values())[:6]}
        answer["phones"] = [self._phone(userid, role) for userid, role in shown.items()]
        return web.json_response(answer)

    def _phone(self, userid: str, role: str) -> Json:
        resident = self.twin.account.residents.get(userid)
        if resident is not None:
            return page_view.resident(self.twin, resident, role)
        return page_view.phone(self.twin, self.twin.phone(userid), role)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """A stream that names the version at once and after every change, until the page goes."""
        changes = self.twin.changes
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        version = -1
        try:
            while not changes.closed:
                version = await changes.beyond(version)
                await response.write(f"data: {json.dumps({'version': version})}\n\n".encode())
                await changes.pause(CALM)
        except ConnectionError:
            return response
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file as the body, sent to the app from the phone of `userid` under `name`."""
        if request.content_type != "application/octet-stream":
            return web.json_response({"error": "no file", "reason": "other"}, status=400)
        try:
            userid = _person(self.twin, {"userid": request.query.get("userid")})
        except Cannot as error:
            return web.json_response({"error": str(error), "reason": error.reason}, status=400)
        content = await request.clone(client_max_size=LARGEST_FILE).read()
        await self.twin.phone(userid).send_file(request.query.get("name", ""), content)
        return web.json_response({"ok": True})

    async def medium(self, request: web.Request) -> web.StreamResponse:
        """What a message with a file shows; a browser runs nothing of it."""
        try:
            medium = self.twin.media.seen(request.match_info["media_id"])
        except LookupError:
            raise web.HTTPNotFound from None
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return answer(medium, medium.content, headers)

    def _post(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                if request.content_type != "application/json":
                    raise ValueError("application/json only, which no foreign page can send unasked")
                body = await request.json()
                if not isinstance(body, dict):
                    raise ValueError("not an object")
                await act(body)
            except Cannot as error:
                return web.json_response({"error": str(error), "reason": error.reason}, status=400)
            except (ValueError, LookupError, TypeError, OverflowError, RuntimeError) as error:
                return web.json_response({"error": str(error), "reason": "other"}, status=400)
            return web.json_response({"ok": True})

        return handle

    async def _say(self, body: Json) -> None:
        if (resident := self._resident(body)) is not None:
            await resident.says(_text(body))
            return
        await self.twin.phone(_person(self.twin, body)).say(_text(body))

    async def _picture(self, body: Json) -> None:
        resident = self._resident(body)
        if resident is None:
            raise Cannot("gone", "only residents send pictures here")
        await resident.sends_picture()

    async def _menu(self, body: Json) -> None:
        resident = self._resident(body)
        if resident is None:
            raise Cannot("gone", "only residents have a menu")
        await resident.taps_menu(str(body["key"]))

    def _resident(self, body: Json) -> ResidentPhone | None:
        return self.twin.account.residents.get(str(body.get("userid") or ""))

    async def _mention(self, body: Json) -> None:
        group = next(iter(self.twin.groups.values()), None)
        if group is None:
            raise Cannot("gone", "there is no group")
        await group.mention(_person(self.twin, body), _text(body))

    async def _click(self, body: Json) -> None:
        userid, message, key = _person(self.twin, body), str(body["message"]), str(body["key"])
        try:
            if body.get("where") == "group":
                heard = await self._click_in_group(userid, message, key)
            else:
                phone = self.twin.phone(userid)
                shown = phone.find(message)
                await phone.click(shown, key)
                heard = shown.chat != "bot" or self.twin.bot.connected
        except LookupError as error:
            raise Cannot("gone", str(error.args[0])) from None
        except ValueError as error:
            raise Cannot("button", str(error)) from None
        if not heard:
            raise Cannot("bot", "the group bot is not connected")

    async def _click_in_group(self, userid: str, message: str, key: str) -> bool:
        for group in self.twin.groups.values():
            if any(shown.id == message for shown in group.messages):
                return await group.click(userid, group.find(message), key)
        raise LookupError(f"no message {message!r} in a group")

    async def _clock(self, body: Json) -> None:
        by = timedelta(hours=float(body["hours"]))
        if self.twin.move_clock is None:
            raise Cannot("clock", "the clock cannot be moved")
        if not timedelta() < by <= LONGEST_MOVE:
            raise Cannot("clock", "the clock moves forward, by a year at most")
        self.twin.move_clock(by)
        self.twin.changed()


def _person(twin: Twin, body: Json) -> str:
    """The userid in a request. Raises Cannot for a stranger."""
    userid = str(body.get("userid") or "")
    if twin.directory.find(userid) is None:
        raise Cannot("gone", f"nobody is called {userid!r}")
    return userid


def _text(body: Json) -> str:
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Cannot("empty", "text is empty")
    return text
