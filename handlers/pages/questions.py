"""`/questions`: what residents asked and what was answered, for everybody; no login, no script, nothing is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.inbound.web import Web
from bot.metrics import PAGES
from bot.services.public_questions import Month, figures, find
from bot.services.settings import Settings
from handlers.pages.frame import Frame

MOST_WORDS = 60
"""Characters of a search; the rest is cut off."""
FIGURES_LAST = timedelta(minutes=10)
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Figures:
    counted_at: datetime
    rows: list[dict[str, str]]


class QuestionsView:
    """The page. Figures are counted every few minutes, however many people look."""

    def __init__(self, site: Web, settings: Settings, frame: Frame) -> None:
        self._site = site
        self._settings = settings
        self._frame = frame
        self._figures: _Figures | None = None

    async def show(self, request: web.Request) -> web.Response:
        """`?q=` words to look for, `?after=` the number after which the page goes on."""
        if not self._settings.desk.open:
            return self._frame.plain(request, "absent", status=404)
        words = request.query.get("q", "").strip()[:MOST_WORDS]
        after = request.query.get("after", "")
        before = int(after) if after.isascii() and after.isdigit() and len(after) <= MOST_DIGITS else None
        now, texts = self._site.now(), self._frame.texts
        async with self._site.reading() as tx:
            found = await find(tx, words, before=before)
            if self._figures is None or not timedelta() <= now - self._figures.counted_at < FIGURES_LAST:
                months = await figures(tx, self._settings.desk, texts.zone, now)
                self._figures = _Figures(now, [self._row(month) for month in months])
        PAGES.labels("questions").inc()
        return self._frame.page(
            request,
            "questions.html",
            words=words,
            found=found,
            first=before is None,
            figures=self._figures.rows,
            entries=[(each, self._date(each.published_at)) for each in found.shown],
        )

    def _date(self, at: datetime) -> str:
        texts = self._frame.texts
        return texts.say("public.date", day=at.astimezone(texts.zone).strftime("%Y-%m-%d"))

    def _row(self, month: Month) -> dict[str, str]:
        say = self._frame.texts.say

        def share(value: float | None) -> str:
            return say("public.few") if value is None else say("public.share", percent=round(value * 100))

        hours = None if month.middle is None else round(month.middle.total_seconds() / 3600, 1)
        return {
            "month": say("public.month", year=month.first.year, month=month.first.month),
            "asked": str(month.asked),
            "answered": str(month.answered),
            "in_time": share(month.in_time),
            "hours": say("public.few") if hours is None else say("public.hours", hours=f"{hours:g}"),
            "satisfied": share(month.satisfied),
        }
