"""The demonstration as somebody meets it who never saw it: started by its command, tried with clicks and words."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Response, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[2]
DESK: Any = {"width": 1440, "height": 900}
RESIDENT = "oAbc_resident_00000000000001"
SLOWEST = 15_000
"""Milliseconds for one answer; the undo window alone takes five seconds."""


@asynccontextmanager
async def demo(language: str = "zh_CN.UTF-8") -> AsyncIterator[str]:
    """`branchbot demo` as a process of its own; gives the address that it prints, and ends it with Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "BRANCHBOT_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", str(port)),
        cwd=ROOT,
        env={**environment, "LANG": language},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield await _address(process.stdout)
        process.send_signal(signal.SIGINT)
        await process.wait()
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(output: asyncio.StreamReader) -> str:
    async for line in output:
        found = re.search(rb"http://\S+", line)
        if found:
            return found[0].decode()
    raise AssertionError("the demo ended without an address")


@asynccontextmanager
async def opened(chromium: Browser, address: str) -> AsyncIterator[Page]:
    """The page; at the end nothing may stand in the browser's console, and no request may have failed."""
    context = await chromium.new_context(viewport=DESK)
    context.set_default_timeout(SLOWEST)
    page = await context.new_page()
    troubles: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def on_response(response: Response) -> None:
        if response.status >= 400:
            troubles.append(f"{response.status} {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", on_response)
    await page.goto(address)
    yield page
    await context.close()
    assert troubles == []


class Phone:
    """One of the phones on the page, or the group."""

    def __init__(self, page: Page, userid: str) -> None:
        self.page = page
        self.node = page.locator(f"#phone-{userid}")

    @property
    def messages(self) -> Locator:
        return self.node.locator(".messages > li.message")

    @property
    def last(self) -> Locator:
        return self.messages.last

    def button(self, label: str) -> Locator:
        """The latest button of a card that has this label."""
        return self.node.locator(".card-button", has_text=re.compile(f"^{label}$")).last

    async def says(self, text: str) -> None:
        field = self.node.locator(".composer-field")
        await field.fill(text)
        await field.press("Enter")

    async def hears(self, words: str | re.Pattern[str]) -> None:
        """Waits for a message with these words, whatever came after it."""
        await expect(self.messages.filter(has_text=words).last).to_be_attached(timeout=SLOWEST)


async def test_the_tour_tells_the_whole_story(chromium: Browser) -> None:
    async with demo() as address, opened(chromium, address) as page:
        zhou, wang, li, chen = (Phone(page, name) for name in ("zhouhui", "wangxiuying", "lijianguo", "chenxiaoming"))
        group = Phone(page, "group")
        await group.hears("这个群绑定“第一支部”了")

        await page.get_by_role("button", name="填入示例").click()
        assert (await zhou.node.locator(".composer-field").input_value()).startswith("/通知 关于召开支部大会的通知\n")
        await page.keyboard.press("Enter")
        await zhou.hears("预览 #1 关于召开支部大会的通知")
        for words in ("第一支部，6 人", "点“发送”后 5 秒", "看到后点“确认收到”"):
            await expect(zhou.last).to_contain_text(words)
        assert await wang.messages.count() == 0

        await zhou.button("发送").click()
        await expect(zhou.button("已确认发送")).to_be_disabled()
        await expect(zhou.messages.filter(has_text="会在 5 秒后发给 6 人")).to_be_visible()
        for phone in (wang, li, chen, group):
            await phone.hears("#1 关于召开支部大会的通知")

        await wang.button("确认收到").click()
        await expect(wang.button("已确认")).to_be_disabled()

        await li.button("查看全文").click()
        inside = li.node.frame_locator("iframe")
        await expect(inside.get_by_role("heading", name="关于召开支部大会的通知")).to_be_visible()
        await inside.get_by_role("button", name="确认收到").click()
        await expect(inside.get_by_text(re.compile("^已于 .+ 确认$"))).to_be_visible()
        await li.node.get_by_role("button", name="返回").click()

        await page.get_by_role("button", name="拨快一天").click()
        await chen.hears("提醒：#1 关于召开支部大会的通知")
        await expect(zhou.messages.filter(has_text="提醒：#1")).to_be_visible()
        for phone in (wang, li):
            assert await phone.messages.filter(has_text="提醒").count() == 0

        await page.get_by_role("button", name="问进度").click()
        await zhou.hears(re.compile("#1 关于召开支部大会的通知.*已完成 2/6", re.DOTALL))
        await expect(page.locator(".step-done")).to_have_count(5)


