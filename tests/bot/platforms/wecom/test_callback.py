"""Every kind of callback that WeCom documents, and those it does not."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ForgedRequest
from bot.platforms.wecom import callback
from bot.update import Update, UpdateKind

PAYLOADS = Path(__file__).parents[3] / "fixtures" / "wecom"
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SENT = datetime.fromtimestamp(1790000123, UTC)


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.xml").read_bytes()


def read(xml: bytes, *, now: datetime) -> Update:
    """One by itself."""
    (update,) = callback.read([xml], now=now)
    if isinstance(update, ForgedRequest):
        raise update
    return update


def seen(name: str) -> Update:
    return read(payload(name), now=NOW)


def test_a_text() -> None:
    update = seen("text")
    assert (update.platform, update.kind, update.user_id) == ("wecom", UpdateKind.TEXT, "ZhangSan")
    assert update.text == "收到 12，👩‍👩‍👧 谢谢"
    assert update.sent_at == SENT
    assert not update.in_group
    assert update.details == {}


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("image", {"PicUrl": "https://pic.example.org/a.jpg", "MediaId": "m-image"}),
        ("voice", {"MediaId": "m-voice", "Format": "amr"}),
        ("video", {"MediaId": "m-video", "ThumbMediaId": "m-thumb"}),
        ("location", {"Location_X": "31.23", "Location_Y": "121.47", "Scale": "15", "Label": "三楼会议室"}),
        (
            "link",
            {
                "Title": "学习材料",
                "Description": "第一章",
                "Url": "https://example.org/1",
                "PicUrl": "https://example.org/1.png",
            },
        ),
    ],
)
def test_media(name: str, details: dict[str, str]) -> None:
    update = seen(name)
    assert (update.kind, update.media, update.user_id) == (UpdateKind.MEDIA, name, "ZhangSan")
    assert update.details == details


@pytest.mark.parametrize(
    ("name", "action", "code", "card"),
    [
        ("click", "menu:help", "", ""),
        ("template_card_event", "ack:12", "rC9-first", "n12-7f3a-zhangsan-1"),
        ("template_card_vote", "vote", "rC9-vote", "v1"),
        ("template_card_menu_event", "menu:later", "rC9-menu", "n13"),
    ],
)
def test_clicks(name: str, action: str, code: str, card: str) -> None:
    update = seen(name)
    assert (update.kind, update.action, update.user_id) == (UpdateKind.CLICK, action, "ZhangSan")
    assert (update.card_code, update.card_id) == (code, card)


def test_chosen_options_are_lists_however_many_there_are() -> None:
    assert seen("template_card_vote").details["SelectedItems.q1"] == "a,b"
    several = seen("template_card_multiple").details
    assert (several["SelectedItems.q1"], several["SelectedItems.q2"]) == ("a", "c")


def test_entering() -> None:
    update = seen("enter_agent")
    assert (update.kind, update.user_id, update.action) == (UpdateKind.ENTER, "ZhangSan", "")


@pytest.mark.parametrize(
    ("name", "action", "user_id", "details"),
    [
        ("subscribe", "subscribe", "ZhangSan", {"EventKey": ""}),
        ("unsubscribe", "unsubscribe", "ZhangSan", {"EventKey": ""}),
        ("view", "view", "ZhangSan", {"EventKey": "https://bot.example.org/i"}),
        (
            "batch_job_result",
            "batch_job_result",
            "sys",
            {
                "BatchJob.JobId": "job-1",
                "BatchJob.JobType": "sync_user",
                "BatchJob.ErrCode": "0",
                "BatchJob.ErrMsg": "ok",
            },
        ),
        (
            "location_event",
            "location",
            "ZhangSan",
            {"Latitude": "31.23", "Longitude": "121.47", "Precision": "65"},
        ),
        (
            "scancode_waitmsg",
            "scancode_waitmsg",
            "ZhangSan",
            {"EventKey": "scan", "ScanCodeInfo.ScanType": "qrcode", "ScanCodeInfo.ScanResult": "1"},
        ),
        ("inactive_alert", "inactive_alert", "sys", {"EffectTime": "1790600000"}),
        ("low_active_alert", "low_active_alert", "sys", {"EffectTime": "1790600000"}),
        ("close_inactive_agent", "close_inactive_agent", "sys", {}),
        ("reopen_inactive_agent", "reopen_inactive_agent", "sys", {}),
        ("low_active", "low_active", "sys", {}),
        ("active_restored", "active_restored", "sys", {}),
        ("contact_delete_user", "change_contact", "", {"ChangeType": "delete_user", "UserID": "lisi"}),
        (
            "contact_update_user",
            "change_contact",
            "",
            {"ChangeType": "update_user", "UserID": "lisi", "NewUserID": "lisi2", "Department": "1,2"},
        ),
    ],
)
def test_events(name: str, action: str, user_id: str, details: dict[str, str]) -> None:
    update = seen(name)
    assert (update.kind, update.action, update.user_id) == (UpdateKind.EVENT, action, user_id)
    assert update.details == details
    assert update.sent_at == SENT


def test_every_recorded_payload_has_its_own_key() -> None:
    updates = [read(path.read_bytes(), now=NOW) for path in sorted(PAYLOADS.glob("*.xml"))]
    assert len({update.key for update in updates}) == len(updates) == 27
    assert all(update.kind is not UpdateKind.UNKNOWN for update in updates)


def changed(name: str, old: str, new: str) -> str:
    text = payload(name).decode()
    assert old in text
    return read(text.replace(old, new).encode(), now=NOW).key


@pytest.mark.faults("CB3", "CB4", "CB5")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("text", "ZhangSan", "LiSi"),
        ("text", "7200000000000000001", "7200000000000000009"),
        ("text", "1000002", "1000003"),
        ("text", "ww00branchbot00", "ww00branchbot01"),
        ("template_card_event", "ack:12", "ack:13"),
        ("template_card_event", "n12-7f3a-zhangsan-1", "n12-7f3a-zhangsan-2"),
        ("template_card_event", "rC9-first", "rC9-second"),
        ("template_card_event", "ZhangSan", "LiSi"),
        ("template_card_event", "1790000123", "1790000124"),
        ("unsubscribe", "1000002", "1000003"),
        ("contact_delete_user", "lisi", "wangwu"),
        ("contact_delete_user", "delete_user", "create_user"),
        ("contact_update_tag", "zhangsan,lisi", "zhangsan"),
        ("contact_update_tag", "<TagId><![CDATA[1]]>", "<TagId><![CDATA[2]]>"),
        ("batch_job_result", "job-1", "job-2"),
        ("subscribe", "</xml>", "<MsgID>7</MsgID></xml>"),
    ],
)
def test_different_events_have_different_keys(name: str, old: str, new: str) -> None:
    assert changed(name, old, new) != seen(name).key


@pytest.mark.faults("CB1", "CB4")
@pytest.mark.parametrize("name", ["text", "template_card_event", "contact_update_tag"])
def test_a_repeat_has_the_same_key_however_it_is_written(name: str) -> None:
    spaced = re.sub(rb"(</\w+>)<", rb"\1\n  <", payload(name))
    assert spaced != payload(name)
    assert read(spaced, now=NOW).key == seen(name).key
    assert changed(name, "<xml>", "<xml><Extra>1</Extra>") == seen(name).key


def test_neighbouring_fields_do_not_run_together() -> None:
    left = changed("template_card_event", "ack:12", "ack:12n")
    right = changed("template_card_event", "<![CDATA[n12", "<![CDATA[nn12")
    assert left != right


@pytest.mark.faults("CB4")
def test_without_any_mark_the_bytes_are_the_key() -> None:
    one, other = (f"<xml><MsgType>text</MsgType><Content>{c}</Content></xml>".encode() for c in "ab")
    assert read(one, now=NOW).key == read(one, now=NOW).key != read(other, now=NOW).key


HEAD = "<ToUserName>ww</ToUserName><FromUserName>a</FromUserName><CreateTime>1790000123</CreateTime>"


@pytest.mark.faults("CB19")
@pytest.mark.parametrize(
    ("inside", "action"),
    [
        ("", ""),
        (HEAD, ""),
        (HEAD + "<MsgType/>", ""),
        (HEAD + "<MsgType>hologram</MsgType><MsgId>1</MsgId>", "hologram"),
        (HEAD + "<MsgType>text</MsgType><MsgType>text</MsgType><Content>x</Content>", ""),
        (HEAD + "<MsgType>text</MsgType><MsgId>not a number</MsgId>", "text"),
        (HEAD + "<MsgType>text</MsgType><Content>1</Content><Content>2</Content><MsgId>1</MsgId>", "text"),
        (HEAD + "<MsgType>text</MsgType><Content><b>1</b></Content><MsgId>1</MsgId>", "text"),
        (HEAD + "<FromUserName>b</FromUserName><MsgType>text</MsgType><Content>x</Content>", "text"),
        ("<MsgType>text</MsgType><Content>x</Content>", "text"),
        ("<MsgType>image</MsgType>", "image"),
        (HEAD + "<MsgType>event</MsgType>", "event"),
        (HEAD + "<MsgType>event</MsgType><Event>party_time</Event>", "party_time"),
        (HEAD + "<MsgType>event</MsgType><Event>template_card_event</Event>", "template_card_event"),
        (HEAD + "<MsgType>event</MsgType><Event>click</Event><EventKey/>", "click"),
        ("<MsgType>event</MsgType><Event>enter_agent</Event>", "enter_agent"),
        ("<MsgType>event</MsgType><Event>click</Event><EventKey>k</EventKey>", "click"),
        ("<a><b><c><d/></c></b></a><MsgType>event</MsgType><SelectedItems>x</SelectedItems>", "event"),
    ],
)
def test_the_unknown_is_kept(inside: str, action: str) -> None:
    update = read(f"<xml>{inside}</xml>".encode(), now=NOW)
    assert (update.kind, update.action) == (UpdateKind.UNKNOWN, action)
    assert len(update.key) == 32


@pytest.mark.faults("CB19")
@pytest.mark.parametrize("body", [b"", b'{"msgtype":"text"}', b"<xml>", b"success", b"<xml>&#1;</xml>"])
def test_what_is_no_xml_is_kept_too(body: bytes) -> None:
    update = read(body, now=NOW)
    assert (update.kind, update.user_id, update.sent_at) == (UpdateKind.UNKNOWN, "", NOW)


@pytest.mark.faults("CB13", "CB14", "CB15")
@pytest.mark.parametrize(
    "body",
    [
        "<xml>党</xml>".encode("gbk"),
        b"\xff\xfe",
        b"<!DOCTYPE x><xml/>",
        b"<xml>" + b"<a/>" * 3000 + b"</xml>",
    ],
)
def test_what_must_not_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(ForgedRequest):
        read(body, now=NOW)


@pytest.mark.faults("CB16", "CB17")
def test_odd_characters_do_not_lose_a_question() -> None:
    text = payload("text").decode().replace("收到 12", "收\x00到\x1d \ufffe12\u202e")
    update = read(text.encode(), now=NOW)
    assert update.text == "收到 12\u202e，👩‍👩‍👧 谢谢"
    assert update.key == seen("text").key


@pytest.mark.parametrize("created", ["", "soon", "-1", "99999999999", "1790000123.5", "١٧٩"])
def test_an_absurd_time_is_replaced(created: str) -> None:
    text = payload("text").decode().replace("<CreateTime>1790000123", f"<CreateTime>{created}")
    assert read(text.encode(), now=NOW).sent_at == NOW
