"""`导出`: an item's deliveries as a workbook, in the private chat of whoever asked and may see them.

Asking only notes it down. Reading, building (in a thread) and sending are three steps of a job, so that nobody waits.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import File, Text
from bot.rules.text import cut_chars
from bot.services.access import Speaker
from bot.services.accesses import note
from bot.services.counts import Counts, with_entered
from bot.services.progress import progress_of, tree
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.texts import Texts
from bot.workbooks import Column, Table, Value, workbook
from storage.enums import DeliveryState, ItemStatus, Source
from storage.evidence import Evidence
from storage.exports import Export
from storage.file_folder import NewFile
from storage.items import Item
from storage.lists import DeliveryRow
from storage.transaction import Transaction

AGAIN_AFTER = timedelta(minutes=2)
"""When what was begun and not finished is begun again."""
MOST_TRIES = 3
NAME_CHARS = 40
NOT_OUT = frozenset({ItemStatus.DRAFT, ItemStatus.SCHEDULED})
_COLUMNS = (
    ("number", 8),
    ("branch", 24),
    ("name", 14),
    ("state", 12),
    ("sent", 18),
    ("read", 18),
    ("acknowledged", 18),
    ("source", 12),
    ("entered_by", 14),
    ("reminders", 10),
    ("reminded", 18),
    ("reason", 30),
)
_STATES = ("acknowledged", "read", "sent", "queued", "failed", "unreachable", "excused")


@dataclass(frozen=True, slots=True)
class Making:
    """An export that was taken on, with all that the workbook says."""

    id: int
    name: str
    tables: Sequence[Table]


async def ask(
    tx: Transaction, who: Speaker, item: Item, scope: frozenset[int] | None, *, source: str, now: datetime
) -> None:
    """Notes down that this person wants the list. Raises UserError when the item is not out."""
    if item.status in NOT_OUT:
        raise UserError("exports.not_out", number=item.id)
    if await tx.exports.waiting(item.id, who.member_id) is not None:
        return
    branches = None if scope is None else json.dumps(sorted(scope))
    tx.exports.add(
        Export(item_id=item.id, member_id=who.member_id, branches=branches, asked_at=now, next_at=now, tries=0)
    )
    tx.audit.add(
        at=now, actor_id=who.member_id, source=source, action="item.export", subject=f"item:{item.id}", after=branches
    )


async def claim(tx: Transaction, settings: Settings, *, now: datetime) -> int | None:
    """Takes on the next one; None when there is none. One that failed too often is given up, and its asker told."""
    for export in await tx.exports.claim(now, 1, until=now + AGAIN_AFTER):
        if export.tries <= MOST_TRIES:
            return export.id
        export.done_at = now
        words = Text(settings.texts.say("exports.failed", number=export.item_id))
        await tell(tx, settings.roads, [export.member_id], words, kind="export", subject=f"{export.id}:failed", now=now)
    return None


async def read(tx: Transaction, settings: Settings, export_id: int) -> Making | None:
    """Everything that the workbook says."""
    export = await tx.exports.get(export_id)
    item = await tx.items.get(export.item_id) if export is not None else None
    if export is None or item is None:
        return None
    scope = None if export.branches is None else frozenset(json.loads(export.branches))
    rows = await tx.lists.rows(item.id, branch_ids=scope)
    numbers = await tx.paper.numbers(item.id)
    evidence = await tx.evidence.of_item(item.id)
    branches = await tree(tx)
    order = {branch.id: place for place, branch in enumerate(branches)}
    names = {branch.id: branch.name for branch in branches}
    ordered = sorted(rows, key=lambda row: (order[row.branch_id], row.id))
    texts = settings.texts
    lines = [_line(texts, row, numbers[row.id], names[row.branch_id], evidence.get(row.id)) for row in ordered]
    columns = [Column(texts.say(f"exports.column.{name}"), width) for name, width in _COLUMNS]
    progress = await progress_of(tx, item, scope)
    by_branch = _by_branch(rows, evidence, names, progress.branches)
    title = cut_chars(re.sub(r'[\\/:*?"<>|\s]+', " ", item.title).strip(), NAME_CHARS)
    name = texts.say("exports.file", number=item.id, title=title)
    return Making(
        export.id,
        f"{name}.xlsx",
        [
            Table(texts.say("exports.sheet.members"), columns, lines),
            _counts(texts, by_branch, progress.counts),
        ],
    )


async def build(settings: Settings, making: Making) -> NewFile:
    """Makes the file, beside the loop. Raises OSError."""
    content = await asyncio.to_thread(workbook, making.tables)
    return await settings.files.folder.take(content)


async def hand_over(tx: Transaction, settings: Settings, making: Making, new: NewFile, *, now: datetime) -> None:
    """Keeps the file and queues it for whoever asked."""
    export = await tx.exports.get(making.id)
    if export is None or export.done_at is not None:
        return
    await tx.files.keep(settings.files.folder, new, type="xlsx", now=now)
    export.done_at = now
    note(tx, "export", by=export.member_id, source="clock", item_id=export.item_id, now=now)
    file = File(making.name, new.digest)
    await tell(tx, settings.roads, [export.member_id], file, kind="export", subject=str(export.id), now=now)


def _line(texts: Texts, row: DeliveryRow, number: int, branch: str, evidence: Evidence | None) -> list[Value]:
    not_sent = row.state in (DeliveryState.FAILED, DeliveryState.UNREACHABLE)
    excused = row.state == DeliveryState.EXCUSED
    return [
        number,
        branch,
        row.name,
        texts.say(f"exports.state.{row.state}"),
        _time(texts, row.sent_at),
        _time(texts, row.read_at),
        _time(texts, row.acknowledged_at),
        texts.say(f"exports.source.{evidence.source}") if evidence is not None else "",
        (evidence.entered_by or "") if evidence is not None else "",
        row.reminders,
        _time(texts, row.last_reminded_at),
        texts.reason(row.reason) if not_sent else texts.reason(row.excuse or "") if excused else "",
    ]


def _time(texts: Texts, at: datetime | None) -> str:
    """`2026-11-23 10:02`, where the branch is: it sorts as it reads."""
    return at.astimezone(texts.zone).strftime("%Y-%m-%d %H:%M") if at is not None else ""


def _by_branch(
    rows: Sequence[DeliveryRow],
    evidence: Mapping[int, Evidence],
    names: Mapping[int, str],
    branches: Sequence[tuple[str, Counts]],
) -> list[tuple[str, Counts]]:
    """The branches' figures with how many receipts others entered."""
    entered: dict[str, dict[Source, int]] = {}
    for row in rows:
        found = evidence.get(row.id)
        if found is not None and found.entered_by is not None:
            of_branch = entered.setdefault(names[row.branch_id], {})
            of_branch[found.source] = of_branch.get(found.source, 0) + 1
    return [(name, with_entered(counts, entered.get(name, {}))) for name, counts in branches]


def _counts(texts: Texts, branches: Sequence[tuple[str, Counts]], total: Counts) -> Table:
    names = ("audience", "done", "open", *_STATES, "paper", "helper")
    columns = [Column(texts.say("exports.column.branch"), 24)]
    columns += [Column(texts.say(f"exports.count.{name}"), 12) for name in names]
    rows = [
        [name, *(getattr(counts, each) for each in names)]
        for name, counts in (*branches, (texts.say("exports.total"), total))
    ]
    return Table(texts.say("exports.sheet.counts"), columns, rows)
