"""What each of WeCom's codes means for the sender."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer
from bot.platforms.meanings import NO_ANSWER, NOT_SENT
from bot.platforms.wecom.codes import CARD_UPDATE, MEANINGS, final, outcome

SEND = "message/send"


def answered(payload: Any, *, status: int = 200, api: str = SEND) -> Outcome:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return outcome(Answer(status, "application/json", body), api=api, jitter=lambda: 0.5)


@pytest.mark.faults("OUT4", "OUT5")
@pytest.mark.parametrize(
    ("payload", "refused"),
    [
        ({}, {}),
        ({"invaliduser": "", "unlicenseduser": ""}, {}),
        ({"invaliduser": "lisi|wangwu"}, {"lisi": "not_in_range", "wangwu": "not_in_range"}),
        ({"invaliduser": "LiSi"}, {"lisi": "not_in_range"}),
        ({"invaliduser": ["LiSi", " wangwu "]}, {"lisi": "not_in_range", "wangwu": "not_in_range"}),
        ({"unlicenseduser": "zhaoliu"}, {"zhaoliu": "no_licence"}),
        ({"invaliduser": "a", "unlicenseduser": ["b"]}, {"a": "not_in_range", "b": "no_licence"}),
        ({"invaliduser": None, "unlicenseduser": 7}, {}),
        ({"invaliduser": ["", None, 3, "a"]}, {"a": "not_in_range"}),
    ],
)
def test_partly_accepted(payload: dict[str, Any], refused: dict[str, str]) -> None:
    found = answered({"errcode": 0, "errmsg": "ok", "msgid": "m1", **payload})
    assert (found.verdict, found.ref, dict(found.refused)) == (Verdict.ACCEPTED, "m1", refused)


@pytest.mark.parametrize(
    ("code", "verdict", "reason", "after", "counted", "hold", "alarm", "person"),
    [
        pytest.param(-1, "later", "busy", None, True, False, False, False, marks=pytest.mark.faults("OUT13")),
        pytest.param(6000, "later", "busy", None, True, False, False, False, marks=pytest.mark.faults("OUT13")),
        pytest.param(45009, "later", "rate", 60, False, True, True, False, marks=pytest.mark.faults("OUT11")),
        pytest.param(45033, "later", "parallel", 2, False, False, False, False, marks=pytest.mark.faults("OUT12")),
        (40014, "later", "token", 60, False, True, True, False),
        (42001, "later", "token", 60, False, True, True, False),
        (42007, "later", "token", 60, False, True, True, False),
        (42009, "later", "token", 60, False, True, True, False),
        pytest.param(
            60020, "later", "address_not_trusted", 300, False, True, True, False, marks=pytest.mark.faults("OUT14")
        ),
        pytest.param(48002, "later", "no_permission", 300, False, True, True, False, marks=pytest.mark.faults("OUT15")),
        pytest.param(60011, "later", "no_permission", 300, False, True, True, False, marks=pytest.mark.faults("OUT15")),
        pytest.param(50003, "later", "app_disabled", 300, False, True, True, False, marks=pytest.mark.faults("OUT15")),
        (40013, "later", "corp_or_agent", 300, False, True, True, False),
        (301002, "later", "corp_or_agent", 300, False, True, True, False),
        (43012, "later", "no_callback", 300, False, True, True, False),
        pytest.param(
            81013, "refused", "not_in_range", None, True, False, False, True, marks=pytest.mark.faults("OUT6")
        ),
        (60021, "refused", "not_in_range", None, True, False, False, True),
        pytest.param(
            40003, "refused", "unknown_user", None, True, False, False, True, marks=pytest.mark.faults("OUT16")
        ),
        pytest.param(
            60111, "refused", "unknown_user", None, True, False, False, True, marks=pytest.mark.faults("OUT16")
        ),
        (40031, "refused", "unknown_user", None, True, False, False, True),
        pytest.param(
            40007, "refused", "media_gone", None, True, False, False, False, marks=pytest.mark.faults("OUT20")
        ),
        pytest.param(40009, "refused", "media", None, True, False, False, False, marks=pytest.mark.faults("OUT21")),
        pytest.param(40033, "refused", "content", None, True, False, True, False, marks=pytest.mark.faults("OUT17")),
        (45002, "refused", "content", None, True, False, True, False),
        (82001, "refused", "content", None, True, False, True, False),
        (42014, "refused", "card", None, True, False, False, False),
        (42035, "refused", "card", None, True, False, False, False),
        (60140, "refused", "card_used", None, True, False, False, False),
        pytest.param(42052, "refused", "too_late", None, True, False, False, False, marks=pytest.mark.faults("OUT37")),
        (40201, "refused", "spam", None, True, False, False, False),
        pytest.param(
            77777, "doubtful", "unknown_code", None, True, False, False, False, marks=pytest.mark.faults("OUT31")
        ),
    ],
)
def test_codes(
    code: int, verdict: str, reason: str, after: int | None, counted: bool, hold: bool, alarm: bool, person: bool
) -> None:
    found = answered({"errcode": code, "errmsg": "words, hint: [1]"})
    assert (found.verdict, found.reason, found.counted, found.hold, found.alarm, found.about_person) == (
        verdict,
        reason,
        counted,
        hold,
        alarm,
        person,
    )
    assert found.after == (None if after is None else timedelta(seconds=after))
    assert (found.code, found.http_status, found.detail) == (code, 200, "words, hint: [1]")
    assert answered({"errcode": str(code)}).reason == reason


def test_every_documented_code_is_decided() -> None:
    assert all(answered({"errcode": code}).verdict is not Verdict.DOUBTFUL for code in MEANINGS)


def test_a_wrong_secret_at_gettoken_is_configuration() -> None:
    found = answered({"errcode": 40001}, api="gettoken")
    assert (found.reason, found.hold, found.alarm, found.after) == ("secret", True, True, timedelta(minutes=5))
    assert answered({"errcode": 40001}).reason == "token"


@pytest.mark.faults("OUT14")
@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("not allow to access from your ip, hint: [17], from ip: 203.0.113.7, more info at https://x", "203.0.113.7"),
        ("from ip: 2001:db8::17, more info", "2001:db8::17"),
        ("no address here", "no address here"),
    ],
)
def test_the_address_to_trust(words: str, address: str) -> None:
    assert answered({"errcode": 60020, "errmsg": words}).detail == address


@pytest.mark.faults("OUT2", "OUT31")
@pytest.mark.parametrize(
    ("payload", "status"),
    [
        (b"", 200),
        (b"<html>502 Bad Gateway</html>", 502),
        (b"<html>login</html>", 200),
        (b'{"errcode":0,"errm', 200),
        ({"errcode": 0}, 502),
        ({"errcode": 0}, 302),
        ({"message": "too many requests"}, 200),
        ({"errcode": None}, 200),
        ({"errcode": True}, 200),
        ({"errcode": "ok"}, 200),
        ({"errcode": 0.0}, 200),
        ([0], 200),
        (b"[" * 100_000, 200),
        (b"\xff\xfe", 200),
    ],
)
def test_what_cannot_be_understood_is_doubt(payload: Any, status: int) -> None:
    found = answered(payload, status=status)
    assert (found.verdict, found.reason, found.http_status) == (Verdict.DOUBTFUL, "no_answer", status)


@pytest.mark.faults("CB29")
@pytest.mark.parametrize(
    "found",
    [
        final(NOT_SENT),
        final(NO_ANSWER),
        answered({"errcode": 45009}, api=CARD_UPDATE),
        answered({"errcode": 60020}, api=CARD_UPDATE),
        answered({"errcode": 60140}, api=CARD_UPDATE),
        answered({"errcode": 77777}, api=CARD_UPDATE),
        answered(b"", api=CARD_UPDATE),
    ],
)
def test_a_card_update_is_never_tried_again(found: Outcome) -> None:
    assert (found.verdict, found.after, found.hold) == (Verdict.REFUSED, None, False)


def test_an_accepted_update_stays_so() -> None:
    found = answered({"errcode": 0, "invaliduser": ["LiSi"]}, api=CARD_UPDATE)
    assert (found.verdict, dict(found.refused)) == (Verdict.ACCEPTED, {"lisi": "not_in_range"})
    assert final(found) is found
