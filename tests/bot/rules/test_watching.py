"""What counts as wrong: figures in, findings out."""

from datetime import timedelta

import pytest

from bot.rules.watching import Figures, findings

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.faults("CLK5", "CB30", "CB34", "DB5", "DB19", "OUT2", "OUT14", "UPG9")
@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (Figures(), []),
        (Figures(metronome=MINUTE), []),
        (Figures(metronome=MINUTE + timedelta(seconds=1)), ["metronome"]),
        (Figures(sender=2 * MINUTE), ["sender"]),
        # Nothing has left for hours: no wonder when nothing waits, or came only now.
        (Figures(moved=8 * HOUR), []),
        (Figures(moved=8 * HOUR, due=timedelta(seconds=5)), []),
        (Figures(moved=2 * MINUTE, due=2 * MINUTE), ["sender"]),
        # A big push is paced: what waits is old, yet something leaves all the time.
        (Figures(moved=timedelta(seconds=1), due=5 * MINUTE), []),
        (Figures(moved=timedelta(seconds=1), due=11 * MINUTE), ["backlog"]),
        (Figures(in_flight=3 * MINUTE), ["in_flight"]),
        (Figures(doubtful=10 * MINUTE), []),
        (Figures(doubtful=31 * MINUTE), ["doubtful"]),
        (Figures(update=3 * MINUTE), ["inbox"]),
        (Figures(dead=["writer"]), ["tasks"]),
        (Figures(disconnected=timedelta(seconds=20)), []),
        (Figures(disconnected=MINUTE), ["socket"]),
        (Figures(deaf=True), ["deaf"]),
        (Figures(held={"wecom": "secret", "official_account": "network"}), ["platform", "platform"]),
        (Figures(skews={"wecom": timedelta(seconds=-30)}), []),
        (Figures(skews={"wecom": timedelta(seconds=-61)}), ["skew"]),
        (Figures(skews={"database": 2 * MINUTE}), ["skew"]),
        (Figures(free={"/data": 10**10}), []),
        (Figures(free={"/data": 10**8}), ["disk"]),
        (Figures(writable=False), ["write"]),
        (Figures(backup=25 * HOUR), []),
        (Figures(backup=37 * HOUR), ["backup_old"]),
        (Figures(unsound={"sums": [12], "lost": []}), ["unsound"]),
    ],
)
def test_what_is_wrong(figures: Figures, expected: list[str]) -> None:
    assert [each.key for each in findings(figures, bot="wecom_bot")] == expected


def test_a_broken_road_is_named_and_causes_are_told_apart() -> None:
    figures = Figures(disconnected=HOUR, held={"wecom": "secret"}, skews={"wecom": HOUR, "database": HOUR})
    found = findings(figures, bot="wecom_bot")
    assert [each.road for each in found] == ["wecom", "wecom_bot", "", ""]
    assert len({(each.key, each.about) for each in found}) == 4
