"""Files with a past: fifty items that live, and before them as many closed ones as it takes.

What lives is the same in every file, so that only the past can make a difference. A closed item's members have
acknowledged (92 %), were excused (5 %) or never answered (3 %); a third of them were reminded.
"""

import sqlite3
from datetime import timedelta
from pathlib import Path

from benchmarks.place import NOW, filling, new_database, run, stored

MEMBERS = 5000
OF_CLOSED, OF_LIVE = 200, 100
LIVE = 50
"""The first of them goes to all members, the others usually to OF_LIVE."""
FIRST_DUE, ALL_DUE = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
"""At the first instant a hundred reminders are due, at the second a thousand."""

_PAST = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :closed)
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, published_at, ended_at, ended_by, created_at)
SELECT i, 'notice', 1, 'closed', '第' || i || '号通知', '正文。', 'ack', 1, 1, '{}', :of_closed, 0, :policy, '', 0,
  :then, :then, :then, :ended, 'age', :then FROM n WHERE :closed > 0;
WITH RECURSIVE n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n WHERE j < :of_closed - 1)
INSERT INTO delivery (item_id, member_id, branch_id, require, transport, state, sent_at, read_at, acknowledged_at,
  done_at, excused_at, reminders, last_reminded_at)
SELECT item.id, 1 + (item.id * 37 + j * (:members / :of_closed)) % :members,
  2 + (1 + (item.id * 37 + j * (:members / :of_closed)) % :members) % 49, 'ack', 'sent',
  CASE WHEN (item.id + j * 7) % 100 < 92 THEN 'acknowledged' WHEN (item.id + j * 7) % 100 < 97 THEN 'excused'
    ELSE 'sent' END,
  :then, CASE WHEN (item.id + j * 7) % 100 < 92 THEN :then END, CASE WHEN (item.id + j * 7) % 100 < 92 THEN :then END,
  CASE WHEN (item.id + j * 7) % 100 < 92 THEN :then END,
  CASE WHEN (item.id + j * 7) % 100 BETWEEN 92 AND 96 THEN :then END, (item.id + j) % 3 = 0,
  CASE WHEN (item.id + j) % 3 = 0 THEN :then END
FROM item CROSS JOIN n WHERE item.status = 'closed';
"""

_PRESENT = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :live)
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, published_at, created_at)
SELECT :closed + i, 'notice', 1, 'published', '第' || (:closed + i) || '号通知', '正文。', 'ack', 1, 1, '{}',
  CASE WHEN i = 1 THEN :members ELSE :of_live END, 0, :policy, '', 0, :sent, :sent, :sent, :sent FROM n;
WITH RECURSIVE n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n WHERE j < :members - 1)
INSERT INTO delivery (item_id, member_id, branch_id, require, transport, state, sent_at, read_at, acknowledged_at,
  done_at, reminders)
SELECT item.id, 1 + (item.id * 37 + j) % :members, 2 + (1 + (item.id * 37 + j) % :members) % 49, 'ack', 'sent',
  CASE WHEN j % 10 < 7 THEN 'acknowledged' ELSE 'sent' END, :sent, CASE WHEN j % 10 < 7 THEN :sent END,
  CASE WHEN j % 10 < 7 THEN :sent END, CASE WHEN j % 10 < 7 THEN :sent END, 0
FROM item JOIN n ON j < item.audience_size WHERE item.status = 'published';
"""

_CONSEQUENCES = """
UPDATE item SET reminders = (SELECT coalesce(sum(reminders), 0) FROM delivery WHERE item_id = item.id);
INSERT INTO receipt (delivery_id, kind, source, at)
SELECT id, 'ack', 'card', acknowledged_at FROM delivery WHERE acknowledged_at IS NOT NULL;
INSERT INTO content (id, digest, body) SELECT id, printf('%064d', id), '{"type":"text","text":"通知"}' FROM item;
INSERT INTO message (kind, subject, number, platform, recipient, recipient_key, content_id, priority, quiet, item_id,
  delivery_id, member_id, phase, not_before, tries, started_at, settled_at, created_at)
SELECT 'item', d.id, 1, 'wecom', a.user_id, a.key, d.item_id, 2, 0, d.item_id, d.id, d.member_id, 'accepted',
  d.sent_at, 0, d.sent_at, d.sent_at, d.sent_at FROM delivery d JOIN account a ON a.member_id = d.member_id;
INSERT INTO message (kind, subject, number, platform, recipient, recipient_key, content_id, priority, quiet,
  member_id, phase, not_before, tries, started_at, settled_at, created_at)
SELECT 'digest', d.member_id || ':2025-' || d.id || ':1', 1, 'wecom', a.user_id, a.key, d.item_id, 3, 1, d.member_id,
  'accepted', d.sent_at, 0, d.sent_at, d.sent_at, d.sent_at
FROM delivery d JOIN account a ON a.member_id = d.member_id WHERE d.reminders > 0;
INSERT INTO reminder (delivery_id, round, due_at, moment, state)
SELECT id, 1, sent_at, sent_at, 'sent' FROM delivery WHERE reminders > 0;
INSERT INTO reminder (delivery_id, round, due_at, moment, state)
SELECT id, 1 + reminders, sent_at, sent_at, 'ended' FROM delivery WHERE done_at IS NOT NULL OR excused_at IS NOT NULL;
INSERT INTO reminder (delivery_id, round, due_at, moment, state)
SELECT id, 1, CASE WHEN n <= 100 THEN :first_due WHEN n <= 1000 THEN :all_due ELSE :later END,
  CASE WHEN n <= 100 THEN :first_due WHEN n <= 1000 THEN :all_due ELSE :later END, 'open'
FROM (SELECT d.id, row_number() OVER (ORDER BY d.id % 97, d.id) n FROM delivery d JOIN item i ON i.id = d.item_id
  WHERE i.status = 'published' AND d.done_at IS NULL);
INSERT INTO tally (item_id, branch_id, state, n)
SELECT item_id, branch_id, state, count(*) FROM delivery GROUP BY 1, 2, 3
"""


async def build(path: Path, deliveries: int, *, of_live: int = OF_LIVE) -> None:
    """A file with about so many deliveries; the members of each living item but the first are `of_live`."""
    await new_database(path, members=MEMBERS)
    values: dict[str, object] = {
        "closed": max(0, (deliveries - MEMBERS - (LIVE - 1) * of_live) // OF_CLOSED),
        "live": LIVE,
        "members": MEMBERS,
        "of_closed": OF_CLOSED,
        "of_live": of_live,
        "policy": '{"after": ["1d", "2d", "3d", "5d"], "before_due": []}',
        "then": stored(NOW - timedelta(days=300)),
        "ended": stored(NOW - timedelta(days=270)),
        "sent": stored(NOW - timedelta(days=1, hours=1)),
        "first_due": stored(FIRST_DUE),
        "all_due": stored(ALL_DUE),
        "later": stored(NOW + timedelta(days=1)),
    }
    with filling(path) as rows:
        indexes = _drop_indexes(rows)
        for script in (_PAST, _PRESENT, _CONSEQUENCES):
            run(rows, script, **values)
        for index in indexes:
            rows.execute(index)


def _drop_indexes(rows: sqlite3.Connection) -> list[str]:
    """Rows come in faster without; gives the statements that make them again."""
    found = rows.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in found:
        rows.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]