async def test_people_talk_to_the_bot_in_the_group(chromium: Browser) -> None:
    async with demo() as address, opened(chromium, address) as page:
        zhou, wang, chen, group = (Phone(page, name) for name in ("zhouhui", "wangxiuying", "chenxiaoming", "group"))

        async def speaks(name: str) -> None:
            await group.node.get_by_role("radio", name=name).check(force=True)
            await expect(group.node.locator(".speaker-name")).to_have_text(name)

        await group.hears("这个群绑定“第一支部”了")
        await speaks("周慧")
        await group.says("进度")
        await group.hears("现在没有进行中的条目")
        await group.says("近度")
        await group.hears("是不是想说“进度”")
        await group.says("通知 周五下午3点开会\n截止：昨天")
        await group.hears("已经过去了")
        await group.says("周四 18:00")
        await group.hears("预览 #1 周五下午3点开会")
        await group.button("发送").click()
        await wang.hears("#1 周五下午3点开会")

        await speaks("王秀英")
        await group.button("确认收到").click()
        await group.hears("已回复 1 人，共 6 人")
        await speaks("陈晓明")
        await group.says("收到")
        await group.hears("#1 周五下午3点开会，已确认，谢谢。")

        await speaks("周慧")
        await group.says("进度 1")
        await group.hears("已完成 2/6")
        await group.says("未读 1")
        await group.hears("名单已私下发给您")
        await zhou.hears(re.compile("还有 4 人没有完成.*周慧.*李建国.*赵国强.*孙丽", re.DOTALL))
        assert await chen.messages.filter(has_text="李建国").count() == 0


async def test_impatient_and_mistaken_hands_do_no_harm(chromium: Browser) -> None:
    async with demo() as address, opened(chromium, address) as page:
        zhou, wang = Phone(page, "zhouhui"), Phone(page, "wangxiuying")
        await zhou.says("/通知")
        await zhou.hears("通知的标题是什么")
        await zhou.says("取消")
        await zhou.hears("刚才的事不办了")
        await zhou.says("/天气 一个")
        await zhou.hears("没有“天气”这个命令")
        await zhou.says("通知 交党费")
        await zhou.hears("预览 #1 交党费")
        await zhou.button("发送").dblclick()
        await wang.hears("#1 交党费")
        await wang.button("确认收到").dblclick()
        await expect(wang.button("已确认")).to_be_disabled()
        await wang.says("收到")
        await wang.hears("现在没有等您回复的事")
        assert await wang.messages.filter(has_text="#1 交党费").count() == 1

        for name in ("+1 小时", "+1 天", "明早 9 点"):
            await page.get_by_role("button", name=name).click()
        await expect(page.locator("#clock-time")).to_have_text(re.compile("^09:0"))
        await zhou.says("撤销 1")
        await zhou.hears("来不及撤销了。要收回请回复：撤回 1")
        await page.reload()
        await zhou.hears("来不及撤销了")

        liu = Phone(page, RESIDENT)
        await liu.hears("这里是第一支部的群众问答")
        await liu.node.get_by_role("button", name="问题示例").click()
        await page.keyboard.press("Enter")
        await liu.hears("已收到，编号 Q1")
        await wang.hears("新问题 Q1")
        await liu.node.get_by_role("button", name="发图片").click()
        await liu.hears("已记在 Q1 里")
        await liu.node.get_by_role("button", name="更多").click()
        await liu.node.get_by_role("button", name="我的提问").click()
        await expect(liu.node.get_by_role("button", name="我的提问")).to_be_hidden()
        await liu.hears(re.compile("Q1.*路灯", re.DOTALL))
        await wang.says("认领 Q1")
        await wang.says("答复 Q1 已经报修，周三前修好。")
        await liu.hears(re.compile("Q1 有答复了.*周三前修好", re.DOTALL))
        await liu.says("满意")
        await liu.hears("谢谢")


async def test_it_speaks_english_on_an_english_machine(chromium: Browser) -> None:
    async with demo("en_US.UTF-8") as address, opened(chromium, address) as page:
        zhou, wang = Phone(page, "zhouhui"), Phone(page, "wangxiuying")
        await Phone(page, "group").hears("First branch")
        await page.get_by_role("button", name="Fill in the example").click()
        await page.keyboard.press("Enter")
        await zhou.hears("#1 Branch meeting next Friday")
        await zhou.button("Send").click()
        await wang.hears("confirm by")
        await wang.node.locator(".card-button.primary").click()
        await page.get_by_role("button", name="Move by a day").click()
        await Phone(page, "lijianguo").hears("Reminder")
        await page.get_by_role("button", name="Ask for the status").click()
        await zhou.hears("1/6")
        liu = Phone(page, RESIDENT)
        await liu.node.get_by_role("button", name="Question").click()
        await page.keyboard.press("Enter")
        await wang.hears("Q1")
        await liu.node.get_by_role("button", name="Progress", exact=True).first.click()
        await liu.hears("Q1")
        await expect(page.locator(".step-done")).to_have_count(5)
