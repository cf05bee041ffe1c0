"""What a road learns from how calls end."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.outbound.lanes import Road
from bot.platforms.base import Limits, Outcome, Verdict

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LIMITS = Limits(1000, 4, 20, 3, 20, timedelta(hours=3, minutes=30))
GOOD = Outcome(Verdict.ACCEPTED, http_status=200, code=0)
REFUSED = Outcome(Verdict.REFUSED, "content", http_status=200, code=40058)
NETWORK = Outcome(Verdict.LATER, "network", counted=False)
SILENT = Outcome(Verdict.DOUBTFUL, "no_answer")
BAD_GATEWAY = Outcome(Verdict.DOUBTFUL, "no_answer", http_status=502)
STRANGE = Outcome(Verdict.DOUBTFUL, "unknown_code", http_status=200, code=99999)
BUSY = Outcome(Verdict.LATER, "busy", http_status=200, code=-1)
PARALLEL = Outcome(Verdict.LATER, "parallel", after=timedelta(seconds=2), counted=False, http_status=200, code=45033)
NOT_TRUSTED = Outcome(
    Verdict.LATER,
    "address_not_trusted",
    after=timedelta(minutes=5),
    counted=False,
    hold=True,
    http_status=200,
    code=60020,
)


class Way:
    """A road and the time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.now = NOW
        self.road = Road(LIMITS, lambda: self.seconds)

    def call(self, *outcomes: Outcome, reply: bool = False) -> None:
        """One call after the other, at an easy pace."""
        for outcome in outcomes:
            self.seconds += 1
            self.road.start(reply=reply)
            self.road.finish(outcome, reply=reply, now=self.now)
        self.seconds += 1

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)
        self.seconds += timedelta(**length).total_seconds()


@pytest.mark.faults("OUT28", "OUT2")
@pytest.mark.parametrize(
    ("outcomes", "held"),
    [
        ([NETWORK] * 4, False),
        ([NETWORK] * 5, True),
        ([SILENT] * 5, True),
        ([BAD_GATEWAY] * 5, True),
        ([NETWORK, SILENT, BAD_GATEWAY] * 2, True),
        ([NETWORK] * 4 + [GOOD] + [NETWORK] * 4, False),
        ([NETWORK] * 4 + [REFUSED] + [NETWORK] * 4, False),
        ([STRANGE] * 20, False),
        ([BUSY] * 9, False),
        ([BUSY] * 10, True),
        ([PARALLEL] * 20, False),
        ([NOT_TRUSTED], True),
    ],
)
def test_a_road_is_held_when_nothing_gets_through(outcomes: list[Outcome], held: bool) -> None:
    way = Way()
    way.call(*outcomes)
    assert way.road.is_open(way.now) is not held


@pytest.mark.faults("OUT14", "OUT28")
def test_after_a_hold_one_call_tries_and_then_more_and_more() -> None:
    way = Way()
    way.call(NOT_TRUSTED)
    way.later(minutes=5)
    assert (way.road.room(), way.road.reply_room()) == (1, 1)
    way.road.start(reply=True)
    assert (way.road.room(), way.road.reply_room()) == (0, 0), "an answer is the one that tries"
    way.road.finish(NOT_TRUSTED, reply=True, now=way.now)
    assert not way.road.is_open(way.now)
    way.later(minutes=5)
    rooms = []
    for _ in range(3):
        rooms.append(way.road.room())
        way.call(GOOD)
    assert rooms == [1, 2, 4]
    assert way.road.reply_room() == 4


def test_an_answer_to_an_earlier_call_does_not_end_a_hold() -> None:
    way = Way()
    way.road.start(reply=False)
    way.call(NOT_TRUSTED)
    way.road.finish(GOOD, reply=False, now=way.now)
    assert not way.road.is_open(way.now)


@pytest.mark.faults("OUT12")
def test_too_many_at_once_halves_them_and_a_hundred_good_calls_bring_one_back() -> None:
    way = Way()
    way.call(PARALLEL)
    assert way.road.room() == 2
    way.call(PARALLEL, PARALLEL)
    assert way.road.room() == 1
    way.call(*[GOOD] * 99)
    assert way.road.room() == 1
    way.call(GOOD)
    assert way.road.room() == 2
    way.call(*[GOOD] * 200)
    assert way.road.room() == 4


def test_calls_keep_to_the_pace_of_any_second() -> None:
    way = Way()
    started: list[float] = []
    for _ in range(300):
        while way.road.room():
            way.road.start(reply=False)
            way.road.finish(GOOD, reply=False, now=way.now)
            started.append(way.seconds)
        wait = way.road.token_in()
        assert wait is not None
        way.seconds += min(0.01, wait.total_seconds())
    most = int(LIMITS.calls_per_second)
    assert all(later - earlier > 1 for earlier, later in zip(started, started[most:], strict=False))
    assert len(started) >= 0.94 * LIMITS.calls_per_second * way.seconds


def test_a_push_that_fills_the_road_leaves_room_for_answers() -> None:
    way = Way()
    for _ in range(4):
        way.road.start(reply=False)
    assert (way.road.room(), way.road.reply_room()) == (0, 4)
    assert way.road.token_in() is None, "it is not the pace that is in the way"
