"""What leaves to residents, what the platform makes of it, and what the account may not do."""

import asyncio
import json
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.clock import ManualClock
from bot.errors import SendLater, SendRefused
from bot.message import Button, Card, Nudge, Recall, Text
from bot.platforms.base import Outcome, Request, Verdict
from bot.platforms.official_account.codes import MEANINGS
from bot.platforms.official_account.platform import OfficialAccount
from bot.simulator.account import AccountKind
from bot.simulator.residents import ResidentPhone
from bot.simulator.twin import Twin
from tests.bot.platforms.official_account.standins import SEAL, account, settings


@pytest.fixture
def wang(twin: Twin) -> ResidentPhone:
    phone = twin.account.resident("王阿姨")
    phone.follows = True
    phone.window.words(twin.clock.now())
    return phone


def message(phone: ResidentPhone, words: str = "您好") -> Request:
    unused = account(settings("http://127.0.0.1:1"), phone.account.twin.clock)
    return unused.compose(Text(words), [SEAL.close(phone.openid)], "c1")


async def said(platform: OfficialAccount, phone: ResidentPhone, words: str = "您好") -> tuple[Verdict, str]:
    found = await platform.deliver(message(phone, words))
    return found.verdict, found.reason


async def test_words_arrive_and_the_frozen_request_names_nobody(platform: OfficialAccount, wang: ResidentPhone) -> None:
    frozen = message(wang, "您的问题 Q34 有答复了")
    assert wang.openid.encode() not in frozen.body

    found = await platform.deliver(frozen)
    assert (found.verdict, found.code) == (Verdict.ACCEPTED, 0)
    assert wang.heard() == ["您的问题 Q34 有答复了"]


async def test_cards_become_links_or_words(platform: OfficialAccount, wang: ResidentPhone) -> None:
    url = "https://bot.example.org/questions"
    for card in (
        Card("常见问题", subtitle="看看有没有您想问的", url=url),
        Card(
            "编号 Q34", fields=(("状态", "已答复"),), buttons=(Button("满意", action="rate"), Button("查看", url=url))
        ),
        Card("没有链接", body="只有字"),
    ):
        frozen = platform.compose(card, [SEAL.close(wang.openid)], "c1")
        assert (await platform.deliver(frozen)).verdict is Verdict.ACCEPTED
    link, words, bare = wang.messages
    assert (link.kind, link.text, link.url) == ("news", "常见问题\n看看有没有您想问的", url)
    assert words.text == f'编号 Q34\n状态：已答复\n<a href="{url}">查看</a>'
    assert bare.text == "没有链接\n只有字"


async def test_templates(base: str, twin: Twin, wang: ResidentPhone, clock: ManualClock) -> None:
    fields = {"thing1": "{text}", "character_string2": "{number}"}
    nudge = Nudge("有回音了，" + "很" * 20, "Q34", "2026年11月23日 10:00")
    twin.account.templates |= {"t1": frozenset(fields), "other": frozenset({"thing9"})}

    async def sent(**section: object) -> tuple[Verdict, str]:
        platform = account(settings(base, **section), clock)
        found = await platform.deliver(platform.compose(nudge, [SEAL.close(wang.openid)], "c1"))
        await platform.close()
        return found.verdict, found.reason

    assert await sent(template_id="t1", template_fields=fields) == (Verdict.ACCEPTED, "")
    assert wang.heard() == ["有回音了，" + "很" * 14 + "…\nQ34"]
    assert twin.requests_to("message/template/send")[0].json["client_msg_id"] == "c1"
    assert await sent(template_id="other", template_fields=fields) == (Verdict.REFUSED, "template")
    assert await sent(template_id="none", template_fields=fields) == (Verdict.REFUSED, "template")
    assert await sent(subscribe_template_id="t1", template_fields=fields) == (Verdict.REFUSED, "declined")
    wang.consents.add("t1")
    assert await sent(subscribe_template_id="t1", template_fields=fields) == (Verdict.ACCEPTED, "")
    wang.follows = False
    assert await sent(template_id="t1", template_fields=fields) == (Verdict.REFUSED, "unfollowed")
    with pytest.raises(ValueError, match="template"):
        await sent()


async def test_what_an_account_cannot_send_is_no_request(platform: OfficialAccount) -> None:
    with pytest.raises(ValueError, match="cannot be changed"):
        platform.compose(Recall("m1"), ["r.a"], "c1")
    with pytest.raises(ValueError, match="2 recipients"):
        platform.compose(Text("a"), ["r.a", "r.b"], "c1")


async def test_somebody_whom_another_key_named_is_not_found(platform: OfficialAccount, twin: Twin) -> None:
    body = json.dumps({"touser": "r.aaaa", "msgtype": "text", "text": {"content": "a"}}).encode()
    found = await platform.deliver(Request("message/custom/send", body))
    assert (found.verdict, found.reason, found.about_person) == (Verdict.REFUSED, "unknown_resident", True)
    assert twin.requests == []


async def test_the_window_five_messages_then_none_until_they_write(
    platform: OfficialAccount, wang: ResidentPhone, clock: ManualClock
) -> None:
    for _ in range(5):
        assert (await said(platform, wang))[0] is Verdict.ACCEPTED
    assert await said(platform, wang) == (Verdict.REFUSED, "window_used")
    wang.window.words(clock.now())
    assert (await said(platform, wang))[0] is Verdict.ACCEPTED
    clock.advance(timedelta(hours=48))
    assert await said(platform, wang) == (Verdict.REFUSED, "window_closed")
    wang.window.tap(clock.now())
    assert (await said(platform, wang))[0] is Verdict.ACCEPTED
    wang.follows = False
    assert await said(platform, wang) == (Verdict.REFUSED, "window_closed")


