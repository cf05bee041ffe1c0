"""How much reading an item asks for, how much the week has asked already, and the line that a branch drew for itself.

Counts of many, never of one: no figure here belongs to a person.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.reading import median, minutes_of
from bot.rules.wall_clock import start_of_day, week_of
from bot.services.access import Speaker
from bot.services.asking import Ask
from bot.services.settings import Settings
from storage.audiences import Audience
from storage.burdens import SAMPLE
from storage.enums import Role
from storage.items import Item
from storage.transaction import Transaction

OCCASION_CHARS = 60
MOST_MINUTES = 10_000


@dataclass(frozen=True, slots=True)
class Burden:
    """Minutes of the item itself; items and minutes that this week asked of the one in the middle."""

    minutes: int
    items: int
    asked: int


@dataclass(frozen=True, slots=True)
class Line:
    """Minutes a week, and the branch that drew the line: the item's own, or the nearest above."""

    minutes: int
    branch: str


async def burden_of(tx: Transaction, settings: Settings, item: Item, *, now: datetime) -> Burden:
    """What the item, not yet out, would add to this week of its audience."""
    zone = settings.texts.zone
    minutes = minutes_of(item.title, item.body)
    published = await tx.burdens.published_since(start_of_day(week_of(now, zone), zone))
    each = {item_id: minutes_of(*words) for item_id, words in published.items() if item_id != item.id}
    shares = await tx.burdens.shares(Audience.load(item.audience), each)
    people = min(item.audience_size, SAMPLE)
    return Burden(
        minutes,
        median([(share.items, share.members) for share in shares], people),
        median([(share.minutes, share.members) for share in shares], people),
    )


async def line_of(tx: Transaction, branch_id: int) -> Line | None:
    """The line that counts for a branch; None where nobody drew one."""
    branch = await tx.branches.get_by_id(branch_id)
    path = [int(part) for part in branch.path.strip("/").split("/")]
    lines = await tx.burdens.lines(path)
    nearest = next((each for each in reversed(path) if each in lines), None)
    return Line(lines[nearest], await tx.branches.get_name(nearest)) if nearest is not None else None


async def check_occasion(tx: Transaction, settings: Settings, item: Item, *, now: datetime) -> None:
    """Raises Ask when the item passes the branch's line and does not say why."""
    if item.occasion is not None:
        if len(item.occasion) > OCCASION_CHARS:
            raise Ask("occasion", "burden.occasion_long", limit=OCCASION_CHARS)
        return
    line = await line_of(tx, item.branch_id)
    if line is None:
        return
    burden = await burden_of(tx, settings, item, now=now)
    if burden.asked + burden.minutes > line.minutes:
        raise Ask(
            "occasion",
            "burden.ask_occasion",
            minutes=burden.minutes,
            so_far=burden.asked,
            line=line.minutes,
            branch=line.branch,
        )


async def burden_notes(tx: Transaction, settings: Settings, item: Item, *, now: datetime) -> list[str]:
    """What the preview says of it, in one line."""
    burden = await burden_of(tx, settings, item, now=now)
    key = "burden.note" if burden.items else "burden.note_first"
    words = settings.texts.say(key, minutes=burden.minutes, items=burden.items, asked=burden.asked)
    return [words + settings.texts.say("burden.without_link") if item.link or item.attached else words]


async def draw_line(
    tx: Transaction, who: Speaker, branch_id: int, minutes: int | None, *, source: str, now: datetime
) -> None:
    """Draws the line of a branch anew; None lifts it. Raises UserError for a number that is no week."""
    if branch_id not in who.branches(Role.SECRETARY):
        raise UserError("burden.which_branch")
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise UserError("burden.example")
    before = (await tx.burdens.lines([branch_id])).get(branch_id)
    if minutes is None:
        await tx.burdens.lift(branch_id)
    else:
        await tx.burdens.draw(branch_id, minutes, by=who.member_id, now=now)
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action="burden.line",
        subject=f"branch:{branch_id}",
        before=str(before),
        after=str(minutes),
    )


async def own_branch(tx: Transaction, who: Speaker, words: str) -> tuple[int, str, str]:
    """(branch, its name, what follows): the branch that the words begin with, or the one that the person answers for.

    Raises UserError when they answer for several and name none.
    """
    names = await tx.branches.all_names()
    reach = who.branches(Role.SECRETARY)
    named = [each for each in sorted(reach, key=lambda i: -len(names[i])) if words.startswith(names[each])]
    roots = sorted(who.granted.get(Role.SECRETARY, frozenset()))
    if named:
        same = [each for each in named if names[each] == names[named[0]]]
        if len(same) > 1:
            raise UserError("burden.which_branch")
        return named[0], names[named[0]], words.removeprefix(names[named[0]]).strip()
    if len(roots) != 1:
        raise UserError("burden.which_branch")
    return roots[0], names[roots[0]], words
