"""Takes the pictures of the documentation anew, from the real demonstration: `python docs/screenshots/make.py`.

Needs Chromium (`make browser`). Writes demo.zh.png and demo.en.png (the whole page after the tour), preview.zh.png (the
secretary's phone with a preview), item.zh.png (an item's page as a phone shows it), desk.zh.png and desk.en.png (a
question on the resident's and the responder's phone), questions.zh.png and questions.en.png (the public page).
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
DESK: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
HALF: Any = {"width": 390, "height": 480}
PATIENCE = 15_000
"""Milliseconds; the undo window alone takes five seconds."""

WORDS = {
    "zh": ("填入示例", "确认收到", "拨快一天", "问进度", "2/6"),
    "en": ("Fill in the example", "Received", "Move by a day", "Ask for the status", "2/6"),
}
RESIDENT = "oAbc_resident_00000000000001"
TOLD = {
    "zh": {
        "ask": "问题示例",
        "came": "新问题 Q1",
        "claim": "认领 Q1",
        "answer": "答复 Q1 已经报修，周三前修好。",
        "there": "有答复了",
        "rate": "满意",
        "thanks": "谢谢",
        "publish": "公开 Q1",
        "submit": "提交",
        "agree": "同意公开",
        "public": "Q1 已公开",
    },
    "en": {
        "ask": "Question",
        "came": "New question Q1",
        "claim": "/claim Q1",
        "answer": "/answer Q1 It has been reported and will be mended by Wednesday.",
        "there": "It has been reported",
        "rate": "satisfied",
        "thanks": "hank",
        "publish": "/publish Q1",
        "submit": "Submit",
        "agree": "Agree",
        "public": "Q1 is published",
    },
}
"""What is pressed, said and waited for in the story of a question."""


@contextmanager
def demo(language: str) -> Iterator[str]:
    """The demonstration as a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LANG": "en_US.UTF-8" if language == "en" else "zh_CN.UTF-8", "LC_ALL": ""}
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port)]
    with subprocess.Popen(command, cwd=HERE.parents[1], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("the demo did not start")
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)


def tour(browser: Browser, address: str, language: str) -> None:
    """Walks through the tour and takes the pictures on the way."""
    example, receive, wait, ask, figures = WORDS[language]
    page = browser.new_page(viewport=DESK, device_scale_factor=2)
    page.goto(address)
    page.get_by_role("button", name=example).click()
    page.keyboard.press("Enter")
    secretary = page.locator("#phone-zhouhui")
    secretary.locator(".card-button.primary").wait_for()
    calm(page)
    if language == "zh":
        secretary.screenshot(path=HERE / "preview.zh.png")
    secretary.locator(".card-button.primary").click()
    member = page.locator("#phone-wangxiuying")
    member.get_by_role("button", name=receive, exact=True).click(timeout=PATIENCE)
    second = page.locator("#phone-lijianguo")
    link = second.locator(".card-title a").get_attribute("href") or ""
    if language == "zh":
        item(browser, urljoin(address, link))
    second.locator(".card-button").nth(1).click()
    second.frame_locator("iframe").get_by_role("button").click(timeout=PATIENCE)
    page.get_by_role("button", name=wait).click()
    expect(page.locator("#phone-chenxiaoming .message")).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("button", name=ask).click()
    expect(secretary.locator(".message").last).to_contain_text(figures, timeout=PATIENCE)
    calm(page)
    page.screenshot(path=HERE / f"demo.{language}.png", scale="css")


def question(browser: Browser, address: str, language: str) -> None:
    """A question from the resident's words to the public page."""
    words = TOLD[language]
    page = browser.new_page(viewport=DESK, device_scale_factor=2)
    page.goto(address)
    resident, responder, secretary = (page.locator(f"#phone-{each}") for each in (RESIDENT, "wangxiuying", "zhouhui"))
    resident.get_by_role("button", name=words["ask"], exact=True).click()
    page.keyboard.press("Enter")
    hears(responder, words["came"])
    says(responder, words["claim"])
    says(responder, words["answer"])
    hears(resident, words["there"])
    says(resident, words["rate"])
    hears(resident, words["thanks"])
    pair(page, HERE / f"desk.{language}.png")
    says(secretary, words["publish"])
    secretary.get_by_role("button", name=words["submit"], exact=True).click(timeout=PATIENCE)
    responder.get_by_role("button", name=words["agree"], exact=True).click(timeout=PATIENCE)
    hears(responder, words["public"])
    page.close()
    phone = browser.new_page(viewport=HALF, device_scale_factor=2, is_mobile=True, has_touch=True)
    phone.goto(urljoin(address, "/questions"))
    phone.screenshot(path=HERE / f"questions.{language}.png")
    phone.close()


def says(phone: Locator, words: str) -> None:
    phone.locator("textarea").fill(words)
    phone.locator("textarea").press("Enter")
    hears(phone, words)


def hears(phone: Locator, words: str) -> None:
    expect(phone.locator(".message").filter(has_text=words).last).to_be_visible(timeout=PATIENCE)


def pair(page: Page, path: Path) -> None:
    """The resident's phone and the responder's, side by side."""
    show = (
        "shown => document.querySelectorAll('.phone').forEach(each => each.style.display = shown(each) ? '' : 'none')"
    )
    page.evaluate(f"({show})(each => ['phone-{RESIDENT}', 'phone-wangxiuying'].includes(each.id))")
    calm(page)
    boxes = [box for phone in page.locator(".phone:visible").all() if (box := phone.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = (max(box[at] + box[size] for box in boxes) for at, size in (("x", "width"), ("y", "height")))
    clip: Any = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    page.screenshot(path=path, clip=clip, full_page=True, scale="css")
    page.evaluate(f"({show})(() => true)")


def item(browser: Browser, address: str) -> None:
    """An item's page, as a member sees it who has not answered yet."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page.goto(address)
    page.get_by_role("button").wait_for()
    page.screenshot(path=HERE / "item.zh.png")
    page.close()


def calm(page: Page) -> None:
    """Lets what glows and slides come to rest."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finish()))")
    page.wait_for_load_state("load")


def main() -> None:
    """All pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language in WORDS:
            with demo(language) as address:
                tour(browser, address, language)
            with demo(language) as address:
                question(browser, address, language)
        browser.close()


if __name__ == "__main__":
    main()
