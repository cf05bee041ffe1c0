"""The folder of files beside backups: each content once, however many backups name it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from storage.parts import new_file, sync


def copy_new(source: Path, target: Path) -> int:
    """Copies the contents that are not there yet; how many. One that is there is marked as still in use."""
    copied = 0
    for path in _contents(source):
        to = target / path.parent.name / path.name
        if to.exists():
            os.utime(to)
            continue
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(to.parent) as part:
            shutil.copyfile(path, part)
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
