"""What people open in a browser: the page of an item, its style sheets, the proofs of the domain."""

from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from bot.clock import Clock
from bot.inbound.web import RETURN_PATH, Database, Identity, Web, add_security_headers, received
from bot.metrics import LIMITED
from bot.services.settings import Settings
from handlers.pages.frame import Frame, View
from handlers.pages.item import ItemViews
from handlers.pages.paper import SheetView
from handlers.pages.proof import PROOF_PATH, Proofs
from handlers.pages.questions import QuestionsView
from handlers.pages.static_files import StaticFiles


def add_pages(
    app: web.Application,
    *,
    database: Database,
    settings: Settings,
    identity: Identity | None,
    clock: Clock,
    secret: bytes,
    public_url: str,
    trusted_proxies: Sequence[str] = (),
    proof_folder: Path,
    on_commit: Callable[[], None],
) -> None:
    """Serves the pages.

    Without an `identity` there is no way to know who looks: pages then answer 404. `proof_folder` holds the files
    `WW_verify_….txt` and `MP_verify_….txt`. `on_commit` is called after every receipt. Raises ValueError for a trusted
    proxy that is neither an address nor a network.
    """
    site = Web(
        database,
        clock,
        secret=secret,
        public_url=public_url,
        identity=identity,
        trusted_proxies=trusted_proxies,
        on_commit=on_commit,
    )
    static = StaticFiles()
    frame = Frame(settings.texts, static)
    views = ItemViews(site, settings, frame)
    sheet = SheetView(site, settings, frame, views)

    def served(view: View) -> View:
        """The view, for whoever does not ask too fast, once all that was sent is here."""
        guarded = frame.guarded(view)

        async def serve(request: web.Request) -> web.StreamResponse:
            if site.too_fast(request):
                LIMITED.labels("pages").inc()
                return frame.limited(request)
            if request.can_read_body:
                await received(request)
            return await guarded(request)

        return serve

    add_security_headers(app, https=public_url.startswith("https:"))
    app.router.add_get("/i/{token}", served(views.show))
    app.router.add_post("/i/{token}/read", served(views.read))
    app.router.add_post("/i/{token}/ack", served(views.acknowledge))
    app.router.add_get("/i/{token}/sheet", served(sheet.show))
    app.router.add_post("/i/{token}/{action}", served(views.act))
    app.router.add_get("/i/{token}/{name}", served(views.give))
    app.router.add_get("/i/{token}/f/{number:[0-9]{1,9}}", served(views.file))
    app.router.add_get("/questions", served(QuestionsView(site, settings, frame).show))
    app.router.add_get(RETURN_PATH, served(views.come_back))
    app.router.add_get("/static/{name:.+}", static.serve)
    app.router.add_get(PROOF_PATH, Proofs(proof_folder).serve)
    app.router.add_route("*", "/console{rest:(?:/.*)?}", _closed)


async def _closed(_: web.Request) -> web.Response:
    return web.Response(status=403)
