"""Where measurements happen: a folder of their own, a configuration, a database with a roster in it."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Config, check
from bot.simulator.account import AccountIds
from bot.simulator.corp import Corp
from storage import schema
from storage.database import Database

BRANCHES = 50
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday morning of the branch, 10:00."""

_ROSTER = """
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :branches)
INSERT INTO branch (id, name, parent_id, path)
SELECT 1, '局党委', NULL, '/1/' UNION ALL SELECT i, '第' || i || '支部', 1, '/1/' || i || '/' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :members)
INSERT INTO member (id, name, branch_id, status, created_at, updated_at)
SELECT i, '党员' || i, 2 + (i - 1) * (:branches - 1) / :members, 'active', :now, :now FROM n;
INSERT INTO account (member_id, platform, user_id, key)
SELECT id, 'wecom', printf('member%04d', id), printf('member%04d', id) FROM member;
INSERT INTO role (member_id, role, branch_id) VALUES (1, 'secretary', 1);
"""


def branch_of(member: int, members: int) -> int:
    """As the roster above has them: one branch after the other, the way rosters are kept and imported."""
    return 2 + (member - 1) * (BRANCHES - 1) // members


def user_id(member: int) -> str:
    """As the simulator numbers its people."""
    return f"member{member:04}"


def stored(at: datetime) -> str:
    """An instant as SQLite holds it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def configuration(
    database: Path,
    port: int,
    *,
    base: str = "http://127.0.0.1:9",
    url: str | None = None,
    reminders: dict[str, object] | None = None,
) -> Config:
    """A configuration that points at the simulator at `base`; with a `url` that is the database."""
    corp, account = Corp(), AccountIds()
    wecom = {
        "corp_id": corp.corp_id,
        "agent_id": corp.agent_id,
        "secret": corp.secret,
        "token": corp.token,
        "encoding_aes_key": corp.encoding_aes_key,
        "api_base": base,
        "oauth_base": base,
    }
    return check(
        {
            "public_url": f"http://127.0.0.1:{port}",
            "secret_key": "a secret for measuring, long enough for the rule",
            "server": {"port": port},
            "database": {"url": url or f"sqlite+aiosqlite:///{database}"},
            "files": {"dir": str(database.parent / "files")},
            "access": {"administrators": [user_id(1)]},
            "wecom": wecom,
            "official_account": {
                "app_id": account.app_id,
                "secret": account.secret,
                "token": account.token,
                "encoding_aes_key": account.encoding_aes_key,
                "api_base": f"{base}/mp",
                "oauth_base": f"{base}/mp",
            },
            "reminders": reminders or {},
        }
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def new_database(path: Path, *, members: int, now: datetime = NOW) -> None:
    """An empty database with a roster; member 1 is the secretary of all."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    await schema.upgrade(database)
    await database.close()
    with filling(path) as rows:
        run(rows, _ROSTER, members=members, branches=BRANCHES, now=stored(now))


@contextmanager
def filling(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes much in a short time, without the care that a service takes. Commits at the end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as rows:
        rows.execute("PRAGMA synchronous=OFF")
        rows.execute("PRAGMA cache_size=-200000")
        rows.execute("BEGIN")
        yield rows
        rows.execute("COMMIT")
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as rows:
        yield rows


def run(rows: sqlite3.Connection, script: str, **values: object) -> None:
    """Statements separated by semicolons, each with the values that it names."""
    for statement in script.split(";"):
        if statement.strip():
            rows.execute(statement, values)
