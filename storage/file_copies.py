"""The folder of files beside backups: each content once, however many backups name it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from storage import copies
from storage.encryption import SUFFIX, encrypt
from storage.parts import new_file, sync


def copy_new(source: Path, target: Path, key: bytes | None = None) -> int:
    """Copies the contents that are not there yet; how many. One that is there is marked as still in use.

    With a `key` they are encrypted, under their name and `SUFFIX`.
    """
    copied = 0
    for path in _contents(source):
        to = target / path.parent.name / (path.name + (SUFFIX if key is not None else ""))
        if to.exists():
            os.utime(to)
            continue
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(to.parent) as part:
            if key is None:
                shutil.copyfile(path, part)
            else:
                encrypt(path, part, key)
            sync(part)
            os.replace(part, to)
        copied += 1
    return copied


def bring_back(source: Path, target: Path, key: bytes | None = None) -> int:
    """Copies what is not there, decrypted where it was encrypted; how many. Raises BadCopy."""
    copied = 0
    for path in _contents(source):
        to = target / path.parent.name / path.name.removesuffix(SUFFIX)
        if to.exists():
            continue
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(to.parent) as part, copies.in_the_clear(path, to.parent, key) as plain:
            shutil.copyfile(plain, part)
            sync(part)
            os.replace(part, to)
        copied += 1
    return copied


def expire(folder: Path, older_than: float) -> int:
    """Removes contents that no backup since this moment (seconds since 1970) has marked; how many."""
    old = [path for path in _contents(folder) if path.stat().st_mtime < older_than]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _contents(folder: Path) -> Iterator[Path]:
    """The files under their last names; what is still being written lies elsewhere."""
    return (path for path in folder.glob("[0-9a-f][0-9a-f]/*") if path.is_file() and not path.name.startswith("."))
