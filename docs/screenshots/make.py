"""Takes the pictures of the documentation anew, from the real demonstration: `python docs/screenshots/make.py`.

Needs Chromium (`make browser`). Writes demo.zh.png and demo.en.png (the whole page after the tour), preview.zh.png (the
secretary's phone with a preview) and item.zh.png (an item's page as a phone shows it).
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

from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
DESK: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
PATIENCE = 15_000
"""Milliseconds; the undo window alone takes five seconds."""

WORDS = {
    "zh": ("填入示例", "发送", "确认收到", "拨快一天", "问进度", "2/6"),
    "en": ("Fill in the example", "Send", "Received", "Move by a day", "Ask for the status", "2/6"),
}


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
        yield found[0]
        process.send_signal(signal.SIGINT)


def tour(browser: Browser, address: str, language: str) -> None:
    """Walks through the tour and takes the pictures on the way."""
    example, send, receive, wait, ask, figures = WORDS[language]
    page = browser.new_page(viewport=DESK, device_scale_factor=2)
    page.goto(address)
    page.get_by_role("button", name=example).click()
    page.keyboard.press("Enter")
    secretary = page.locator("#phone-zhouhui")
    secretary.get_by_role("button", name=send, exact=True).first.wait_for()
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
        browser.close()


if __name__ == "__main__":
    main()
