"""The key that signs links and cookies and seals ids: from the configuration, or made once beside the database."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.config.sections import Config
from bot.errors import ConfigError, ConfigProblem

KEY_BYTES = 32
LEAST_CHARACTERS = 32


def key_path(config: Config) -> Path | None:
    """Where the key of a SQLite installation lies: `branchbot.db.key`; None on PostgreSQL."""
    database = config.database.sqlite_path
    return database.with_name(f"{database.name}.key") if database is not None else None


def secret_key(config: Config) -> bytes:
    """The key. On SQLite without one in the configuration it is made at the first call, readable by its owner alone.

    Raises ConfigError when the file cannot be read or written, or does not hold a whole key: a new one would make
    every link in people's messages dead, so nothing is written over it.
    """
    if config.secret_key is not None:
        return config.secret_key.get_secret_value().encode()
    path = key_path(config)
    if path is None:
        raise ConfigError([ConfigProblem("secret_key", None, "secret_key_for_postgresql")])
    try:
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([ConfigProblem(str(path), None, "readable_key")]) from None
    if len(key) < LEAST_CHARACTERS:
        raise ConfigError([ConfigProblem(str(path), None, "whole_key")])
    return key.encode()


def audit_key(secret: bytes) -> bytes:
    """The key that the audit's rows are sealed with, made from the secret key."""
    return hmac.digest(secret, b"audit", "sha256")


def ledger_key(secret: bytes) -> bytes:
    """The key that those who were forgotten are written down under, made from the secret key."""
    return hmac.digest(secret, b"ledger", "sha256")


def _make(path: Path) -> None:
    """Appears whole or not at all, and never over another one: two programs that start together keep the same key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
