"""Names of files as people may read them: no path, nothing invisible, nothing that turns the reading round."""

import re
import unicodedata

LONGEST = 60
"""Characters, the ending included."""
_ENDING = re.compile(r"(.*)\.(?=[0-9]*[A-Za-z])([0-9A-Za-z]{1,8})", re.DOTALL)
_UNFIT = frozenset('<>:"|?*')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def split_ending(name: str) -> tuple[str, str]:
    """What stands before the last dot and behind it; ("name", "") where that is no ending."""
    found = _ENDING.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def clean_name(name: str, ending: str, fallback: str) -> str:
    """The name with this ending, cut where it is too long; `fallback` stands for one of which nothing is left."""
    stem = split_ending(_readable(name))[0].strip(" .")[: LONGEST - len(ending) - 1].rstrip(" .")
    return f"{stem or fallback}.{ending}"


def readable_name(name: str) -> str:
    """The name as far as it may be said to a person, its own ending included."""
    return _readable(name).strip(" ")[:LONGEST]


def _readable(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", last)
        if char not in _UNFIT and (char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    )
    return " ".join("".join(kept).split())
