"""The page of one item. Showing it records nothing; the page itself reports what was read and acknowledged."""

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from bot.errors import UserError
from bot.inbound.browsers import Viewer
from bot.inbound.web import IdentityUnknown, Web
from bot.log import get_logger
from bot.metrics import PAGES
from bot.services.pages import ItemPage, Tx, item_page
from bot.services.receipts import Claim, Result, confirm
from bot.services.settings import Settings
from handlers.pages.body import rendered
from handlers.pages.files import serve
from handlers.pages.frame import Frame
from handlers.pages.meetings import MEETING
from handlers.pages.polls import POLL
from handlers.pages.sections import PLAIN, Section, Visit
from handlers.pages.sentences import said, sentences
from handlers.pages.signups import SIGNUP
from storage.enums import ItemKind, ReceiptKind, Source

DONE_HEADER = "X-Done"
"""What the page shows after a receipt, percent-encoded."""

CODE = "here"
"""The address's parameter with the code that is shown at a meeting."""

SECTIONS: Mapping[str, Section] = {ItemKind.MEETING: MEETING, ItemKind.POLL: POLL, ItemKind.SIGNUP: SIGNUP}
"""Kind → its section; kinds that are not here have none."""

log = get_logger("pages")


class ItemViews:
    """`/i/{token}`, what it posts, and where its login comes back to."""

    def __init__(self, site: Web, settings: Settings, frame: Frame) -> None:
        self._site = site
        self._settings = settings
        self._links = settings.links
        self._frame = frame

    async def show(self, request: web.Request) -> web.Response:
        """The item for a member of its audience; the way to the login for a browser that nobody knows yet."""
        token = request.match_info["token"]
        item_id = self._links.item_of(token)
        viewer = self._site.viewer(request)
        if viewer is None:
            if item_id is None or not self._site.open:
                return self.missed(request, None)
            PAGES.labels("login").inc()
            return self._site.login(f"{token}?{query}" if (query := _kept(request)) else token)
        return await self._show(request, viewer, item_id)

    async def _show(
        self, request: web.Request, viewer: Viewer, item_id: int | None, *, trouble: str = ""
    ) -> web.Response:
        """The page; `trouble` says why what was just asked could not be done."""
        section = None
        values: Mapping[str, object] = {}
        async with self._site.reading() as tx:
            page = await item_page(tx, user_id=viewer.user_id, item_id=item_id, for_helper=True)
            if page is not None and not page.withdrawn and not page.reads_for:
                section = SECTIONS.get(page.kind, PLAIN)
                values = await section.values(self._visit(tx, page, request))
        if page is None:
            return self.missed(request, viewer)
        if page.withdrawn:
            PAGES.labels("withdrawn").inc()
            return self._frame.plain(request, "withdrawn", status=200, number=page.number, title=page.title)
        PAGES.labels("shown").inc()
        # What a correction changed may take a while to find out: nobody else waits for it.
        find = partial(sentences, page, self._frame.texts, self._site.now())
        words = await asyncio.to_thread(find) if page.earlier else find()
        return self._frame.page(
            request,
            "item.html",
            status=422 if trouble else 200,
            item=page,
            words=words,
            body=Markup(await rendered(page.body)),
            token=("../" if "action" in request.match_info else "") + request.match_info["token"],
            form_token=viewer.form_token,
            section=section.template if section is not None else "",
            trouble=trouble,
            **values,
        )

    async def act(self, request: web.Request) -> web.Response:
        """A form of the kind's own section: done and back to the page, or the page with why it could not be done."""
        token, action = request.match_info["token"], request.match_info["action"]
        item_id = self._links.item_of(token)
        viewer = self._site.viewer(request)
        if viewer is None:
            return self.missed(request, None) if item_id is None or not self._site.open else _back(token)
        if not self._site.meant(request, viewer, await _form_token(request)):
            PAGES.labels("forged").inc()
            log.warning("page.forged", kind=action)
            return self._frame.plain(request, "forged", status=403, mark="warn")
        try:
            async with self._site.transaction() as tx:
                page = await item_page(tx, user_id=viewer.user_id, item_id=item_id)
                act = SECTIONS.get(page.kind, PLAIN).actions.get(action) if page is not None else None
                if page is None or act is None:
                    return self.missed(request, viewer)
                form = await request.post()
                trouble = "" if page.withdrawn else await act(self._visit(tx, page, request), form)
        except UserError as error:
            trouble = self._frame.texts.say(error.key, **error.params)
        if trouble:
            return await self._show(request, viewer, item_id, trouble=trouble)
        PAGES.labels("answered").inc()
        return _back(token)

    async def give(self, request: web.Request) -> web.StreamResponse:
        """A file of the kind's own section; a GET changes nothing."""
        token, name = request.match_info["token"], request.match_info["name"]
        item_id = self._links.item_of(token)
        viewer = self._site.viewer(request)
        if viewer is None:
            if item_id is None or not self._site.open:
                return self.missed(request, None)
            return self._site.login(token)
        async with self._site.reading() as tx:
            page = await item_page(tx, user_id=viewer.user_id, item_id=item_id)
            give = SECTIONS.get(page.kind, PLAIN).files.get(name) if page is not None and not page.withdrawn else None
            file = await give(self._visit(tx, page, request)) if page is not None and give is not None else None
        return file or self.missed(request, viewer)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file that goes with the item, whole or in parts."""
        token = request.match_info["token"]
        item_id = self._links.item_of(token)
        viewer = self._site.viewer(request)
        if viewer is None:
            if item_id is None or not self._site.open:
                return self.missed(request, None)
            return self._site.login(token)
        async with self._site.reading() as tx:
            page = await item_page(tx, user_id=viewer.user_id, item_id=item_id, for_helper=True)
        given = serve(page, int(request.match_info["number"]), self._settings.files.folder) if page else None
        return given or self.missed(request, viewer)

    def _visit(self, tx: Tx, page: ItemPage, request: web.Request) -> Visit:
        return Visit(tx, self._settings, page, self._site.now(), request.query)

    async def read(self, request: web.Request) -> web.Response:
        """The page was visible: 204, or back to the page for a form."""
        return await self._receive(request, ReceiptKind.READ)

    async def acknowledge(self, request: web.Request) -> web.Response:
        """The button was pressed: 204, or back to the page for a form."""
        return await self._receive(request, ReceiptKind.ACK)

    async def come_back(self, request: web.Request) -> web.Response:
        """The way back from WeCom's login. https://developer.work.weixin.qq.com/document/path/91022"""
        if not self._site.open:
            return self.missed(request, None)
        login = self._site.pending_login(request)
        if login is None:
            PAGES.labels("login_lost").inc()
            return self._frame.plain(request, "outside", status=400)
        try:
            response = await self._site.come_back(request, login)
        except IdentityUnknown as error:
            PAGES.labels("login_failed").inc()
            return self._frame.failed(request, "login", status=503, event="page.login_failed", why=str(error))
        return self.missed(request, None) if response is None else response

    async def _receive(self, request: web.Request, kind: ReceiptKind) -> web.Response:
        token = request.match_info["token"]
        item_id = self._links.item_of(token)
        viewer = self._site.viewer(request)
        by_form = "text/html" in request.headers.get("Accept", "")
        if viewer is None:
            if item_id is None or not self._site.open:
                return self.missed(request, None)
            return _back(token) if by_form else web.Response(status=401)
        if not self._site.meant(request, viewer, await _form_token(request)):
            PAGES.labels("forged").inc()
            log.warning("page.forged", kind=kind)
            return self._frame.plain(request, "forged", status=403, mark="warn")
        page = await self._page(viewer, item_id)
        if page is None:
            return self.missed(request, viewer)
        words = await self._record(page, kind, await _version(request))
        if words is None:
            return _back(token) if by_form else web.Response(status=410)
        PAGES.labels(kind).inc()
        return _back(token) if by_form else web.Response(status=204, headers={DONE_HEADER: quote(words)})

    async def _record(self, page: ItemPage, kind: ReceiptKind, version: int) -> str | None:
        """What the page says then; None when the item has been withdrawn, or corrected since the page was opened."""
        now = self._site.now()
        at = page.acknowledged_at if kind is ReceiptKind.ACK else page.read_at
        if at is None or page.withdrawn:
            claim = Claim(page.member_id, page.number, kind, Source.PAGE, version=version)
            async with self._site.transaction() as tx:
                [confirmed] = await confirm(tx, [claim], now=now)
            if confirmed.result not in (Result.DONE, Result.ALREADY):
                return None
            at = confirmed.at or now
        return said(kind, at, self._frame.texts, now)

    async def _page(self, viewer: Viewer, item_id: int | None) -> ItemPage | None:
        async with self._site.reading() as tx:
            return await item_page(tx, user_id=viewer.user_id, item_id=item_id)

    def missed(self, request: web.Request, viewer: Viewer | None) -> web.Response:
        """Whatever is not there for this person looks the same."""
        if self._site.too_many_misses(request, viewer):
            PAGES.labels("limited").inc()
            return self._frame.limited(request)
        PAGES.labels("missed").inc()
        return self._frame.plain(request, "absent", status=404)


async def _form_token(request: web.Request) -> str:
    """The page's script and a form without scripts say it alike, in a body that browsers and proxies all pass on."""
    if request.content_type != "application/x-www-form-urlencoded":
        return ""
    return str((await request.post()).get("form_token", ""))


async def _version(request: web.Request) -> int:
    """Which version's words the page showed; a page that does not say it was made before there were others."""
    written = str((await request.post()).get("version", ""))
    return int(written) if re.fullmatch(r"[1-9][0-9]{0,5}", written) else 1


def _kept(request: web.Request) -> str:
    """What of the address's query is still needed after a login."""
    code = request.query.get(CODE, "")
    return f"{CODE}={code}" if re.fullmatch(r"[0-9]{4,12}", code) else ""


def _back(token: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"../{token}"})
