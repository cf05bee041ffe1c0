"""The group bot as a platform: one connection kept alive, updates in, messages out, each at most once."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp

from bot.clock import Clock
from bot.config import WeComBotConfig
from bot.errors import SendDoubtful, SendLater
from bot.log import get_logger
from bot.message import Card, File, MediaKind, Message, Text
from bot.platforms.base import Alarm, Fetched, Handle, Limits, Outcome, Request, Verdict
from bot.platforms.wecom_bot import downloads, frames, outcomes, requests, updates, uploads
from bot.platforms.wecom_bot.connection import NOT_CONNECTED, UNWRITTEN_WAIT, Connection
from bot.platforms.wecom_bot.frames import Frame
from bot.platforms.wecom_bot.pace import Pace
from bot.platforms.wecom_bot.people import People, Resolve
from bot.platforms.wecom_bot.replies import Ticket
from bot.platforms.wecom_bot.supervisor import Supervisor
from bot.platforms.wecom_bot.tasks import Tasks
from bot.update import Medium, Update

log = get_logger("platforms.wecom_bot")

OnGap = Callable[[timedelta], Awaitable[None]]
"""Told after a reconnection how long nothing could be heard."""


class WeComBot:
    """Recipients are `chat:<chatid>` for a group and `user:<userid>` for a person's chat with the bot."""

    name = updates.NAME
    limits = Limits(
        recipients_per_call=1,
        concurrent_calls=2,
        calls_per_second=5,
        per_recipient_minute=10,
        per_recipient_day=1000,
        repeat_window=timedelta(),
    )

    def __init__(
        self,
        config: WeComBotConfig,
        clock: Clock,
        alarm: Alarm,
        session: aiohttp.ClientSession | None = None,
        *,
        resolve: Resolve | None = None,
        on_gap: OnGap | None = None,
        pace: Pace | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """Without a `session` it opens one of its own while it runs, which refuses redirects."""
        self._config, self._clock, self._alarm, self._session, self._on_gap = config, clock, alarm, session, on_gap
        self._pace = pace or Pace()
        self._people = People(resolve, clock)
        self._tasks = Tasks()
        self._rng = rng or random.Random()
        self._supervisor: Supervisor | None = None
        self._last_frame_at: datetime | None = None

    def __repr__(self) -> str:
        return f"WeComBot({self._config.bot_id!r}, connected={self.connected})"

    @property
    def connected(self) -> bool:
        """Whether it can hear and speak right now."""
        return self._connection is not None

    @property
    def disconnected_for(self) -> timedelta | None:
        """How long it can neither hear nor speak; None as long as it can, and while nobody runs it."""
        return self._supervisor.disconnected_for if self._supervisor is not None else None

    @property
    def last_frame_at(self) -> datetime | None:
        """When somebody was last heard; answers to our own frames do not count, a dead ear gives them too."""
        return self._last_frame_at

    async def run(self, handle: Handle) -> None:
        """Keeps the connection until cancelled, then lets the handlers that still work end."""
        session = self._session or aiohttp.ClientSession(trace_configs=[_no_redirects()])
        self._supervisor = Supervisor(
            lambda: Connection(session, self._config, self._clock, self._pace, partial(self._hear, handle)),
            self._clock,
            self._pace,
            warn=self._warn,
            on_gap=self._tell_gap,
            rng=self._rng,
        )
        try:
            await self._supervisor.run()
        finally:
            self._supervisor = None
            try:
                await self._tasks.finish(self._pace.finish)
            finally:
                if session is not self._session:
                    await session.close()

    async def close(self) -> None:
        """Nothing outlives `run`."""

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        """The exact request to the one recipient. `ref` becomes the card's task id."""
        (recipient,) = recipients
        return requests.compose(message, recipient, ref)

    def compose_reply(self, message: Text | Card | File, recipient: str, reply_to: str, ref: str) -> Request:
        """The request that answers the update whose `reply_to` is given, in the chat `recipient`."""
        return requests.compose_reply(message, recipient, reply_to, ref)

    async def deliver(self, request: Request) -> Outcome:
        """Sends a frozen request. What was written and got no ack is DOUBTFUL and must not be sent again."""
        body = requests.frozen(request)
        match request.api:
            case frames.SEND:
                return await self._send(body)
            case frames.RESPOND:
                return await self._respond(body)
            case frames.UPDATE_CARD:
                return await self._update_card(body)
            case _:
                return Outcome(Verdict.REFUSED, "no_recall")

    async def upload(self, kind: MediaKind, filename: str, content: bytes) -> str:
        """See FilePlatform."""
        if (connection := self._connection) is None:
            raise SendLater(NOT_CONNECTED, after=UNWRITTEN_WAIT, counted=False)
        return await uploads.upload(connection, kind, filename, content)

    async def download(self, medium: Medium, most: int) -> Fetched:
        """See FilePlatform. The address is good for five minutes."""
        return await downloads.download(medium, most, loopback=self._config.ws_url.startswith("ws:"))

    @property
    def _connection(self) -> Connection | None:
        return self._supervisor.connection if self._supervisor is not None else None

    async def _send(self, body: dict[str, Any]) -> Outcome:
        if (connection := self._connection) is None:
            return self._unconnected()
        return await _call(connection, frames.SEND, body, to_person=requests.is_to_person(body))

    async def _respond(self, reply: dict[str, Any]) -> Outcome:
        if (connection := self._connection) is None:
            return self._unconnected()
        now = self._clock.now()
        ticket = connection.replies.take(reply["reply_to"], (frames.RESPOND, frames.WELCOME), now)
        body = _answer_body(reply, ticket)
        if ticket is not None and body is not None:
            outcome = await _call(connection, ticket.cmd, body, to_person=False, req_id=ticket.req_id)
            if outcome.code == outcomes.NOT_ALLOWED:
                # Somebody has written there, so it can only be the platform's limit.
                outcome = Outcome(Verdict.LATER, "rate", after=timedelta(minutes=1), code=outcome.code)
            if outcome.verdict is Verdict.LATER:
                connection.replies.give_back(ticket)
            if outcome.code not in outcomes.REQ_ID_REFUSED:
                return outcome
        return await self._send(requests.as_message(reply))

    async def _update_card(self, change: dict[str, Any]) -> Outcome:
        """Never waits and is never repeated: five seconds after the click nobody may change the card."""
        if change["frame"] is None:
            return Outcome(Verdict.REFUSED, "no_card")
        if (connection := self._connection) is None:
            return Outcome(Verdict.REFUSED, "too_late")
        ticket = connection.replies.take(change["reply_to"], (frames.UPDATE_CARD,), self._clock.now())
        if ticket is None:
            return Outcome(Verdict.REFUSED, "too_late")
        outcome = await _call(connection, ticket.cmd, change["frame"], to_person=False, req_id=ticket.req_id)
        if outcome.verdict is Verdict.LATER or outcome.code in outcomes.REQ_ID_REFUSED:
            return Outcome(Verdict.REFUSED, "too_late", code=outcome.code, detail=outcome.detail)
        return outcome

    def _unconnected(self) -> Outcome:
        if self._supervisor is not None and (refusal := self._supervisor.refusal):
            return outcomes.configuration(f"bot_{refusal.value}")
        return outcomes.later(NOT_CONNECTED, UNWRITTEN_WAIT)

    def _hear(self, handle: Handle, frame: Frame) -> None:
        now = self._last_frame_at = self._clock.now()
        self._tasks.start(self._tell(handle, updates.read(frame, now)), name="update")

    async def _tell(self, handle: Handle, update: Update) -> None:
        """Hands an update on. The platform sends it once: what fails here is lost, so it is logged with its key."""
        try:
            update = replace(update, user_id=await self._people.plain(update.user_id))
            await handle(update)
        except Exception:
            log.exception("update.failed", key=update.key, kind=update.kind.value)

    def _warn(self, key: str) -> None:
        self._tasks.start(self._alarm_about(key), name="alarm")

    async def _alarm_about(self, key: str) -> None:
        await self._alarm(key, bot_id=self._config.bot_id)

    def _tell_gap(self, gap: timedelta) -> None:
        log.warning("socket.gap", seconds=round(gap.total_seconds()))
        if self._on_gap is not None:
            self._tasks.start(_await(self._on_gap(gap)), name="gap")


async def _await(work: Awaitable[None]) -> None:
    await work


async def _call(
    connection: Connection, cmd: str, body: dict[str, Any], *, to_person: bool, req_id: str = ""
) -> Outcome:
    try:
        return outcomes.read(await connection.request(cmd, body, req_id), to_person=to_person)
    except (SendLater, SendDoubtful) as error:
        return outcomes.of_error(error)


def _answer_body(reply: dict[str, Any], ticket: Ticket | None) -> dict[str, Any] | None:
    if ticket is None:
        return None
    return requests.as_welcome(reply) if ticket.cmd == frames.WELCOME else requests.as_response(reply)


def _no_redirects() -> aiohttp.TraceConfig:
    """The secret goes to the configured address and to no other."""

    async def refuse(*_: object) -> None:
        raise aiohttp.ClientConnectionError("redirect refused")

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace
