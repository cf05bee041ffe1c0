"""What a single cell of the roster may hold: accounts, names, phones, tiers, roles."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bot.roster.branches import Path, is_one_line, read_path

MAX_USERID: Final = 64
MAX_NAME: Final = 50
PHONE_DIGITS: Final = range(3, 16)
"""From a short internal number to the longest international one (E.164)."""

ROLES: Final[dict[str, str]] = {
    "书记": "secretary",
    "管理员": "secretary",
    "secretary": "secretary",
    "监督员": "supervisor",
    "supervisor": "supervisor",
    "答复人": "responder",
    "responder": "responder",
}
NO_ROLE: Final = frozenset({"", "无", "成员", "member", "none", "-", "—"})

# https://developer.work.weixin.qq.com/document/path/90195: 1 to 64 of these, the first a letter or a digit
_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]*")
_PHONE = re.compile(r"\+?\d+")
_SEPARATORS = re.compile(r"[\s\-.()·]+")
_LIST = re.compile(r"[、,;，；\n]+")


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """`role` is secretary, supervisor or responder; `branch` None means the member's own."""

    role: str
    branch: Path | None


def fold(text: str) -> str:
    """For comparing words: NFKC, no case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that is most like this one, or None when none is."""
    by_fold = {fold(candidate): candidate for candidate in known}
    close = get_close_matches(fold(word), by_fold, n=1, cutoff=0.5)
    return by_fold[close[0]] if close else None


def userid_fault(userid: str) -> str | None:
    """The problem of an account that WeCom would not accept, or None."""
    if fold(userid).startswith("@all"):
        return "userid_everyone"
    if len(userid) > MAX_USERID:
        return "userid_long"
    return None if _USERID.fullmatch(userid) else "userid_form"


def name_fault(name: str) -> str | None:
    """The problem of a name, or None. Rare characters, middle dots and Latin letters are all fine."""
    if len(name) > MAX_NAME:
        return "name_long"
    return None if is_one_line(name) else "line_break"


def read_phone(text: str) -> str | None:
    """Digits, perhaps after a `+`, without the separators that people put between; None when it is no number."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not digits.isascii() or _PHONE.fullmatch(digits) is None or len(digits.lstrip("+")) not in PHONE_DIGITS:
        return None
    return digits


def read_tier(text: str, tiers: Sequence[str]) -> str | None:
    """The tier in the spelling of the configuration, or None."""
    return next((tier for tier in tiers if fold(tier) == fold(text)), None)


def read_roles(text: str) -> tuple[list[RoleGrant], list[str]]:
    """`书记、答复人@第二支部` to what it grants, each once, and the parts that mean nothing."""
    grants: list[RoleGrant] = []
    unknown: list[str] = []
    for part in filter(None, map(str.strip, _LIST.split(text))):
        word, at, where = part.replace("＠", "@").partition("@")
        if not at and fold(word) in NO_ROLE:
            continue
        branch = read_path(where.strip()) if at else None
        role = ROLES.get(fold(word))
        if role is None or (at and branch is None):
            unknown.append(part)
        elif (grant := RoleGrant(role, branch)) not in grants:
            grants.append(grant)
    return grants, unknown
