"""The little XML that callbacks speak: read with expat, written with CDATA.

No declaration of a document type or an entity is accepted, and what is read is bounded in depth and number.
"""

import re
from collections.abc import Mapping
from typing import cast
from xml.parsers import expat

from bot.errors import ForgedRequest

Node = str | dict[str, "Node"] | list["Node"]
"""Text, an element's children by name, or what stood there more than once, in order."""

MAX_DEPTH = 8
MAX_ELEMENTS = 2000
_FLAT_LENGTH = 8192

_LEAF_TEXT = r"[^]<&\r]*+"
_LEAF = re.compile(
    rf"(<([A-Za-z_]++[0-9]*+)>(?:<!\[CDATA\[({_LEAF_TEXT})\]\]>|({_LEAF_TEXT}))</\2>[ \t\n]*+)", re.ASCII
)
"""One leaf and the blanks behind it: whole, its name, its text as CDATA or bare."""

_OTHER = rb"(?:<(?!Encrypt>)([A-Za-z]++)>(?:<!\[CDATA\[[^]<&\r]*+\]\]>|[^]<&\r]*+)</\%d>[ \t\n]*+)*+"
_SEALED = re.compile(
    rb"<xml>[ \t\n]*+%b<Encrypt><!\[CDATA\[([0-9A-Za-z+/=]++)\]\]></Encrypt>[ \t\n]*+%b</xml>[ \t\n]*+"
    % (_OTHER % 1, _OTHER % 3)
)
"""The outer document as platforms write it: leaves, one of them with the cipher text, which is all that is read."""

_CONTROLS = bytes(b for b in range(0x20) if b not in b"\t\n\r")
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class BrokenXml(ForgedRequest):
    """Bytes that are no XML at all, as against XML that is refused."""


def parse(data: bytes) -> dict[str, Node]:
    """The children of the root element. Text beside child elements is dropped, attributes too.

    Characters that XML cannot hold are removed first. Raises BrokenXml for what is not well-formed UTF-8 XML, and
    ForgedRequest for a document type, an entity, or more than the bounds.
    """
    clean = data.translate(None, _CONTROLS)
    if b"\xef\xbf" in clean:
        clean = _NONCHARACTERS.sub(b"", clean)
    flat = _read_flat(clean.strip(b" \t\n"))
    if flat is not None:
        return flat
    reading = _Reading()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text.append
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(clean, True)
    except (expat.ExpatError, UnicodeDecodeError):
        raise BrokenXml("xml") from None
    return reading.root


def sealed(data: bytes) -> str:
    """The cipher text in the outer document of a callback. Raises as `parse`, and ForgedRequest when there is none."""
    usual = _SEALED.fullmatch(data)
    if usual is not None:
        return usual[2].decode()
    encrypt = parse(data).get("Encrypt")
    if not isinstance(encrypt, str):
        raise ForgedRequest("missing")
    return encrypt


def write(fields: Mapping[str, str | int]) -> str:
    """One flat `<xml>` element: numbers bare, text as CDATA."""
    inside = "".join(
        f"<{name}>{value if isinstance(value, int) else cdata(value)}</{name}>" for name, value in fields.items()
    )
    return f"<xml>{inside}</xml>"


def cdata(text: str) -> str:
    """The text as CDATA. A `]]>` inside is split in two, so nothing in the text can become an element."""
    return "<![CDATA[" + _UNWRITABLE.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _read_flat(data: bytes) -> dict[str, Node] | None:
    """What nearly every callback is, nothing but leaves under one root, read three times as fast as the parser does.

    The same as the parser would say, or None when it has to be asked.
    """
    if len(data) > _FLAT_LENGTH or not (data.startswith(b"<xml>") and data.endswith(b"</xml>")):
        return None
    try:
        inside = data[len(b"<xml>") : -len(b"</xml>")].decode().lstrip(" \t\n")
    except UnicodeDecodeError:
        return None
    leaves = _LEAF.findall(inside)
    if "".join([leaf[0] for leaf in leaves]) != inside:
        return None
    fields: dict[str, Node] = {name: marked or bare for _, name, marked, bare in leaves}
    return fields if len(fields) == len(leaves) else None


def _refuse(*_: object) -> None:
    raise ForgedRequest("doctype")


class _Reading:
    """What has been read of one document."""

    __slots__ = ("_count", "_open", "root", "text")

    def __init__(self) -> None:
        self.root: dict[str, Node] = {}
        self.text: list[str] = []
        self._open: list[dict[str, Node] | None] = []
        """The children of each open element; None as long as it has none."""
        self._count = 0

    def start(self, _name: str, _attributes: object) -> None:
        stack = self._open
        self._count += 1
        if self._count > MAX_ELEMENTS or len(stack) >= MAX_DEPTH:
            raise ForgedRequest("size")
        if stack and stack[-1] is None:
            stack[-1] = {}
        stack.append(None)
        self.text.clear()

    def end(self, name: str) -> None:
        stack, text = self._open, self.text
        children = stack.pop()
        value: Node = "".join(text) if children is None else children
        text.clear()
        if not stack:
            self.root = children or {}
            return
        siblings = cast("dict[str, Node]", stack[-1])
        if name not in siblings:
            siblings[name] = value
            return
        former = siblings[name]
        if isinstance(former, list):
            former.append(value)
        else:
            siblings[name] = [former, value]
