"""An item's body as HTML: Markdown in, a small and harmless set of tags out.

People write plain letters, not programs: every line break is kept, an indented line is no code, a line of dashes makes
no heading of what stands above. Addresses become links, pictures too: nothing is loaded from elsewhere.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr"}
TAGS |= {"h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
SCHEMES = {"http", "https", "mailto"}
SHORT = 1000
"""Characters of a body that is made into HTML at once."""
MOST_BRACKETS = 200
"""Each may begin a link, and is followed to the end of its paragraph."""
SHIFT = 1
"""The page's own title is the only heading of the first level."""

WIDE = "\u2e80"
"""From here on: Chinese characters and full-width punctuation."""

_ADDRESS = re.compile(r"https?://[!#-;=?-~]+")
_TRAILING = ".,:;!?'\")]}*_~"


async def rendered(body: str) -> str:
    """As `render`; a long body beside the loop, so that nobody else waits for it."""
    return render(body) if len(body) <= SHORT else await asyncio.to_thread(render, body)


def render(body: str) -> str:
    """Safe HTML of the body. One with more brackets than anybody means is shown as it is written, without links."""
    if body.count("[") > MOST_BRACKETS:
        body = body.replace("[", "\\[")
    return nh3.clean(
        _markdown.render(body),
        tags=TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.enable(["table", "strikethrough"]).disable(["code", "lheading", "reference"])
    markdown.inline.ruler2.before("balance_pairs", "chinese_emphasis", _loosen_emphasis)
    markdown.core.ruler.after("inline", "our_own", _adapt)
    return markdown


def _loosen_emphasis(state: StateInline) -> None:
    """`**时间：**周五` is bold: Chinese puts no blank between a punctuation mark and the next word.

    CommonMark closes an emphasis behind punctuation only before a blank; next to a wide character that is lifted.
    """
    place, can_open, can_close, wide = -1, False, False, False
    for delimiter in state.delimiters:
        if delimiter.marker != ord("*"):
            continue
        if delimiter.token != place + 1 or place < 0:
            before = _neighbour(state.tokens, delimiter.token, -1)[-1:]
            after = _neighbour(state.tokens, delimiter.token, 1)[:1]
            wide = before >= WIDE or after >= WIDE
            can_open, can_close = bool(after.strip()), bool(before.strip())
        place = delimiter.token
        if wide:
            delimiter.open, delimiter.close = can_open, can_close


def _neighbour(tokens: Sequence[Token], place: int, step: int) -> str:
    """The words next to a row of asterisks; "" where there are none."""
    while 0 <= place < len(tokens) and tokens[place].content == "*":
        place += step
    return tokens[place].content if 0 <= place < len(tokens) else ""


def _adapt(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + SHIFT, 6)}"
        if token.children:
            token.children = list(_with_links(token.children))


def _with_links(tokens: Sequence[Token]) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "image":
            address = str(token.attrGet("src") or "")
            name = token.content or address
            yield from [_text(name)] if inside else _link(address, name)
        elif token.type == "text" and not inside:
            yield from _addresses_linked(token.content)
        else:
            yield token


def _addresses_linked(text: str) -> Iterator[Token]:
    """Only ASCII belongs to an address: the Chinese sentence goes on right behind it."""
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(_TRAILING)
        if found.start() > end:
            yield _text(text[end : found.start()])
        yield from _link(address, address)
        end = found.start() + len(address)
    if end < len(text):
        yield _text(text[end:])


def _link(address: str, name: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(name), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


_markdown = _make()
