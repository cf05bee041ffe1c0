"""Reading and writing the little XML of callbacks."""

import time
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ForgedRequest
from bot.platforms.xml import BrokenXml, cdata, parse, write


@pytest.mark.parametrize(
    ("xml", "fields"),
    [
        ("<xml/>", {}),
        ("<xml>words only</xml>", {}),
        ("<xml><A>1</A><B><![CDATA[ 二 ]]></B></xml>", {"A": "1", "B": " 二 "}),
        ("<xml>\n  <A>\n</A>\n</xml>", {"A": "\n"}),
        ("<xml><A/></xml>", {"A": ""}),
        ("<xml><A>1</A><A>2</A><A>3</A></xml>", {"A": ["1", "2", "3"]}),
        ("<xml><A> x <B>1</B> y <C/></A></xml>", {"A": {"B": "1", "C": ""}}),
        ("<xml><L><I><K>1</K></I><I><K>2</K></I></L></xml>", {"L": {"I": [{"K": "1"}, {"K": "2"}]}}),
        ("<xml><A>&lt;b&gt; &amp; &#24635;</A></xml>", {"A": "<b> & 总"}),
        ('<?xml version="1.0" encoding="gbk"?><xml a="1"><A b="2">党</A></xml>', {"A": "党"}),
        ("\ufeff<xml><A>1</A></xml>", {"A": "1"}),
    ],
)
def test_reading(xml: str, fields: object) -> None:
    assert parse(xml.encode()) == fields


_LEAVES = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "Location_X", "OptionId1", "x-y"]),
        st.text(st.sampled_from("a党😀<>&]\"' \t\n\r\u3000\ufffe"), max_size=6),
        st.sampled_from(["cdata", "bare", "empty"]),
        st.sampled_from(["", " ", "\r\n", "\u3000"]),
    ),
    max_size=5,
)


@given(_LEAVES)
def test_the_short_way_says_what_the_parser_says(leaves: list[tuple[str, str, str, str]]) -> None:
    forms: dict[str, Callable[[str], str]] = {"cdata": cdata, "bare": escape, "empty": lambda _: ""}
    inside = "".join(f"<{name}>{forms[form](text)}</{name}>{space}" for name, text, form, space in leaves)
    # An attribute sends the document to the parser.
    assert parse(f"<xml>{inside}</xml>".encode()) == parse(f"<xml a='1'>{inside}</xml>".encode())


@pytest.mark.faults("CB16")
def test_characters_that_xml_cannot_hold_are_removed() -> None:
    xml = "<xml><A>一\x00二\x08\x10\x1d三\ufffe四\uffff\t\n</A></xml>"
    assert parse(xml.encode()) == {"A": "一二三四\t\n"}


@pytest.mark.faults("CB14")
@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        '<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
        '<!DOCTYPE xml [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]><xml/>',
        "<!DOCTYPE xml><xml/>",
    ],
)
def test_document_types_are_refused(xml: str) -> None:
    with pytest.raises(ForgedRequest) as refused:
        parse(xml.encode())
    assert refused.value.why == "doctype"


@pytest.mark.faults("CB14", "CB19")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"{}",
        b"<xml>",
        b"<xml><A></B></xml>",
        b"<xml></xml><xml></xml>",
        b"<xml>&a;</xml>",
        b"<xml>&#1;</xml>",
        b"<xml>\xff</xml>",
        b"<xml>\xed\xa0\x80</xml>",
        "<xml>党</xml>".encode("gbk"),
        "<xml/>".encode("utf-16"),
    ],
)
def test_what_is_no_xml_is_told_apart(data: bytes) -> None:
    with pytest.raises(BrokenXml):
        parse(data)


@pytest.mark.faults("CB15")
@pytest.mark.parametrize("xml", [b"<a>" * 50_000, b"<xml>" + b"<a/>" * 50_000 + b"</xml>", b"<xml>" + b"<a>" * 8])
def test_deep_and_wide_documents_stop_early(xml: bytes) -> None:
    started = time.process_time()
    with pytest.raises(ForgedRequest) as refused:
        parse(xml)
    assert refused.value.why == "size"
    assert time.process_time() - started < 0.05


@pytest.mark.faults("CB18")
@pytest.mark.parametrize(
    "text", ["]]>", "hi]]></Content><MsgType>x</MsgType>", "]]]]>>", "<b>&amp;", "]]", "一\x00\ud800"]
)
def test_no_text_becomes_an_element(text: str) -> None:
    readable = text.replace("\x00", "").replace("\ud800", "")
    assert parse(f"<xml><A>{cdata(text)}</A></xml>".encode()) == {"A": readable}
    assert parse(write({"A": text, "N": 7}).encode()) == {"A": readable, "N": "7"}
