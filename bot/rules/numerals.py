"""Chinese numerals, written as digits."""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_RUN = re.compile("[零〇○一二两三四五六七八九十百]+")
_COUNTED = re.compile(
    "(?:(?P<hundreds>[一二两三四五六七八九])百零?)?(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十))?(?P<ones>[一二两三四五六七八九]?)"
)
_YEAR_DIGITS = 4


def with_digits(text: str) -> str:
    """`text` with its numerals up to 999 and its spelled-out years as digits: 二十三点 → 23点, 二〇二六年 → 2026年.

    A run that is no single number (三五天, "three to five days") stays as it is.
    """
    return _RUN.sub(lambda found: _digits(found.group()), text)


def _digits(run: str) -> str:
    if all(char in _DIGITS for char in run):
        spelled = "".join(str(_DIGITS[char]) for char in run)
        return spelled if len(run) in (1, _YEAR_DIGITS) or (len(run) == 2 and spelled.startswith("0")) else run
    counted = _COUNTED.fullmatch(run)
    if counted is None:
        return run
    hundreds = _DIGITS[counted["hundreds"]] if counted["hundreds"] else 0
    tens = _DIGITS[counted["tens"]] if counted["tens"] else int(bool(counted["ten"]))
    ones = _DIGITS[counted["ones"]] if counted["ones"] else 0
    return str(hundreds * 100 + tens * 10 + ones)
