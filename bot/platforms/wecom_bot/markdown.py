"""Words as markdown in which nothing is read as markup."""

import re

_GAP = "\N{ZERO WIDTH SPACE}"

# The platform documents no escape, so what could become a link, a mention, a tag or a block is broken apart by a
# character without width, which works in every renderer; only emphasis and code need the backslash of CommonMark.
_LINK = re.compile(r"\](?=[(\[:])")
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
