"""What residents say, brought to its handler. They are never on the roster and have words of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.errors import UserError
from bot.inbound.router import Reply
from bot.rules.resident_words import Said, Wish, read
from bot.rules.unwanted_words import is_report
from bot.services.arrivals import BETWEEN, hand_over
from bot.services.intake import within_limit
from bot.services.settings import Settings
from bot.texts import Texts
from bot.update import Update, UpdateKind
from storage.residents import OFFICIAL_ACCOUNT, Resident
from storage.transaction import Transaction

ROOM = 1900
"""Bytes of an answer, with what is handed over beside it; the platform takes 2048."""
AT_ONCE = 32
"""So many of a crowd are received without letting anybody else have a turn."""
REPORT = "report"
"""Among an update's details: its words are not kept, for they report somebody."""
RECOGNISED = "Recognition"
"""Where the platform puts what it understood of a voice message."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a handler works with. Pass `tx` on to services; never query with it."""

    tx: Transaction
    now: datetime
    update: Update
    resident: Resident
    settings: Settings

    @property
    def texts(self) -> Texts:
        return self.settings.texts

    def reply(self, key: str, **params: object) -> Reply:
        """A sentence of the catalogues."""
        return Reply(self.settings.texts.say(key, **params))


VisitHandler = Callable[[Visit, Said], Awaitable[Reply | None]]
CrowdHandler = Callable[[Sequence[tuple[Visit, Said]]], Awaitable[list[Reply | None]]]
"""Several residents at once, each with one thing that they say; the answers in order."""


@dataclass(slots=True)
class ResidentRouter:
    """What one module of residents' handlers listens to."""

    wishes: dict[Wish, VisitHandler] = field(default_factory=dict)
    arrivals: list[VisitHandler] = field(default_factory=list)
    events: dict[str, VisitHandler] = field(default_factory=dict)
    crowds: dict[Wish, CrowdHandler] = field(default_factory=dict)

    def wish(self, *wishes: Wish) -> Callable[[VisitHandler], VisitHandler]:
        """Something that residents want."""

        def register(handler: VisitHandler) -> VisitHandler:
            self.wishes.update(dict.fromkeys(wishes, handler))
            return handler

        return register

    def crowd(self, wish: Wish) -> Callable[[CrowdHandler], CrowdHandler]:
        """Something that so many residents want at once that it is done for all of them together."""

        def register(handler: CrowdHandler) -> CrowdHandler:
            async def alone(visit: Visit, said: Said) -> Reply | None:
                return (await handler([(visit, said)]))[0]

            self.wishes[wish], self.crowds[wish] = alone, handler
            return handler

        return register

    def arrival(self, handler: VisitHandler) -> VisitHandler:
        """Somebody followed the account, or scanned a code of it."""
        self.arrivals.append(handler)
        return handler

    def event(self, *names: str) -> Callable[[VisitHandler], VisitHandler]:
        """What the platform tells about somebody, by its own name in lower case."""

        def register(handler: VisitHandler) -> VisitHandler:
            self.events.update(dict.fromkeys(names, handler))
            return handler

        return register


