"""How an item stands, in words. Names of people are only in what the functions on open members say."""

from collections.abc import Mapping, Sequence

from bot.rules.text import bar, cut_chars
from bot.services.counts import Counts
from bot.services.progress import OpenBranch, Progress
from bot.texts import Texts
from storage.enums import DeliveryState, Require
from storage.items import Item
from storage.lists import DeliveryRow, OpenRow
from storage.outlines import Outline

BRANCHES = 20
NAMES = 200
TITLE_CHARS = 40


def titled(texts: Texts, item: Item | Outline) -> str:
    """`#12 关于召开支部大会的通知`."""
    return texts.say("progress.title", number=item.id, title=cut_chars(item.title, TITLE_CHARS))


def done_of(texts: Texts, item: Item | Outline, counts: Counts | Outline) -> str:
    """`已完成 30/38 ▓▓▓▓▓▓▓▓░░ 79%`; how many it reached, where nothing is asked."""
    if item.require == Require.NONE:
        return texts.say("progress.reached", n=counts.reached, total=counts.audience)
    return texts.say("progress.done", **_share(counts))


def states_of(texts: Texts, item: Item, counts: Counts) -> str:
    """`已确认 30（其中纸质 4） · 已读 4 · …`; what nobody is in is left out."""
    found = [(state, getattr(counts, state)) for state in _ORDER]
    words = {state: texts.say(f"progress.state.{state}", n=n) for state, n in found if n}
    sources = (("paper", counts.paper), ("helper", counts.helper))
    entered = [texts.say(f"progress.entered.{source}", n=n) for source, n in sources if n]
    fulfils = "read" if item.require == Require.READ else "acknowledged"
    if entered and fulfils in words:
        words[fulfils] = texts.say("progress.entered", state=words[fulfils], sources=texts.list(entered))
    return " · ".join(words.values()) or texts.say("progress.nobody")


def branches_of(texts: Texts, item: Item, branches: Sequence[tuple[str, Counts]]) -> list[str]:
    """One line for each branch, as the tree has them, never ranked; the rest as their number."""
    lines = [
        texts.say("progress.branch.none", name=name, n=counts.audience)
        if item.require == Require.NONE
        else texts.say("progress.branch", name=name, **_share(counts))
        for name, counts in branches[:BRANCHES]
    ]
    if len(branches) > BRANCHES:
        lines.append(texts.say("progress.more_branches", n=len(branches)))
    return lines


def summary(texts: Texts, progress: Progress) -> list[str]:
    """Title, how it stands and the counts: what everybody in a group may read."""
    item = progress.item
    at = item.publish_at if item.status == "scheduled" else item.due_at
    key = f"progress.status.{item.status}"
    status = texts.say(f"{key}.until", at=texts.when(at)) if at and texts.has(f"{key}.until") else texts.say(key)
    return [titled(texts, item), status, done_of(texts, item, progress.counts), states_of(texts, item, progress.counts)]


def open_members(
    texts: Texts,
    groups: Sequence[OpenBranch],
    *,
    marked: bool = True,
    numbers: Mapping[int, int] | None = None,
    helpers: Mapping[int, str] | None = None,
) -> list[str]:
    """Names by branch, at most NAMES of them; `marked` says why somebody could not be reached.

    `numbers` (by delivery) stand before the names; `helpers` (by delivery) are who reads for them.
    """
    lines: list[str] = []
    room = NAMES
    for group in groups:
        shown = [_name(texts, row, numbers or {}, helpers or {}, marked=marked) for row in group.rows[:room]]
        room -= len(shown)
        if not shown:
            break
        lines.append(texts.say("progress.open_branch", name=group.name, n=len(group.rows), members=texts.list(shown)))
    hidden = sum(len(group.rows) for group in groups) - (NAMES - room)
    if hidden:
        lines.append(texts.say("progress.more_members", n=hidden))
    return lines


def out_of_reach(texts: Texts, rows: Sequence[DeliveryRow]) -> list[str]:
    """Reason by reason, who could not be reached, at most NAMES of them."""
    by_reason: dict[str, list[str]] = {}
    for row in rows[:NAMES]:
        by_reason.setdefault(texts.reason(row.reason), []).append(row.name)
    lines = [
        texts.say("progress.unreached", reason=reason, n=len(names), members=texts.list(names))
        for reason, names in by_reason.items()
    ]
    if len(rows) > NAMES:
        lines.append(texts.say("progress.more_members", n=len(rows) - NAMES))
    return lines


_ORDER = ("acknowledged", "read", "sent", "queued", "failed", "unreachable", "excused")
_NOT_REACHED = frozenset({DeliveryState.FAILED, DeliveryState.UNREACHABLE})


def _share(counts: Counts | Outline) -> dict[str, object]:
    """Done of those who are asked: whoever is excused is not."""
    asked = counts.done + counts.open
    return {"done": counts.done, "asked": asked, "bar": bar(counts.done, asked)}


def _name(texts: Texts, row: OpenRow, numbers: Mapping[int, int], helpers: Mapping[int, str], *, marked: bool) -> str:
    name = f"{numbers[row.id]} {row.name}" if row.id in numbers else row.name
    if row.id in helpers:
        return texts.say("progress.marked.helper", name=name, helper=helpers[row.id])
    if marked and row.state in _NOT_REACHED:
        return texts.say("progress.marked", name=name, reason=texts.reason(row.reason))
    return name
