"""Words for the platform's cards and markdown: cut to their limits, and nothing in them read as markup."""

import re
import unicodedata

MARKDOWN_BYTES = 20480
"""The most that one markdown message holds, in bytes of UTF-8."""

_ELLIPSIS = "…"
_JOINER = "\N{ZERO WIDTH JOINER}"
_GAP = "\N{ZERO WIDTH SPACE}"

# The platform documents no escape, so what could become a link, a mention, a tag or a block is broken apart by a
# character without width, which works in every renderer; only emphasis and code need the backslash of CommonMark.
_LINK = re.compile(r"\](?=[(\[])")
_TAG = re.compile(r"<(?=[A-Za-z/@!?])")
_BLOCK = re.compile(r"^(?=[ \t]*(?:#{1,6}[ \t]|>|-{3,}[ \t]*$|={2,}[ \t]*$))", re.MULTILINE)
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_PAIRED = ("*", "`", "~~")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def escape(text: str) -> str:
    """`text` as markdown that shows exactly these words."""
    text = _BACKSLASH.sub(r"\\\\", text)
    for mark in _PAIRED:
        if text.count(mark) > 1:
            text = text.replace(mark, "".join(f"\\{character}" for character in mark))
    if text.count("_") > 1:
        text = _UNDERSCORE.sub(r"\\_", text)
    text = _LINK.sub(f"]{_GAP}", text)
    text = _TAG.sub(f"<{_GAP}", text)
    return _BLOCK.sub(_GAP, text)


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(text.split())


def shorten(text: str, most: int) -> str:
    """`text` in at most `most` characters; what is cut ends with an ellipsis."""
    if len(text) <= most:
        return text
    return text[: _border(text, most - 1)].rstrip() + _ELLIPSIS


def shorten_bytes(text: str, most: int) -> str:
    """`text` in at most `most` bytes of UTF-8; what is cut ends with an ellipsis."""
    data = text.encode()
    if len(data) <= most:
        return text
    end = len(data[: most - len(_ELLIPSIS.encode())].decode(errors="ignore"))
    return text[: _border(text, end)].rstrip() + _ELLIPSIS


def _border(text: str, at: int) -> int:
    """The last place at or before `at` where no picture character or accent is torn apart."""
    while at > 0 and (_clings(text[at]) or text[at - 1] == _JOINER or _splits_flag(text, at)):
        at -= 1
    return at


def _clings(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return (
        character == _JOINER
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _splits_flag(text: str, at: int) -> bool:
    """Whether `at` lies inside a flag, which is a pair of letters from a range of their own."""
    if not _is_flag_letter(text[at]):
        return False
    before = at
    while before > 0 and _is_flag_letter(text[before - 1]):
        before -= 1
    return (at - before) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
