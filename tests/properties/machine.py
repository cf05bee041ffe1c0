"""The life of items as a machine that Hypothesis drives: what people, the platform, the clock and death may do.

Few members, few items and short times, so that acts meet each other; and an act may pick what is undecided just then.
"""

import os
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from storage.enums import ReceiptKind
from tests.properties.far_side import DEAD_TOKENS
from tests.properties.judge import Judge
from tests.properties.mishaps import Mishaps
from tests.properties.play import MEMBERS, MINUTES_TO_REST, TICK, UNTIL_REST, Play
from tests.properties.stage import Stage
from tests.world import Person

POINTS = ("K1", "K3", "K4", "K5", "K6", "K7", "K9", "K10", "K11", "K12", "K13")
REFUSALS = (-1, 6000, 45009, 45033, 40014, 42001, 60020, 81013, 40033, 99999)
MISHAPS: tuple[dict[str, Any], ...] = (
    *({"lose_answer": True}, {"lose_answer": True}, {"garbage": True}, {"http_status": 502}, {"html": True}),
    *({"refuse": True}, {"errcode": -1}, {"errcode": -1}),
    *({"errcode": code} for code in REFUSALS),
)
FAULT = st.tuples(st.sampled_from(MISHAPS), st.integers(1, 3))
TROUBLE = st.one_of(st.none(), st.none(), FAULT, st.sampled_from(POINTS))
"""What the next request, or step of ours, meets."""
SPANS = tuple(timedelta(**each) for each in ({"seconds": 5}, {"minutes": 3}, {"hours": 1}, {"hours": 5}, {"hours": 24}))
SHARP = st.sampled_from([True, True, False])
"""Whether the act is about something undecided."""
MOST_ITEMS = 4
WHICH = st.integers(0, 11)
WHO = st.integers(0, MEMBERS - 1)
STARTS = ((10, 0), (10, 0), (21, 55), (20, 30), (23, 30))
PUBLISHED = {
    "require": st.sampled_from(["确认", "确认", "已读"]),
    "remind": st.sampled_from(["1h，3h", "默认", "10m，1h", "不提醒"]),
    "due": st.sampled_from(["", "", "明天 18:00"]),
    "at": st.sampled_from(["", "", "", "今天 23:59", "明天 09:00"]),
    "by_chat": st.sampled_from([False, False, True]),
}


ZONES = ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati")
"""Of the host: nothing depends on it."""
JUMPS = tuple(timedelta(hours=hours) for hours in (1, 25, -1, -25))