class Reception:
    """All residents' routers as one."""

    def __init__(self, routers: Sequence[ResidentRouter]) -> None:
        self._wishes = {wish: handler for router in routers for wish, handler in router.wishes.items()}
        self._crowds = {wish: handler for router in routers for wish, handler in router.crowds.items()}
        self._arrivals = [handler for router in routers for handler in router.arrivals]
        self._events = {name: handler for router in routers for name, handler in router.events.items()}

    async def receive(
        self, tx: Transaction, settings: Settings, update: Update, now: datetime, *, inline: bool
    ) -> Reply | None:
        """The answer to an update of a resident. `inline`: it goes back at once, so what was kept can go with it.

        What cannot be done is said; what the handler wrote is then rolled back.
        """
        if not update.user_id:
            return None
        if update.kind is UpdateKind.EVENT:
            return await self._told(tx, settings, update, now)
        visit = Visit(tx, now, update, await tx.residents.ensure(update.user_id, now), settings)
        self._note(visit)
        try:
            async with tx.savepoint():
                return await self._hear(visit, inline=inline)
        except UserError as error:
            return visit.reply(error.key, **error.params)

    async def receive_crowd(
        self, tx: Transaction, settings: Settings, updates: Mapping[int, tuple[Update, bool]], now: datetime
    ) -> dict[int, Reply | None]:
        """The answers to those whose first update is of the kind that comes in crowds: a few statements for all.

        `updates` are in order, with `inline` as in `receive`. Whatever is not among the answers is received by itself,
        afterwards. Nothing is refused here, so nothing has to be rolled back; what raises, raises for all.
        """
        firsts: dict[str, int] = {}
        for number, (update, _) in updates.items():
            firsts.setdefault(update.user_id, number)
        wishes = {number: said for number in firsts.values() if (said := self.crowd_wish(updates[number][0]))}
        if not wishes:
            return {}
        residents = await tx.residents.of_tokens([updates[number][0].user_id for number in wishes], now)
        replies: dict[int, Reply | None] = {}
        heard: dict[Wish, dict[int, tuple[Visit, Said]]] = {}
        for number, said in wishes.items():
            update, _ = updates[number]
            visit = Visit(tx, now, update, residents[update.user_id], settings)
            self._note(visit)
            limited, replies[number] = _limited(visit, said)
            if not limited:
                heard.setdefault(said.wish, {})[number] = visit, said
        for wish, visits in heard.items():
            for start in range(0, len(visits), AT_ONCE):
                some = list(visits.items())[start : start + AT_ONCE]
                answers = await self._crowds[wish]([each for _, each in some])
                replies.update(zip((number for number, _ in some), answers, strict=True))
                await asyncio.sleep(0)
        await tx.residents.add_all(list(residents.values()))
        waited_for = await tx.entries.waited_for([resident.id for resident in residents.values()])
        for each in heard.values():
            for number, (visit, _) in each.items():
                if visit.resident.id in waited_for:
                    replies[number] = await _with_kept(visit, replies[number], inline=updates[number][1])
        return replies

    def crowd_wish(self, update: Update) -> Said | None:
        """What a resident's update wants, if it is wanted in crowds; None for every other."""
        if (
            update.platform != OFFICIAL_ACCOUNT
            or update.kind not in (UpdateKind.TEXT, UpdateKind.MEDIA)
            or not update.user_id
            or REPORT in update.details
        ):
            return None
        said = said_in(update)
        return said if said.wish in self._crowds else None

    @staticmethod
    def _note(visit: Visit) -> None:
        """What stays true whatever becomes of the words: they were here, and the platform's window is open."""
        update, resident = visit.update, visit.resident
        said_at = min(update.sent_at, visit.now)
        resident.left_at = None
        if update.kind in (UpdateKind.ENTER, UpdateKind.CLICK):
            resident.touched_at = max(said_at, resident.touched_at or said_at)
        else:
            resident.spoke_at = max(said_at, resident.spoke_at or said_at)

    async def _told(self, tx: Transaction, settings: Settings, update: Update, now: datetime) -> Reply | None:
        """What the platform tells about somebody is no word of theirs: it makes nobody known who is not."""
        handler = self._events.get(update.action)
        resident = await tx.residents.by_token(update.user_id) if handler is not None else None
        if handler is None or resident is None:
            return None
        return await handler(Visit(tx, now, update, resident, settings), Said(Wish.SAY))

    async def _hear(self, visit: Visit, *, inline: bool) -> Reply | None:
        update = visit.update
        if update.kind is UpdateKind.ENTER:
            return await _first(visit, self._arrivals)
        if update.kind is UpdateKind.CLICK:
            return await self._answer(visit, read(update.action), inline=inline)
        said = said_in(update)
        limited, reply = _limited(visit, said)
        if limited:
            return reply
        if update.kind is UpdateKind.UNKNOWN:
            return visit.reply("residents.unsupported")
        if REPORT in update.details:
            channel = visit.settings.desk.report_channel or visit.texts.say("residents.report_channel")
            return visit.reply("residents.report", channel=channel)
        return await self._answer(visit, said, inline=inline)

    async def _answer(self, visit: Visit, said: Said, *, inline: bool) -> Reply | None:
        handler = self._wishes[said.wish] if said.wish in self._wishes else self._wishes[Wish.HELP]
        return await _with_kept(visit, await handler(visit, said), inline=inline)


def recognised(update: Update) -> str:
    """What was said aloud, as far as the platform understood it."""
    return update.details.get(RECOGNISED, "") if update.media == "voice" else ""


def said_in(update: Update) -> Said:
    """What a message wants; everything that is not typed is simply said."""
    return read(update.text) if update.kind is UpdateKind.TEXT else Said(Wish.SAY, words=recognised(update))


def _limited(visit: Visit, said: Said) -> tuple[bool, Reply | None]:
    """Whether somebody says more than the desk takes in; then they hear so once."""
    if said.wish not in (Wish.SAY, Wish.ADD):
        return False, None
    desk = visit.settings.desk
    above = within_limit(desk, visit.resident, now=visit.now)
    return above > 0, visit.reply("residents.too_many", n=desk.hourly_limit) if above == 1 else None


async def _with_kept(visit: Visit, reply: Reply | None, *, inline: bool) -> Reply | None:
    """The answer with what was kept for them, if it goes back at once."""
    if not inline or visit.resident.token is None:
        return reply
    words = reply.text if reply is not None else ""
    room = ROOM - len(words.encode()) - len(BETWEEN)
    kept = await hand_over(visit.tx, visit.texts, visit.resident.id, room=room, now=visit.now)
    return Reply(BETWEEN.join([*kept, words] if words else kept)) if kept else reply


def without_reports(update: Update, words: Sequence[str]) -> Update:
    """The update as it may be stored: what reports somebody is pointed elsewhere, and its words are kept nowhere."""
    if update.platform != OFFICIAL_ACCOUNT or not is_report(f"{update.text} {recognised(update)}", words):
        return update
    details = {name: value for name, value in update.details.items() if name != RECOGNISED}
    return replace(update, text="", details={**details, REPORT: "yes"})


async def _first(visit: Visit, handlers: Sequence[VisitHandler]) -> Reply | None:
    for handler in handlers:
        reply = await handler(visit, Said(Wish.SAY))
        if reply is not None:
            return reply
    return None
