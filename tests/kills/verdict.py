"""What came of a storm, by what the far side wrote down: each is shown it once, or somebody is asked about it."""

import re
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import text

from storage.enums import DeliveryState, ItemStatus
from storage.items import Item
from tests.kills.lives import Scene

SECRETARY = "boss"
ASKED = re.compile(r"#(\d+) 平台没有答复：.*?(\d+) 人可能已经送到", re.DOTALL)
ANSWER = re.compile(r"#(\d+) 您已")
IN_DOUBT = """
SELECT account.user_id FROM message JOIN account ON account.member_id = message.member_id
WHERE message.item_id = :item AND message.kind = 'item' AND message.phase = 'unknown'
"""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one item: whom it was for, who was shown it, who has answered, of whom nobody knows."""

    number: int
    audience: Counter[str]
    seen: Counter[str]
    done: set[str]
    doubtful: Counter[str]
    """Whose call the platform never answered, and which may not leave again."""
    listed: set[str]
    """Whom the secretary's lists name as such."""
    told: int
    """How many the secretary was told of, over all cards about this item."""

    def judge(self) -> None:
        """Never twice, never neither; who is asked about is in the lists by name and in the cards by number."""
        assert self.seen <= self.audience, (self.number, "shown twice", self.seen - self.audience)
        assert self.doubtful <= self.audience, (self.number, "asked about twice", self.doubtful - self.audience)
        neither = self.audience.keys() - self.seen.keys() - self.doubtful.keys() - self.done
        assert not neither, (self.number, "neither shown nor asked about", neither)
        assert self.told == self.doubtful.total(), (self.number, "told", self.told, self.doubtful)
        assert self.listed <= self.doubtful.keys() <= self.listed | self.done, (self.number, self.listed, self.doubtful)


async def fates(there: Scene, audiences: dict[str, list[str]]) -> list[Fate]:
    """Of every item that went out; `audiences` says by its title whom each was for."""
    told: Counter[int] = Counter()
    for event in there.written("shown"):
        if SECRETARY in event["userids"] and (found := ASKED.search(event["text"])):
            told[int(found[1])] += int(found[2])
    async with there.database.reading() as tx:
        items = await tx.items.page(statuses=[ItemStatus.PUBLISHED, ItemStatus.CLOSED], limit=2000)
    return [await _fate(there, item, audiences[item.title], told[item.id]) for item in items]


async def _fate(there: Scene, item: Item, audience: list[str], told: int) -> Fate:
    seen = there.seen(item.title, kind="card", without="预览")
    seen.pop(SECRETARY, None)
    async with there.database.reading() as tx:
        done = await tx.lists.rows(item.id, states=[DeliveryState.ACKNOWLEDGED])
        failed = await tx.lists.rows(item.id, states=[DeliveryState.FAILED])
    assert {row.reason for row in failed} <= {"unknown"}, (item.id, failed)
    async with there.database.reader.connect() as connection:
        doubtful = Counter((await connection.execute(text(IN_DOUBT), {"item": item.id})).scalars())
    return Fate(
        number=item.id,
        audience=Counter(audience),
        seen=seen,
        done={row.user_id or "" for row in done},
        doubtful=doubtful,
        listed={row.user_id or "" for row in failed},
        told=told,
    )


def shown_twice(there: Scene, said: Counter[tuple[str, int]]) -> dict[tuple[str, str], int]:
    """(person, words) that came too often, with how often.

    Whoever has `said` several times that they have seen an item is answered as often. Two questions about one item may
    read the same; they are counted with their numbers.
    """

    def may_come(who: str, words: str) -> int | None:
        if found := ANSWER.match(words):
            return said[who, int(found[1])]
        return None if who == SECRETARY and ASKED.search(words) else 1

    came = there.shown_twice().items()
    return {each: times for each, times in came if (most := may_come(*each)) is not None and times > most}
