"""The list of an item to be printed and signed: for whoever may enter it, and for nobody else."""

from aiohttp import web

from bot.inbound.web import Web
from bot.metrics import PAGES
from bot.services.paper import sheet_for
from bot.services.settings import Settings
from handlers.pages.frame import Frame
from handlers.pages.item import ItemViews


class SheetView:
    """`/i/{token}/sheet`. Names stand on it, so it is shown like the item's page: after the login, or not at all."""

    def __init__(self, site: Web, settings: Settings, frame: Frame, items: ItemViews) -> None:
        self._site = site
        self._settings = settings
        self._frame = frame
        self._items = items

    async def show(self, request: web.Request) -> web.Response:
        """The numbers and names of those who have not answered yet, a page or more for each branch."""
        token = request.match_info["token"]
        item_id = self._settings.links.item_of(token)
        viewer = self._site.viewer(request)
        if viewer is None:
            if item_id is None or not self._site.open:
                return self._items.missed(request, None)
            PAGES.labels("login").inc()
            return self._site.login(f"{token}/sheet")
        async with self._site.reading() as tx:
            sheet = await sheet_for(
                tx, user_id=viewer.user_id, item_id=item_id, administrators=self._settings.administrators
            )
        if sheet is None:
            return self._items.missed(request, viewer)
        PAGES.labels("sheet").inc()
        texts, now = self._frame.texts, self._site.now()
        return self._frame.page(
            request,
            "sheet.html",
            sheet=sheet,
            due=texts.when(sheet.due_at, now) if sheet.due_at else "",
            printed=texts.when(now),
        )
