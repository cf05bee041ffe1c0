"""Finding the member that a secretary names. Of two with one name none is picked: both are shown."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.rules.folding import normalise
from bot.rules.spelling import nearest
from bot.services.arguments import Named
from storage.items import Item
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Person:
    member_id: int
    name: str
    branch: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Match:
    """`person` is set when exactly one member was meant; else `several` says how to name each, or `near` whom perhaps.

    `rest` is what was said after the name.
    """

    name: str
    person: Person | None = None
    rest: str = ""
    several: Sequence[str] = ()
    near: str | None = None


Find = Callable[[str], Awaitable[Sequence[Person]]]


async def in_audience(tx: Transaction, item: Item, readings: Sequence[Named]) -> Match:
    """The member of the item's audience who is meant."""
    branches = await tx.branches.all_names()

    async def find(name: str) -> Sequence[Person]:
        rows = await tx.lists.rows(item.id, name=name)
        return [Person(row.member_id, row.name, branches[row.branch_id], row.user_id or "") for row in rows]

    match = await _match(find, readings)
    if match.person is None and not match.several:
        names = {row.name for row in await tx.lists.rows(item.id)}
        return Match(match.name, near=_near(match.name, names))
    return match


async def on_roster(tx: Transaction, branch_ids: Iterable[int], readings: Sequence[Named]) -> Match:
    """The active member of these branches who is meant."""
    scope = set(branch_ids)

    async def find(name: str) -> Sequence[Person]:
        return [Person(row.id, row.name, row.branch, row.user_id) for row in await tx.members.named(name, scope)]

    match = await _match(find, readings)
    if match.person is None and not match.several:
        return Match(match.name, near=_near(match.name, await tx.members.names_in(scope)))
    return match


async def _match(find: Find, readings: Sequence[Named]) -> Match:
    """The longest name that somebody has decides; what follows an `@` may be longer than the place."""
    unclear: Match | None = None
    for reading in readings:
        namesakes = sorted(await find(reading.name), key=lambda person: person.member_id)
        if not namesakes:
            continue
        meant = _of_place(namesakes, reading.place) if reading.place else namesakes
        if len(meant) == 1:
            return Match(reading.name, meant[0], reading.rest)
        found = Match(reading.name, several=_apart(meant or namesakes))
        if meant:
            return found
        unclear = unclear or found
    return unclear or Match(readings[-1].name)


def _of_place(namesakes: Sequence[Person], place: str) -> list[Person]:
    """Those of a branch with that name, else with that in its name, else with that account."""
    wanted = normalise(place).casefold()
    exact = [person for person in namesakes if normalise(person.branch).casefold() == wanted]
    parts = [person for person in namesakes if wanted in normalise(person.branch).casefold()]
    return exact or parts or [person for person in namesakes if person.user_id.casefold() == wanted]


def _apart(namesakes: Sequence[Person]) -> list[str]:
    """How to name each: by branch, or by account where two are in one branch."""
    branches = [person.branch for person in namesakes]
    return [
        f"{person.name}@{person.branch}"
        if branches.count(person.branch) == 1
        else f"{person.name}@{person.user_id}（{person.branch}）"
        for person in namesakes
    ]


def _near(name: str, names: Iterable[str]) -> str | None:
    return nearest(name, sorted(names))
