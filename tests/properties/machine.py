"""The life of items as a machine that Hypothesis drives: what people, the platform, the clock and death may do.

Few members, few items and short times, so that acts meet each other; and an act may pick what is undecided just then.
"""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from storage.enums import ReceiptKind
from tests.properties.judge import Judge
from tests.properties.play import MEMBERS, TICK, Play
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


class Life(RuleBasedStateMachine):
    """One branch for each run."""

    stage: ClassVar[Stage]

    play: Play
    judge: Judge
    changed: bool = False
    failed: bool = False

    @initialize(start=st.sampled_from(STARTS), trouble=TROUBLE, **PUBLISHED)
    def begin(self, start: tuple[int, int], trouble: Any, **item: Any) -> None:
        """Nothing happens to nobody: the first item is out, unless something comes between."""
        self.play = self._run(Play.begin(self.stage, *start))
        self.judge = Judge(self.play)
        self._run(self.judge.begins())
        self._publish(trouble, waits=True, item=item)

    def teardown(self) -> None:
        try:
            if not self.failed:
                self._run(self.play.ends())
                self._run(self.judge.looks(at_rest=True))
                self._run(self.play.is_over())
        finally:
            if self.failed:
                self.stage.renew()

    def _run(self, act: Coroutine[Any, Any, Any]) -> Any:
        self.failed = True
        done = self.stage.run(act)
        self.failed = False
        return done

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
            self.play.world.twin.faults.add("message/send", times=times, **fault)

    def _publish(self, trouble: Any, *, waits: bool, item: dict[str, Any]) -> None:
        self._do(self.play.publishes(**item))
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

    @precondition(lambda self: len(self.play.items) < 4)
    @rule(trouble=TROUBLE, waits=st.booleans(), **PUBLISHED)
    def publish(self, trouble: Any, waits: bool, **item: Any) -> None:
        self._publish(trouble, waits=waits, item=item)

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

    @rule(by=st.sampled_from(SPANS))
    def time_passes(self, by: timedelta) -> None:
        self._do(self.play.passes(by))

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

    @rule(which=WHICH, sharp=SHARP, back=st.booleans())
    def member_moves(self, which: int, sharp: bool, back: bool) -> None:
        _, person = self._about(which, sharp) if not back else (0, self.play.people[which % len(self.play.people)])
        if person is not self.play.secretary:
            self._do(self.play.leaves(person, back=back))

    @precondition(lambda self: self.play.said)
    @rule(copies=st.lists(st.integers(0, 40), min_size=1, max_size=4))
    def copies_come(self, copies: list[int]) -> None:
        said = self.play.said
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