class Life(RuleBasedStateMachine):
    """One branch for each run."""

    stage: ClassVar[Stage]
    failure: ClassVar[BaseException | None] = None
    """The first one: what comes of trying once more may be another."""

    play: Play
    judge: Judge
    mishaps: Mishaps
    changed: bool = False
    failed: bool = False

    @initialize(start=st.sampled_from(STARTS), zone=st.sampled_from(ZONES), trouble=TROUBLE, **PUBLISHED)
    def begin(self, start: tuple[int, int], zone: str, trouble: Any, **item: Any) -> None:
        """Nothing happens to nobody: the first item is out, unless something comes between."""
        os.environ["TZ"] = zone
        time.tzset()
        self.play = self._run(Play.begin(self.stage, *start))
        self.judge = Judge(self.play)
        self._run(self.judge.begins())
        self.mishaps = Mishaps(self.play, self.judge)
        self._publish(trouble, waits=True, item=item)

    def teardown(self) -> None:
        try:
            if not self.failed:
                if self.mishaps.held:
                    self._run(self.mishaps.resumes())
                self._do(self.play.ends())
                for by in UNTIL_REST:
                    self._looks()
                    self._do(self.play.passes(by))
                self._looks()
                for _ in range(MINUTES_TO_REST):
                    if self.judge.paced():
                        self._do(self.play.passes(timedelta(minutes=1)))
                        self._looks()
                self._run(self.judge.looks(at_rest=True))
                self._run(self.mishaps.nobody_is_back(at_rest=True))
                self._run(self.play.is_over())
        finally:
            os.environ.pop("TZ")
            time.tzset()
            if self.failed:
                self.stage.renew()

    def _run(self, act: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.stage.run(act)
        except BaseException as error:
            self.failed = True
            type(self).failure = type(self).failure or error
            raise

    def _do(self, act: Coroutine[Any, Any, Any]) -> Any:
        self.stage.advance(TICK)
        self.changed = True
        return self._run(act)

    def _looks(self) -> None:
        self._run(self.judge.looks())
        self.changed = False

    def _meet(self, trouble: Any) -> None:
        if isinstance(trouble, str):
            self.play.arms(trouble)
        elif trouble is not None:
            fault, times = trouble
            if fault.get("errcode") in DEAD_TOKENS:
                self.play.tokens_lost += times  # the platform goes on giving out a token that it says is dead
            self.play.world.twin.faults.add("message/send", times=times, **fault)

    def _publish(self, trouble: Any, *, waits: bool, item: dict[str, Any], together: int = 1) -> None:
        self._do(self.play.publishes(**item))
        for _ in range(together - 1):
            self._run(self.play.publishes(**{**item, "by_chat": False}))
        if waits:
            self._looks()
            self._meet(trouble)
            self._do(self.play.passes(timedelta(minutes=2)))

    def _about(self, which: int, sharp: bool) -> tuple[int, Person]:
        """An item and a person."""
        play = self.play
        if sharp and (pairs := self.judge.undecided()):
            item, member = pairs[which % len(pairs)]
            return item, next(person for person in play.people if person.member_id == member)
        return play.items[which % len(play.items)], play.people[which % len(play.people)]

    @invariant()
    def holds(self) -> None:
        if self.changed:
            self._looks()

    @rule(trouble=TROUBLE, waits=st.booleans(), together=st.sampled_from([1, 1, 1, 1, 4]), **PUBLISHED)
    def publish(self, trouble: Any, waits: bool, together: int, **item: Any) -> None:
        """Few items, or more than a person may get in a minute; then time passes instead.

        No choice depends on what has happened: it can be made again.
        """
        if len(self.play.items) < MOST_ITEMS:
            self._publish(trouble, waits=waits, item=item, together=together)
        else:
            self.until_next(trouble)

    @rule(trouble=TROUBLE)
    def until_next(self, trouble: Any) -> None:
        self._meet(trouble)
        self._do(self.play.until_next())

    @rule(trouble=TROUBLE, times=st.integers(1, 4))
    def on_and_on(self, trouble: Any, times: int) -> None:
        self._meet(trouble)
        for _ in range(times):
            self._do(self.play.until_next())
            self._looks()

    @rule(by=st.sampled_from(SPANS), wholly=st.sampled_from([False, False, False, True]))
    def time_passes(self, by: timedelta, wholly: bool) -> None:
        self._do(self.play.passes(by, wholly=wholly))

    @rule(which=WHICH, sharp=SHARP, by=st.sampled_from(["words", "button", "bare", "page", "paper"]), trouble=TROUBLE)
    def receive(self, which: int, sharp: bool, by: str, trouble: Any) -> None:
        number, person = self._about(which, sharp)
        if isinstance(trouble, str):
            self._meet(trouble)
        if by == "button":
            self._do(self.play.says(person, action=f"ack:{number}"))
        elif by == "page":
            self._do(self.play.opens_page(person, number, (ReceiptKind.READ, ReceiptKind.ACK)[which % 2]))
        elif by == "paper":
            self._do(self.play.says(self.play.secretary, f"线下确认 {number} {which % 4 + 1},{which % 3 + 1}"))
        else:
            self._do(self.play.says(person, f"收到 {number}" if by == "words" else "收到"))

    @rule(
        which=WHICH,
        sharp=SHARP,
        words=st.sampled_from(["撤销 {}", "确认 {}", "撤回 {}", "撤回 {}", "结束 {}", "催办 {}", "进度 {}", "未读 {}"]),
        by_secretary=st.sampled_from([True, True, True, False]),
    )
    def command(self, which: int, sharp: bool, words: str, by_secretary: bool) -> None:
        number, _ = self._about(which, sharp)
        person = self.play.secretary if by_secretary else self.play.members[0]
        self._do(self.play.says(person, words.format(number)))

    @rule(
        which=WHICH,
        sharp=SHARP,
        words=st.sampled_from(["豁免 {} {} 出差", "豁免 {} {} 出差", "恢复 {} {}", "补发 {} {}"]),
    )
    def about_member(self, which: int, sharp: bool, words: str) -> None:
        number, person = self._about(which, sharp)
        self._do(self.play.says(self.play.secretary, words.format(number, person.name)))

    @rule(which=WHICH, sharp=SHARP, how=st.sampled_from(["小修", "重要"]), trouble=TROUBLE, waits=st.booleans())
    def correct(self, which: int, sharp: bool, how: str, trouble: Any, waits: bool) -> None:
        number, _ = self._about(which, sharp)
        self._do(self.play.says(self.play.secretary, f"更正 {number}\n改了第{len(self.play.said)}次"))
        self._do(self.play.says(self.play.secretary, f"确认 {number} {how}"))
        if waits:
            self._looks()
            self._meet(trouble)
            self._do(self.play.passes(timedelta(minutes=2)))

    @rule(which=WHICH, sharp=SHARP, words=st.sampled_from(["稍后 {}", "明早 {}"]))
    def snooze(self, which: int, sharp: bool, words: str) -> None:
        number, person = self._about(which, sharp)
        self._do(self.play.says(person, words.format(number)))

    @rule(which=WHICH, sharp=SHARP, how=st.sampled_from(["leaves", "returns", "forgotten", "imported", "moved"]))
    def roster_changes(self, which: int, sharp: bool, how: str) -> None:
        _, person = self._about(which, sharp)
        if person is self.play.secretary:
            person = self.play.members[which % MEMBERS]
        if how in ("leaves", "returns"):
            if person.name not in self.play.forgotten:  # who comes back then is somebody new, and imported
                self._do(self.play.leaves(person, back=how == "returns"))
        elif how == "forgotten":
            if person.name not in self.play.forgotten:
                self._do(self.mishaps.forgets(person))
        else:
            people = [person] if how == "moved" else self.play.members[: which % MEMBERS + 1]
            self._do(self.mishaps.imports(people, self.play.name + ("乙" if how == "moved" else "")))

    @rule(by_hand=st.booleans())
    def older_state(self, by_hand: bool) -> None:
        """A backup is made; it comes back; somebody lets the bot go."""
        if self.mishaps.held:
            self._do(self.mishaps.resumes())
        elif self.mishaps.copy is None:
            self._do(self.mishaps.backs_up())
        else:
            self._do(self.mishaps.puts_back(by_hand=by_hand and self.stage.is_sqlite))

    @rule(by=st.sampled_from(JUMPS))
    def clock_jumps(self, by: timedelta) -> None:
        self._do(self.mishaps.jumps(by))

    @rule()
    def second_process(self) -> None:
        self._do(self.mishaps.second_process())

    @rule(copies=st.lists(st.integers(0, 40), min_size=1, max_size=4))
    def copies_come(self, copies: list[int]) -> None:
        said = self.play.said
        if said:
            self._do(self.play.together([said[number % len(said)] for number in copies]))
            self._run(self.judge.unchanged())

    @rule(which=WHICH, trouble=TROUBLE)
    def all_speak_at_once(self, which: int, trouble: Any) -> None:
        """In any order, and one of them twice."""
        number = self.play.items[which % len(self.play.items)]
        if isinstance(trouble, str):
            self._meet(trouble)
        people = self.play.people[which % 4 :] + self.play.people[: which % 4]
        updates = [self.play.update(person, f"收到 {number}") for person in people[: which % 3 + 2]]
        self._do(self.play.together([*updates, updates[which % len(updates)]]))

    @rule(change=st.sampled_from(["well again", "token", "range", "licence", "restart"]), who=WHO, good=st.booleans())
    def something_changes(self, change: str, who: int, good: bool) -> None:
        """The platform is well again, the token is void, somebody comes into reach, or a process goes."""
        twin, userid = self.play.world.twin, self.play.members[who].userid
        if change == "well again":
            twin.faults.clear()
        elif change == "token":
            twin.void_token()
            self.judge.far_side.token_died = True
        elif change == "range":
            twin.directory.change(userid, visible=good)
        elif change == "licence":
            twin.directory.change(userid, licensed=good)
        else:
            self._do(self.play.restarts())
