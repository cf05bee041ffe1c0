"""What all pages share: templates, the plain pages with one sentence, and what happens when a view fails."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.log import get_logger
from bot.texts import Texts
from handlers.pages.static_files import StaticFiles

TEMPLATES = Path(__file__).parent / "templates"

View = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = get_logger("pages")


class Frame:
    """Renders templates in the language of the bot."""

    def __init__(self, texts: Texts, static: StaticFiles) -> None:
        self.texts = texts
        self._static = static
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["say"] = texts.say
        self._templates.globals["language"] = texts.locale.replace("_", "-")

    def page(self, request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A page. Its addresses are relative, so that it may be served under any path."""
        up = "../" * max(request.path.count("/") - 1, 0)

        def static(name: str) -> str:
            return up + self._static.address(name)

        html = self._templates.get_template(template).render(static=static, **values)
        return web.Response(status=status, text=html, content_type="text/html")

    def plain(
        self, request: web.Request, name: str, *, status: int, mark: str = "info", **params: object
    ) -> web.Response:
        """A heading and a sentence: the texts `page.<name>.title` and `page.<name>.text`. `mark`: its sign."""
        return self.page(
            request,
            "plain.html",
            status=status,
            mark=mark,
            title=self.texts.say(f"page.{name}.title"),
            sentence=self.texts.say(f"page.{name}.text", **params),
        )

    def limited(self, request: web.Request) -> web.Response:
        """What is said to whoever asks too often."""
        response = self.plain(request, "limited", status=429)
        response.headers["Retry-After"] = "60"
        return response

    def failed(self, request: web.Request, name: str, *, status: int, event: str, **details: object) -> web.Response:
        """A plain page with a number by which the line in the log is found; inside an `except`, with its traceback."""
        number = f"{secrets.randbelow(10**8):08d}"
        log.error(event, number=number, exc_info=True, **details)
        response = self.plain(request, name, status=status, mark="warn", number=number)
        response.headers["Retry-After"] = "30"
        return response

    def guarded(self, view: View) -> View:
        """The view; what it does not expect becomes a plain page."""

        async def guard(request: web.Request) -> web.StreamResponse:
            try:
                return await view(request)
            except web.HTTPException:
                raise
            except Exception:
                return self.failed(request, "failed", status=500, event="page.failed", view=view.__name__)

        return guard
