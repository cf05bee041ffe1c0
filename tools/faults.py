"""Writes docs/faults.md: what can go wrong, and which tests prove what happens then.

The faults and their names stand in tests/faults.toml; which test covers which is read from the marks
(`@pytest.mark.faults("CB1", "OUT3")`) without importing anything.

    python tools/faults.py           # writes the page
    python tools/faults.py --check   # exit 1 when the page is not what it would write
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "tests" / "faults.toml"
PAGE = ROOT / "docs" / "faults.md"
MUST = ("CB", "OUT", "TOK", "CMD", "DB")
"""The areas in which every fault that can happen needs a test."""

HEAD = """# What can go wrong, and the tests of what happens then

Made by `python tools/faults.py` from the tests' marks and tests/faults.toml; a test keeps it up to date.
"""


class Fault(NamedTuple):
    """One thing that can go wrong: `CB1`, its area `CB`, and what it is in a few words."""

    id: str
    area: str
    words: str


class Catalogue(NamedTuple):
    """All faults in order, the areas' names, and by id why we differ from the usual or have no such part."""

    faults: tuple[Fault, ...]
    areas: dict[str, str]
    differs: dict[str, str]
    absent: dict[str, str]


def catalogue() -> Catalogue:
    """Read tests/faults.toml."""
    read = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    faults = [Fault(id, area, words) for area in read["areas"] for id, words in read[area].items()]
    return Catalogue(tuple(faults), read["areas"], read["differs"], read["absent"])


def marks(root: Path = ROOT) -> dict[str, list[str]]:
    """Return by fault the tests that name it, as `path::test`, in the order of paths and lines."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / "tests").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        for test, id in _marks_of(ast.parse(path.read_text(encoding="utf-8")).body):
            tests = found.setdefault(id, [])
            if (entry := f"{name}::{test}" if test else name) not in tests:
                tests.append(entry)
    return found


def _marks_of(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, str]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}{statement.name}"
            for decorator in statement.decorator_list:
                yield from ((name, id) for id in _ids(decorator))
            if isinstance(statement, ast.ClassDef):
                yield from _marks_of(statement.body, f"{name}::")
        elif isinstance(statement, ast.Assign):
            yield from ((inside.removesuffix("::"), id) for id in _ids(statement.value))


def _ids(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "faults":
            yield from (part.value for part in node.args if isinstance(part, ast.Constant) and type(part.value) is str)


def page() -> str:
    """Return docs/faults.md."""
    known, tests = catalogue(), marks()
    possible = [fault for fault in known.faults if fault.id not in known.absent]
    covered = [fault for fault in possible if fault.id in tests]
    parts = [
        HEAD,
        f"{len(known.faults)} faults: {len(covered)} with tests, {len(possible) - len(covered)} without, "
        f"{len(known.absent)} of parts that do not exist.\n",
    ]
    for area, title in known.areas.items():
        parts.append(f"## {title} ({area})\n\n| id | fault | tests |\n| --- | --- | --- |\n")
        parts[-1] += "".join(_row(fault, known, tests) for fault in known.faults if fault.area == area)
    if known.differs:
        parts.append("## Where our answer is another than one would expect\n\n")
        parts[-1] += "".join(f"- **{id}** {_words(known, id)}: {why}\n" for id, why in known.differs.items())
    if known.absent:
        parts.append("## Faults of parts that do not exist\n\n")
        parts[-1] += "".join(f"- **{id}** {_words(known, id)}: {why}\n" for id, why in known.absent.items())
    return "\n".join(parts)


def _row(fault: Fault, known: Catalogue, tests: dict[str, list[str]]) -> str:
    if fault.id in known.absent:
        where = "no such part"
    else:
        where = "<br>".join(_link(test) for test in tests.get(fault.id, ())) or "none yet"
    return f"| {fault.id} | {fault.words} | {where} |\n"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    short = re.sub(r"^test_|\.py$", "", path.rsplit("/", 1)[-1])
    return f"[{short}](../{path})" + (f": {name.removeprefix('test_').replace('_', ' ')}" if name else "")


def _words(known: Catalogue, id: str) -> str:
    return next(fault.words for fault in known.faults if fault.id == id)


def main() -> int:
    """Write the page, or with `--check` only compare."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
