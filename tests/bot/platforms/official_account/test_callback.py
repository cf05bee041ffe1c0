"""Every kind of message and event that residents cause, and those nobody documents."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.platforms.official_account.callback import read
from bot.update import Update, UpdateKind
from tests.bot.platforms.official_account.standins import SEAL

PAYLOADS = Path(__file__).parents[3] / "fixtures" / "official_account"
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SENT = datetime.fromtimestamp(1790000300, UTC)
RESIDENT = SEAL.close("oAbc_resident01")
GH = {"ToUserName": "gh_0a1b2c3d4e5f"}


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.xml").read_bytes()


def seen(name: str) -> Update:
    return read(payload(name), seal=SEAL, now=NOW)


def changed(name: str, old: str, new: str) -> Update:
    text = payload(name).decode()
    assert old in text
    return read(text.replace(old, new).encode(), seal=SEAL, now=NOW)


def test_a_text() -> None:
    update = seen("text")
    assert (update.platform, update.kind, update.user_id) == ("official_account", UpdateKind.TEXT, RESIDENT)
    assert (update.text, update.sent_at, update.details) == ("医保怎么转移？👩‍👩‍👧", SENT, GH)
    assert seen("text_from_article").kind is UpdateKind.TEXT


@pytest.mark.parametrize(
    ("name", "media", "details"),
    [
        ("image", "image", {"PicUrl": "http://mmbiz.example.org/pic.jpg", "MediaId": "m-image"}),
        ("voice", "voice", {"MediaId": "m-voice", "Format": "amr"}),
        ("voice_recognised", "voice", {"MediaId": "m-voice", "Format": "amr", "Recognition": "路灯不亮了"}),
        ("video", "video", {"MediaId": "m-video", "ThumbMediaId": "m-thumb"}),
        ("shortvideo", "video", {"MediaId": "m-short", "ThumbMediaId": "m-thumb"}),
        (
            "location",
            "location",
            {"Location_X": "31.23", "Location_Y": "121.47", "Scale": "15", "Label": "社区活动室"},
        ),
        (
            "link",
            "link",
            {"Title": "一则消息", "Description": "转给您看看", "Url": "https://example.org/1"},
        ),
    ],
)
def test_media(name: str, media: str, details: dict[str, str]) -> None:
    update = seen(name)
    assert (update.kind, update.media, update.user_id) == (UpdateKind.MEDIA, media, RESIDENT)
    assert update.details == {**GH, **details}


@pytest.mark.parametrize(
    ("name", "kind", "action", "scene"),
    [
        ("subscribe", UpdateKind.ENTER, "subscribe", None),
        ("subscribe_scene", UpdateKind.ENTER, "subscribe", "branch:3"),
        ("scan", UpdateKind.ENTER, "scan", "branch:3"),
        ("click", UpdateKind.CLICK, "ask", None),
        ("unsubscribe", UpdateKind.EVENT, "unsubscribe", None),
        ("view", UpdateKind.EVENT, "view", None),
        ("location_event", UpdateKind.EVENT, "location", None),
        ("template_done", UpdateKind.EVENT, "templatesendjobfinish", None),
        ("template_blocked", UpdateKind.EVENT, "templatesendjobfinish", None),
        ("mass_done", UpdateKind.EVENT, "masssendjobfinish", None),
        ("consent_one", UpdateKind.EVENT, "subscribe_msg_popup_event", None),
        ("consent_many", UpdateKind.EVENT, "subscribe_msg_change_event", None),
        ("subscribe_sent", UpdateKind.EVENT, "subscribe_msg_sent_event", None),
    ],
)
def test_events(name: str, kind: UpdateKind, action: str, scene: str | None) -> None:
    update = seen(name)
    assert (update.kind, update.action, update.user_id) == (kind, action, RESIDENT)
    assert update.details.get("scene") == scene
    assert (update.sent_at, update.card_code, update.chat_id) == (SENT, "", "")


def test_what_an_event_tells() -> None:
    assert seen("template_blocked").details == {**GH, "MsgID": "200163837", "Status": "failed:user block"}
    assert seen("consent_one").details["SubscribeMsgPopupEvent.List.SubscribeStatusString"] == "accept"


def test_every_recorded_payload_is_known_has_its_own_key_and_hides_the_id() -> None:
    updates = [seen(path.stem) for path in sorted(PAYLOADS.glob("*.xml"))]
    assert len({update.key for update in updates}) == len(updates) == 22
    assert all(update.kind is not UpdateKind.UNKNOWN for update in updates)
    assert "oAbc" not in repr(updates)


@pytest.mark.faults("CB3", "CB4", "CB5")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("text", "oAbc_resident01", "oAbc_resident02"),
        ("text", "<MsgId>2", "<MsgId>3"),
        ("text", "gh_0a1b2c3d4e5f", "gh_0a1b2c3d4e60"),
        ("click", "ask", "mine"),
        ("click", "1790000300", "1790000301"),
        ("scan", "branch:3", "branch:4"),
        ("template_done", "200163836", "200163838"),
        ("template_done", "success", "failed: system failed"),
        ("consent_many", "tmpl-2", "tmpl-3"),
        ("location_event", "31.23", "31.24"),
    ],
)
def test_different_events_have_different_keys(name: str, old: str, new: str) -> None:
    assert changed(name, old, new).key != seen(name).key


@pytest.mark.faults("CB1", "CB4")
@pytest.mark.parametrize("name", ["text", "click", "subscribe_scene", "consent_many"])
def test_a_repeat_has_the_same_key_however_it_is_written(name: str) -> None:
    spaced = re.sub(rb"(</\w+>)<", rb"\1\n  <", payload(name))
    assert read(spaced, seal=SEAL, now=NOW).key == seen(name).key
    assert changed(name, "<xml>", "<xml><Extra>1</Extra>").key == seen(name).key


HEAD = "<ToUserName>gh</ToUserName><FromUserName>a</FromUserName><CreateTime>1790000123</CreateTime>"


@pytest.mark.faults("CB19")
@pytest.mark.parametrize(
    ("inside", "action"),
    [
        ("", ""),
        (HEAD, ""),
        (HEAD + "<MsgType>hologram</MsgType><MsgId>1</MsgId>", "hologram"),
        (HEAD + "<MsgType>text</MsgType><MsgId>1</MsgId>", "text"),
        (HEAD + "<MsgType>text</MsgType><Content>1</Content><Content>2</Content><MsgId>1</MsgId>", "text"),
        ("<MsgType>text</MsgType><Content>x</Content>", "text"),
        ("<MsgType>event</MsgType><Event>subscribe</Event>", "subscribe"),
        (HEAD + "<MsgType>event</MsgType>", "event"),
        (HEAD + "<MsgType>event</MsgType><Event>party_time</Event>", "party_time"),
        (HEAD + "<MsgType>event</MsgType><Event>CLICK</Event><EventKey/>", "click"),
        (HEAD + "<FromUserName>b</FromUserName><MsgType>text</MsgType><Content>x</Content>", "text"),
    ],
)
def test_the_unknown_is_kept(inside: str, action: str) -> None:
    update = read(f"<xml>{inside}</xml>".encode(), seal=SEAL, now=NOW)
    assert (update.kind, update.action) == (UpdateKind.UNKNOWN, action)
    assert len(update.key) == 32


@pytest.mark.faults("CB19")
@pytest.mark.parametrize("body", [b"", b'{"MsgType":"text"}', b"<xml>", b"success"])
def test_what_is_no_xml_is_kept_too(body: bytes) -> None:
    update = read(body, seal=SEAL, now=NOW)
    assert (update.kind, update.user_id, update.sent_at) == (UpdateKind.UNKNOWN, "", NOW)


@pytest.mark.faults("CB16")
def test_odd_characters_do_not_lose_a_question() -> None:
    update = changed("text", "医保怎么", "医\x00保\x1d怎\ufffe么")
    assert update.text == seen("text").text
    assert update.key == seen("text").key