async def test_what_the_account_may_not_do_is_asked_once_a_day(
    platform: OfficialAccount, wang: ResidentPhone, twin: Twin, clock: ManualClock
) -> None:
    twin.account.kind = AccountKind.PERSONAL
    assert platform.speaks_later
    for _ in range(3):
        assert await said(platform, wang) == (Verdict.REFUSED, "not_granted")
    assert not platform.speaks_later
    assert len(twin.requests_to("message/custom/send")) == 1

    twin.account.kind = AccountKind.SERVICE
    clock.advance(timedelta(days=1))
    assert platform.speaks_later
    assert (await said(platform, wang))[0] is Verdict.ACCEPTED
    assert platform.speaks_later


@pytest.mark.faults("TOK1", "TOK2", "TOK4", "TOK5")
async def test_one_token_for_all_renewed_once(
    platform: OfficialAccount, wang: ResidentPhone, twin: Twin, clock: ManualClock
) -> None:
    await asyncio.gather(*(platform.deliver(message(wang)) for _ in range(4)))
    assert twin.account.tokens.issued == 1
    (request,) = twin.requests_to("stable_token")
    assert (request.json["force_refresh"], request.query) == (False, {})

    twin.account.tokens.void()
    assert (await said(platform, wang))[0] is Verdict.ACCEPTED
    assert twin.account.tokens.issued == 2

    wang.window.words(clock.now())
    twin.faults.add("message/custom/send", errcode=42001, times=2)
    found = await platform.deliver(message(wang))
    assert (found.verdict, found.reason, found.hold) == (Verdict.LATER, "token", True)
    assert twin.account.tokens.issued == 3


async def test_a_wrong_secret_holds_everything(base: str, clock: ManualClock, wang: ResidentPhone) -> None:
    platform = account(settings(base, secret="another"), clock)
    found = await platform.deliver(message(wang))
    await platform.close()
    assert (found.verdict, found.reason, found.hold, found.alarm) == (Verdict.LATER, "secret", True, True)


@pytest.mark.parametrize(
    ("code", "verdict", "reason", "hold", "alarm", "about_person"),
    [
        (-1, Verdict.LATER, "busy", False, False, False),
        (45009, Verdict.LATER, "rate", True, True, False),
        (40013, Verdict.LATER, "app_id", True, True, False),
        (40164, Verdict.LATER, "address_not_listed", True, True, False),
        (61004, Verdict.LATER, "address_not_listed", True, True, False),
        (40003, Verdict.REFUSED, "unknown_resident", False, False, True),
        (43004, Verdict.REFUSED, "unfollowed", False, False, True),
        (43019, Verdict.REFUSED, "unfollowed", False, False, True),
        (43101, Verdict.REFUSED, "declined", False, False, True),
        (45015, Verdict.REFUSED, "window_closed", False, False, False),
        (45047, Verdict.REFUSED, "window_used", False, False, False),
        (40037, Verdict.REFUSED, "template", False, True, False),
        (47003, Verdict.REFUSED, "template", False, True, False),
        (45002, Verdict.REFUSED, "content", False, True, False),
        (99999, Verdict.DOUBTFUL, "unknown_code", False, False, False),
    ],
)
async def test_codes(
    platform: OfficialAccount,
    wang: ResidentPhone,
    twin: Twin,
    code: int,
    verdict: Verdict,
    reason: str,
    hold: bool,
    alarm: bool,
    about_person: bool,
) -> None:
    twin.faults.add("message/custom/send", errcode=code)
    found = await platform.deliver(message(wang))
    assert (found.verdict, found.reason, found.code) == (verdict, reason, code)
    assert (found.hold, found.alarm, found.about_person) == (hold, alarm, about_person)
    if reason == "address_not_listed" and code == 40164:
        assert found.detail == "203.0.113.7"
    assert wang.heard() == []


async def test_the_network(platform: OfficialAccount, wang: ResidentPhone, twin: Twin, clock: ManualClock) -> None:
    for fault in ({"lose_answer": True}, {"garbage": True}, {"html": True}, {"http_status": 500}):
        twin.faults.add("message/custom/send", **fault)
        assert await said(platform, wang) == (Verdict.DOUBTFUL, "no_answer")
    nowhere = account(settings("http://127.0.0.1:9"), clock)
    found = await nowhere.deliver(message(wang))
    await nowhere.close()
    assert found == Outcome(Verdict.LATER, "network", counted=False)
    assert platform.limits.repeat_window == timedelta(), "nothing keeps a second copy from being shown"


def test_every_documented_code_has_a_meaning() -> None:
    documented = {-1, 40001, 40014, 42001, 40003, 40013, 40029, 40163, 40164, 41001, 43004, 43019, 43101, 45009, 45015}
    assert documented | {45047, 47003, 48001} <= MEANINGS.keys()


async def test_who_a_browser_is(platform: OfficialAccount, wang: ResidentPhone, twin: Twin, base: str) -> None:
    url = platform.login_url("state1", "https://bot.example.org/back")
    async with (
        ClientSession(headers={"X-Simulator-User": wang.openid}) as client,
        client.get(url.partition("#")[0], allow_redirects=False) as answer,
    ):
        code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    assert await platform.who(code) == SEAL.close(wang.openid)
    assert await platform.who(code) is None, "a code is good once"
    assert await platform.who("made-up") is None
    assert await platform.who("") is None
    twin.account.kind = AccountKind.SUBSCRIPTION
    with pytest.raises(SendRefused, match="not_granted"):
        await platform.who("x")
    twin.faults.add("oauth2", errcode=-1)
    with pytest.raises(SendLater):
        await platform.who("x")
    with pytest.raises(ValueError, match="state"):
        platform.login_url("no spaces", "https://bot.example.org/back")
