"""Real roster files in a temporary folder."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

Rows = Sequence[Sequence[object]]


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook of one sheet; returns its path."""

    def write(rows: Rows, name: str = "roster.xlsx", title: str = "名单") -> Path:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = title
        for row in rows:
            sheet.append(list(row))
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines (or bytes) as they are; returns the path."""

    def write(content: str | bytes, encoding: str = "utf-8", name: str = "roster.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def rezip(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook again with parts replaced, added or (None) left out."""

    def write(source: Path, parts: dict[str, bytes | None]) -> Path:
        path = tmp_path / "changed.xlsx"
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name not in parts:
                    new.writestr(name, old.read(name))
            for name, content in parts.items():
                if content is not None:
                    new.writestr(name, content)
        return path

    return write
