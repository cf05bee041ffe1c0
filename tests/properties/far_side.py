"""What the platform saw and people were shown, against what the database knows of it."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from bot.simulator.record import Recorded
from storage.enums import MemberStatus, Phase
from storage.outbox import TO_SEND
from tests.properties.found import Found
from tests.properties.play import Play

SEND, TOKEN = "message/send", "gettoken"
LEAVING = (SEND, "message/update_template_card", "message/recall")
CARRY = ("item", "correction")
DEAD_TOKENS = (40014, 42001)
WORN_OUT = timedelta(minutes=100)
"""A token that is older may be replaced."""

BUTTON = re.compile(r'"(?:ack|read):(\d+)')
REMINDER = re.compile(r"\d 提醒$|^提醒：#", re.MULTILINE)
"""What a reminder says and an item does not."""

Cards = Counter[tuple[int, str]]
"""(item, account), with 0 for reminders → how many cards."""


class FarSide:
    """Looks at what is new since its last look."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._requests = len(play.world.twin.requests)
        self._digests: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()
        """Digest → how often it was answered that the token is dead."""
        self._shown_before = len(play.world.twin.sent)
        self._allowed: Cards = Counter()
        """Cards that were shown after the backup that came back: the database knows nothing of them."""
        self._token_at: datetime | None = None
        self.token_died = True
        """Whether another token may be fetched."""
        self.held = False

    def looks(self, found: Found, before: Found) -> None:
        play = self._play
        requests = play.world.twin.requests[self._requests :]
        self._requests += len(requests)
        known = {row.digest: row for row in found.calls}
        here = self._here(before) | self._here(found)
        assert play.world.twin.broadcasts == [], "I3"
        for request in requests:
            if request.api == TOKEN:
                self._fetched(request)
            self.token_died |= request.errcode in DEAD_TOKENS
            assert not self.held or request.api not in LEAVING, ("I17", request.api)
            if request.api == SEND:
                digest = sha256(request.body).hexdigest()
                assert digest in known, "I2: bytes that nobody has stored"
                if digest not in self._digests:
                    kinds = {row.kind for row in found.messages if row.call_id == known[digest].id}
                    assert kinds <= {"reply"} or set(request.userids) <= here, ("I3", kinds)
                self._digests[digest] += 1
                self._dead[digest] += request.errcode in DEAD_TOKENS
        tries: Counter[str] = Counter()
        for row in found.calls:
            tries[row.digest] += row.tries
        for digest, times in self._digests.items():
            if digest in known:
                most = tries[digest] + min(self._dead[digest], tries[digest])
                assert times <= most, "I12: one more try for a dead token"
        shown = len(play.world.twin.sent) - self._shown_before
        assert shown <= len(self._digests), "I2: the same bytes are shown once"
        owed, cards = self._owed(found), self._cards()
        doubled = {key: n for key, n in cards.items() if n > owed[key] + self._allowed[key]}
        assert doubled == {}, ("I2", doubled)
        assert self._missing(found) == [], "I1: said to have arrived, and shown to nobody"

    def starts_anew(self, found: Found) -> None:
        """The database is an older one."""
        owed = self._owed(found)
        self._allowed = Counter({key: n - owed[key] for key, n in self._cards().items() if n > owed[key]})
        self._digests.clear()
        self._dead.clear()
        self._shown_before = len(self._play.world.twin.sent)
        self._requests = len(self._play.world.twin.requests)
        self._token_at = None  # the token is an older one, too

    def _here(self, found: Found) -> set[str]:
        accounts = self._accounts()
        return {accounts[row.id] for row in found.members if row.id in accounts and row.status == MemberStatus.ACTIVE}

    def _accounts(self) -> Mapping[int, str]:
        return self._play.earlier | {person.member_id: person.userid for person in self._play.people}

    def _fetched(self, request: Recorded) -> None:
        """I12: one fetch over all instances for each token that dies, or wears out."""
        if request.errcode != 0:
            return
        now = request.at
        worn = self._token_at is None or now - self._token_at >= WORN_OUT
        if not (self.token_died or worn):
            assert self._play.tokens_lost, "I12: a token is fetched that nobody needs"
            self._play.tokens_lost -= 1
        self._token_at, self.token_died = now, False

    def _owed(self, found: Found) -> Cards:
        """How many cards there may be: messages that have left, or may have."""
        rows: Cards = Counter()
        accounts = self._accounts()
        left = [row for row in found.answers if row.phase not in (*TO_SEND, Phase.DROPPED)]
        for row in left:
            rows.update((int(number), row.recipient_key) for number in set(BUTTON.findall(row.body)))
        for row in found.messages:
            if row.phase not in (*TO_SEND, Phase.DROPPED) and row.member_id in accounts:
                if row.kind in CARRY:
                    rows[row.item_id, accounts[row.member_id]] += 1
                elif row.kind == "digest":
                    rows[0, accounts[row.member_id]] += 1
        return rows

    def _missing(self, found: Found) -> list[tuple[str, str]]:
        """(kind, subject) of what has a platform's id and was sent, while the platform showed its member nothing."""
        accounts, sent = self._accounts(), self._play.world.twin.sent
        refs = {row.id: row.ref for row in found.calls}
        return [
            (row.kind, row.subject)
            for row in found.messages
            if row.phase == Phase.ACCEPTED
            and row.kind in (*CARRY, "digest")
            and row.member_id in accounts
            and (ref := refs.get(row.call_id)) is not None
            and accounts[row.member_id].casefold() not in map(str.casefold, sent[ref].userids)
        ]

    def _cards(self) -> Cards:
        cards: Cards = Counter()
        for person in self._play.people:
            for shown in self._play.world.twin.shown_to(person.userid):
                if not shown.card:
                    continue
                if REMINDER.search(shown.text):
                    cards[0, person.userid] += 1
                    continue
                keys = [button.key for button in shown.buttons_for(person.userid)]
                numbers = {int(key.split(":")[1]) for key in keys if key.startswith(("ack:", "read:"))}
                cards.update((number, person.userid) for number in numbers)
        return cards
