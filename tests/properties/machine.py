"""The life of items as a machine that Hypothesis drives: what people, the platform, the clock and death may do."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.properties.judge import Judge
from tests.properties.play import MEMBERS, TICK, Play
from tests.world import World

POINTS = ("K1", "K3", "K4", "K5", "K6", "K7", "K9", "K10", "K11", "K12")
FAULTS: tuple[dict[str, Any], ...] = (
    {"errcode": -1},
    {"errcode": 6000},
    {"errcode": 45009},
    {"errcode": 45033},
    {"errcode": 40014},
    {"errcode": 60020},
    {"errcode": 81013},
    {"errcode": 40033},
    {"errcode": 99999},
    {"refuse": True},
    {"lose_answer": True},
    {"http_status": 502},
    {"html": True},
    {"garbage": True},
)
SPANS = tuple(timedelta(**each) for each in ({"seconds": 5}, {"minutes": 3}, {"hours": 1}, {"hours": 5}, {"hours": 24}))
WHICH = st.integers(0, 2)
WHO = st.integers(0, MEMBERS - 1)


class Stage:
    """The world that all plays share, and the loop that it lives in."""

    def __init__(self, opening: AbstractAsyncContextManager[World]) -> None:
        self._runner = asyncio.Runner()
        self._opening = opening
        self.world = self.run(opening.__aenter__())

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(act)

    def close(self) -> None:
        self.run(self._opening.__aexit__(None, None, None))
        self._runner.close()


class Life(RuleBasedStateMachine):
    """One branch for each run."""

    stage: ClassVar[Stage]

    play: Play
    judge: Judge
    changed: bool = False

    @initialize()
    def begin(self) -> None:
        self.play = self._run(Play.begin(self.stage.world))
        self.judge = Judge(self.play)

    def teardown(self) -> None:
        if hasattr(self, "play"):
            try:
                self._run(self.play.ends())
                self._run(self.judge.looks(at_rest=True))
            finally:
                self._run(self.play.is_over())

    def _run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self.stage.run(act)

    def _do(self, act: Coroutine[Any, Any, Any]) -> None:
        self.play.world.clock.advance(TICK)
        self._run(act)
        self.changed = True

    def _item(self, which: int) -> int:
        return self.play.items[which % len(self.play.items)]

    @invariant()
    def holds(self) -> None:
        if self.changed:
            self._run(self.judge.looks())
            self.changed = False

    @precondition(lambda self: len(self.play.items) < 3)
    @rule(
        require=st.sampled_from(["确认", "已读"]),
        remind=st.sampled_from(["默认", "1h，3h", "不提醒"]),
        due=st.sampled_from(["", "明天 18:00"]),
    )
    def publish(self, require: str, remind: str, due: str) -> None:
        self._do(self.play.publishes(require, remind, due))

    @rule(by=st.sampled_from(SPANS))
    def time_passes(self, by: timedelta) -> None:
        self._do(self.play.passes(by))

    @precondition(lambda self: self.play.items)
    @rule(which=WHICH, who=WHO, by=st.sampled_from(["words", "button", "bare"]))
    def receive(self, which: int, who: int, by: str) -> None:
        person, number = self.play.members[who], self._item(which)
        if by == "button":
            self._do(self.play.says(person, action=f"ack:{number}"))
        else:
            self._do(self.play.says(person, f"收到 {number}" if by == "words" else "收到"))

    @precondition(lambda self: self.play.items)
    @rule(
        which=WHICH,
        words=st.sampled_from(["撤销 {}", "确认 {}", "撤回 {}", "结束 {}", "催办 {}", "进度 {}", "未读 {}"]),
        by_secretary=st.booleans(),
    )
    def command(self, which: int, words: str, by_secretary: bool) -> None:
        person = self.play.secretary if by_secretary else self.play.members[0]
        self._do(self.play.says(person, words.format(self._item(which))))

    @precondition(lambda self: self.play.items)
    @rule(which=WHICH, who=WHO, words=st.sampled_from(["豁免 {} {} 出差", "恢复 {} {}", "补发 {} {}"]))
    def about_member(self, which: int, who: int, words: str) -> None:
        said = words.format(self._item(which), self.play.members[who].name)
        self._do(self.play.says(self.play.secretary, said))

    @precondition(lambda self: self.play.items)
    @rule(which=WHICH, how=st.sampled_from(["小修", "重要"]))
    def correct(self, which: int, how: str) -> None:
        number = self._item(which)
        self._do(self.play.says(self.play.secretary, f"更正 {number}\n改了第{len(self.play.said)}次"))
        self._do(self.play.says(self.play.secretary, f"确认 {number} {how}"))

    @precondition(lambda self: self.play.items)
    @rule(which=WHICH, numbers=st.sets(st.integers(1, MEMBERS + 1), min_size=1, max_size=3))
    def on_paper(self, which: int, numbers: set[int]) -> None:
        listed = ",".join(map(str, sorted(numbers)))
        self._do(self.play.says(self.play.secretary, f"线下确认 {self._item(which)} {listed}"))

    @precondition(lambda self: self.play.items)
    @rule(which=WHICH, who=WHO, words=st.sampled_from(["稍后 {}", "明早 {}"]))
    def snooze(self, which: int, who: int, words: str) -> None:
        self._do(self.play.says(self.play.members[who], words.format(self._item(which))))

    @rule(who=WHO, back=st.booleans())
    def member_moves(self, who: int, back: bool) -> None:
        self._do(self.play.leaves(self.play.members[who], back=back))

    @precondition(lambda self: self.play.said)
    @rule(copies=st.lists(st.integers(0, 40), min_size=1, max_size=4))
    def copies_come(self, copies: list[int]) -> None:
        for number in copies:
            self._do(self.play.comes(self.play.said[number % len(self.play.said)]))

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def platform_fails(self, fault: dict[str, Any], times: int) -> None:
        self.play.world.twin.faults.add("message/send", times=times, **fault)

    @rule(change=st.sampled_from(["well again", "token", "range", "restart", *POINTS]), who=WHO, visible=st.booleans())
    def something_changes(self, change: str, who: int, visible: bool) -> None:
        """The platform is well again, the token is void, somebody comes into reach, or death near."""
        twin = self.play.world.twin
        if change == "well again":
            twin.faults.clear()
        elif change == "token":
            twin.void_token()
        elif change == "range":
            twin.directory.change(self.play.members[who].userid, visible=visible)
        elif change == "restart":
            self._do(self.play.restarts())
        else:
            self.play.arms(change)
