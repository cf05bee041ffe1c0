"""From updates that wait to effects and answers, inside one transaction that somebody else commits."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from bot.errors import TooEarly, UserError
from bot.inbound import payloads
from bot.inbound.answers import answer_with
from bot.inbound.claims import Said
from bot.inbound.confirming import confirmed
from bot.inbound.conversation import converse
from bot.inbound.reception import Reception, without_reports
from bot.inbound.router import Commands, Context, Reply
from bot.inbound.waiting import Waiting
from bot.killing import here
from bot.log import bound, get_logger
from bot.services.access import ROSTER, speaker
from bot.services.alarms import raise_alarm
from bot.services.settings import Settings
from bot.update import Update, UpdateKind
from storage.enums import InboxState
from storage.messages import NewMessage
from storage.residents import OFFICIAL_ACCOUNT
from storage.transaction import Transaction

log = get_logger("inbound.dispatcher")

TRIES = 5
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
ALARMING = frozenset({"inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"})
"""Events by which the platform says that it is about to switch the app off, or has."""

People = Mapping[str, tuple[int, bool]]
"""Case-folded user id → (member, whether they were out of reach), of those on the roster who speak."""


class Dispatcher:
    """Admits each update once and brings it to what it asks for."""

    def __init__(self, settings: Settings, commands: Commands, reception: Reception) -> None:
        self._settings = settings
        self._commands = commands
        self._reception = reception

    async def handle(
        self, tx: Transaction, waiting: Sequence[Waiting], now: datetime, *, careful: bool = False
    ) -> list[str | None]:
        """The words that answer each of them. What was admitted before is answered as it was then.

        `careful`: receipts that raise are put off instead of raising; it costs a savepoint.
        """
        for w in waiting:
            w.update = without_reports(w.update, self._settings.desk.report_words)
        first = {(w.update.platform, w.update.key): w for w in reversed(waiting)}
        updates = [w.update for w in first.values()]
        people, asked = await self._people(tx, updates), await self._asked(tx, updates, now)
        claims = {key: claim for key, w in first.items() if (claim := _claim(w, people, asked)) is not None}
        rows = [self._row(key, w.update, now, done=key in claims and not careful) for key, w in first.items()]
        admitted = await tx.inbox.admit(rows)
        here("K1")
        new = {row_id: first[key] for key, row_id in sorted(admitted.items(), key=itemgetter(1))}
        claimed = {row_id: claims[key] for key, row_id in admitted.items() if key in claims}
        replies = await self._act(tx, new, people, claimed, now, careful=careful)
        said: dict[tuple[str, str], str | None] = {key: replies.get(row_id) for key, row_id in admitted.items()}
        for platform in {platform for platform, _ in first.keys() - admitted.keys()}:
            known = [key for source, key in first if source == platform and (source, key) not in admitted]
            said.update({(platform, key): reply for key, reply in (await tx.inbox.replies(platform, known)).items()})
        return [said.get((w.update.platform, w.update.key)) for w in waiting]

    def is_brief(self, waiting: Waiting) -> bool:
        """Whether it takes far less than a millisecond, for it is done together with others of its kind, or little
        more, and only reads.
        """
        if waiting.said is not None or self._commands.is_light(waiting.update):
            return True
        return self._reception.crowd_wish(waiting.update) is not None

    def keepable(self, update: Update) -> Update | None:
        """The update as it may lie in a file while it cannot be stored; None for what is secret."""
        return None if self._commands.is_secret(update) else without_reports(update, self._settings.desk.report_words)

    async def retry(self, tx: Transaction, row_id: int, payload: str, now: datetime) -> None:
        """Tries an update again whose handler raised; its answer leaves as a message. Raises for one it cannot read."""
        if await tx.inbox.take(row_id, now):
            update = payloads.load(payload)
            people, asked = await self._people(tx, [update]), await self._asked(tx, [update], now)
            again = Waiting(update, 0)
            claim = _claim(again, people, asked)
            await self._act(tx, {row_id: again}, people, {row_id: claim} if claim else {}, now, careful=True)

    async def put_off(self, tx: Transaction, row_id: int, now: datetime) -> None:
        """Later again, at most five times; then it is set aside and an administrator is told."""
        tries = await tx.inbox.tries(row_id)
        next_at = now + RETRY_AFTER[tries] if tries < TRIES - 1 else None
        await tx.inbox.failed(row_id, next_at=next_at)
        if next_at is None:
            await raise_alarm(tx, self._settings, "update_aside", now=now)

    async def _act(
        self,
        tx: Transaction,
        new: dict[int, Waiting],
        people: People,
        claims: dict[int, tuple[Said, int]],
        now: datetime,
        *,
        careful: bool,
    ) -> dict[int, str | None]:
        await self._heard_from(tx, [w.update for w in new.values()], people)
        queued: list[NewMessage] = []
        replies: dict[int, str | None] = {}
        failed: set[int] = set()
        residents = {n: (w.update, w.inline_bytes > 0) for n, w in new.items() if w.update.platform == OFFICIAL_ACCOUNT}
        crowd = {} if careful else await self._reception.receive_crowd(tx, self._settings, residents, now)
        for row_id, w in new.items():
            if row_id in claims:
                continue
            member_id, _ = people.get(w.update.user_id.casefold(), (None, False))
            reply, ok = (crowd[row_id], True) if row_id in crowd else await self._one(tx, row_id, w, member_id, now)
            if row_id not in crowd:
                await asyncio.sleep(0)  # in a brief transaction nothing else lets others go on
            if not ok:
                failed.add(row_id)
            elif reply is not None:
                replies[row_id], more = self._answer(row_id, w, reply)
                queued.extend(more)
        confirm_all = self._all_claims if careful else self._confirmed
        answered = await confirm_all(tx, new, claims, now)
        failed.update(claims.keys() - answered.keys())
        for row_id, reply in answered.items():
            replies[row_id], more = self._answer(row_id, new[row_id], reply)
            queued.extend(more)
        await tx.messages.queue(queued, now)
        here("K3")
        done = {row_id: replies.get(row_id) for row_id in new if row_id not in failed}
        # A receipt's row was written as done: only what is said to it is missing.
        await tx.inbox.finish({row: words for row, words in done.items() if careful or words or row not in claims})
        return replies

    async def _confirmed(
        self, tx: Transaction, new: dict[int, Waiting], claims: dict[int, tuple[Said, int]], now: datetime
    ) -> dict[int, Reply]:
        said = {row_id: (new[row_id].update, claim, member) for row_id, (claim, member) in claims.items()}
        return await confirmed(tx, self._settings, said, now)

    async def _all_claims(
        self, tx: Transaction, new: dict[int, Waiting], claims: dict[int, tuple[Said, int]], now: datetime
    ) -> dict[int, Reply]:
        """`_confirmed` in a savepoint; should it raise, each of the claims is tried again by itself later."""
        if not claims:
            return {}
        try:
            async with tx.savepoint():
                return await self._confirmed(tx, new, claims, now)
        except Exception:
            log.exception("update.failed", count=len(claims))
        for row_id in claims:
            await self.put_off(tx, row_id, now)
        return {}

    async def _one(
        self, tx: Transaction, row_id: int, w: Waiting, member_id: int | None, now: datetime
    ) -> tuple[Reply | None, bool]:
        """What one update is answered with, and whether its handler ended well; else it is tried again later."""
        with bound(inbox_id=row_id, platform=w.update.platform, kind=w.update.kind):
            try:
                return await self._reply_or_refusal(tx, w, member_id, now), True
            except TooEarly:
                await self.put_off(tx, row_id, now)
                return None, False
            except Exception as error:
                if self._commands.is_secret(w.update):  # a traceback may show what was said
                    log.error("update.failed", error=type(error).__name__)
                    return Reply(self._settings.texts.say("command.say_again")), True
                log.exception("update.failed")
                await self.put_off(tx, row_id, now)
                return None, False

    async def _reply_or_refusal(
        self, tx: Transaction, w: Waiting, member_id: int | None, now: datetime
    ) -> Reply | None:
        """In a savepoint: what the handler wrote is kept only when it ends well."""
        try:
            async with tx.savepoint():
                if w.update.platform == OFFICIAL_ACCOUNT:
                    return await self._reception.receive(tx, self._settings, w.update, now, inline=w.inline_bytes > 0)
                return await self._reply(tx, w.update, member_id, now)
        except UserError as error:
            return Reply(self._settings.texts.say(error.key, **error.params))

    async def _reply(self, tx: Transaction, update: Update, member_id: int | None, now: datetime) -> Reply | None:
        if update.kind is UpdateKind.EVENT and update.action in ALARMING:
            await raise_alarm(tx, self._settings, f"app_{update.action}", now=now)
            return None
        if update.kind in (UpdateKind.EVENT, UpdateKind.UNKNOWN) or not update.user_id:
            return None
        member = await tx.speaking.person(member_id) if member_id is not None else None
        if member is None:
            if update.kind is UpdateKind.ENTER:
                return None
            texts = self._settings.texts
            if update.in_group:
                return Reply(texts.say("stranger.in_group"))
            return Reply(texts.say("stranger", user_id=update.user_id))
        who = await speaker(tx, member, update.user_id, self._settings.administrators)
        return await converse(Context(tx, now, update, who, self._settings, self._commands))

    def _answer(self, row_id: int, w: Waiting, reply: Reply) -> tuple[str | None, list[NewMessage]]:
        return answer_with(self._settings, w.update, row_id, reply, inline_bytes=w.inline_bytes)

    def _row(self, key: tuple[str, str], update: Update, now: datetime, *, done: bool) -> dict[str, Any]:
        """The inbox's row; what is done in the same commit needs no copy of its words, what is secret gets none."""
        return {
            "source": key[0],
            "key": key[1],
            "payload": "" if done or self._commands.is_secret(update) else payloads.dump(update),
            "state": InboxState.DONE if done else InboxState.PENDING,
            "next_at": None if done else now,
            "received_at": now,
            "resident": update.user_id or None if update.platform == OFFICIAL_ACCOUNT else None,
        }

    async def _heard_from(self, tx: Transaction, updates: Sequence[Update], people: People) -> None:
        """Whoever writes on the road that private messages take can be reached by it, whatever was found before."""
        road = self._settings.roads.private
        heard = {u.user_id.casefold() for u in updates if u.platform == road and not u.in_group}
        if keys := heard.intersection(key for key, (_, out_of_reach) in people.items() if out_of_reach):
            await tx.members.mark_reachable(ROSTER, keys)

    @staticmethod
    async def _people(tx: Transaction, updates: Sequence[Update]) -> People:
        user_ids = {update.user_id for update in updates if update.user_id and update.platform != OFFICIAL_ACCOUNT}
        return await tx.members.speaking(ROSTER, user_ids) if user_ids else {}

    @staticmethod
    async def _asked(tx: Transaction, updates: Sequence[Update], now: datetime) -> set[tuple[str, str, str]]:
        """Whom the bot waits for: (platform, user, chat)."""
        found: set[tuple[str, str, str]] = set()
        for platform in {u.platform for u in updates if u.kind is UpdateKind.TEXT and u.platform != OFFICIAL_ACCOUNT}:
            keys = {u.user_id.casefold() for u in updates if u.platform == platform and u.kind is UpdateKind.TEXT}
            found.update((platform, *place) for place in await tx.dialogues.waiting(platform, keys, now))
        return found


def _place(update: Update) -> tuple[str, str, str]:
    return (update.platform, update.user_id.casefold(), update.chat_id)


def _claim(w: Waiting, people: People, asked: Collection[tuple[str, str, str]]) -> tuple[Said, int] | None:
    """What a member claims, and who it is; None when it has to be heard by somebody."""
    if w.said is None or (found := people.get(w.update.user_id.casefold())) is None:
        return None
    return (w.said, found[0]) if w.said.meant(asked=_place(w.update) in asked) else None
