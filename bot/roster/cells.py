"""The cells of one row to a draft of its member; whatever is wrong with one is collected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.roster.branches import Path, read_path
from bot.roster.columns import REQUIRED
from bot.roster.fields import (
    ROLES,
    RoleGrant,
    name_fault,
    nearest,
    read_phone,
    read_roles,
    read_tier,
    userid_fault,
)
from bot.roster.problems import Problem, problem
from bot.roster.table import Flaw

ROLE_WORDS: Final = tuple(ROLES)


@dataclass(frozen=True, slots=True)
class Draft:
    """A row whose cells were read one by one; `branch` is None when its cell cannot be used."""

    number: int
    name: str
    userid: str
    branch: Path | None
    parent: Path | None
    tier: str | None
    roles: tuple[RoleGrant, ...]
    phone: str | None


class CellReader:
    """Reads rows of one table; `problems` grows with every cell that cannot be used."""

    def __init__(self, header: Sequence[str], index: Mapping[str, int], tiers: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._header = header
        self._index = index
        self._tiers = tuple(tiers)
        self._paths: dict[str, Path | None] = {}

    def header_of(self, field: str) -> str | None:
        """The name that the file gives to a field's column; None when it has no such column."""
        return self._header[self._index[field]] if field in self._index else None

    def is_blank(self, cells: Sequence[str], flaws: Mapping[int, Flaw]) -> bool:
        """Nothing in any column that counts: only a running number, for instance."""
        return not any(
            position in flaws or (position < len(cells) and cells[position]) for position in self._index.values()
        )

    def read(self, number: int, cells: Sequence[str], flaws: Mapping[int, Flaw]) -> Draft:
        """One row; a cell with a flaw is reported and counts as blank from then on."""
        texts: dict[str, str] = {}
        for field, position in self._index.items():
            flaw = flaws.get(position)
            if flaw is not None:
                self._report(flaw.name, number, field, value=flaw.value)
            texts[field] = cells[position] if flaw is None and position < len(cells) else ""
            if flaw is None and not texts[field] and field in REQUIRED:
                self._report("blank", number, field)
        return Draft(
            number,
            self._checked("name", texts["name"], number, name_fault(texts["name"])),
            self._checked(
                "userid", texts["userid"], number, userid_fault(texts["userid"]) if texts["userid"] else None
            ),
            self._path("branch", texts["branch"], number),
            self._path("parent", texts.get("parent", ""), number),
            self._tier(texts.get("tier", ""), number),
            self._roles(texts.get("role", ""), number),
            self._phone(texts.get("phone", ""), number),
        )

    def _report(self, name: str, number: int, field: str, **params: object) -> None:
        self.problems.append(problem(name, row=number, column=self.header_of(field), **params))

    def _checked(self, field: str, text: str, number: int, fault: str | None) -> str:
        if fault is not None:
            self._report(fault, number, field, value=text)
        return text

    def _path(self, field: str, text: str, number: int) -> Path | None:
        if not text:
            return None
        if text not in self._paths:
            self._paths[text] = read_path(text)
        path = self._paths[text]
        if path is None:
            self._report("branch_form", number, field, value=text)
        return path

    def _tier(self, text: str, number: int) -> str | None:
        if not text:
            return None
        tier = read_tier(text, self._tiers)
        if tier is None:
            self._unknown("tier", text, number, self._tiers)
        return tier

    def _roles(self, text: str, number: int) -> tuple[RoleGrant, ...]:
        grants, unknown = read_roles(text)
        for part in unknown:
            self._unknown("role", part, number, ROLE_WORDS)
        return tuple(grants)

    def _phone(self, text: str, number: int) -> str | None:
        phone = read_phone(text) if text else None
        if text and phone is None:
            self._report("phone_form", number, "phone", value=text)
        return phone

    def _unknown(self, field: str, text: str, number: int, known: Sequence[str]) -> None:
        near = nearest(text, known)
        if near is None:
            self._report(f"{field}_unknown", number, field, value=text, known=" / ".join(known))
        else:
            self._report(f"{field}_near", number, field, value=text, near=near, known=" / ".join(known))
