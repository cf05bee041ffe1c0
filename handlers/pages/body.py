"""An item's body as HTML: Markdown in, a small and harmless set of tags out.

People write plain letters, not programs: every line break is kept, an indented line is no code, a line of dashes makes
no heading. Addresses become links, pictures too: nothing is loaded from elsewhere.
"""

import re
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr"}
TAGS |= {"h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
SCHEMES = {"http", "https", "mailto"}
SHIFT = 1
"""The page's own title is the only heading of the first level."""

_ADDRESS = re.compile(r"https?://[!#-;=?-~]+")
_TRAILING = ".,:;!?'\")]}*_~"


def render(body: str) -> str:
    """Safe HTML of the body."""
    return nh3.clean(
        _markdown.render(body),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.enable(["table", "strikethrough"]).disable(["code", "lheading", "reference"])
    markdown.core.ruler.after("inline", "our_own", _adapt)
    return markdown


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
