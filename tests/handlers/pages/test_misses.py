"""Who asks too often for what is not there, and whose address counts."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.handlers.pages.site import Site, open_site

GUESS = "/i/1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.faults("WEB3", "WEB15")
async def test_twenty_misses_a_minute(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        answers = []
        for _ in range(22):
            async with browser.get(GUESS) as answer:
                answers.append(answer.status)
        assert answers == [404] * 20 + [429] * 2
        async with browser.get(GUESS) as answer:
            assert answer.headers["Retry-After"] == "60"
            assert "请稍后再试" in await answer.text()
        # Colleagues behind the same address are not kept out.
        async with browser.get(f"/i/{token}", allow_redirects=False) as answer:
            assert answer.status == 302
        site.clock.advance(timedelta(minutes=1))
        async with browser.get(GUESS) as answer:
            assert answer.status == 404


async def test_whoever_is_logged_in_answers_for_themselves(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as guesser, site.client() as other:
        async with guesser.get(f"/i/{token}") as answer:
            assert answer.status == 200
        for _ in range(20):
            async with guesser.get(GUESS) as answer:
                assert answer.status == 404
        async with guesser.get(GUESS) as answer:
            assert answer.status == 429
        async with guesser.get(f"/i/{token}") as answer:
            assert answer.status == 200
        async with other.get(GUESS) as answer:
            assert answer.status == 404


@pytest.mark.faults("WEB16")
@pytest.mark.parametrize(
    ("trusted", "header", "limited"),
    [
        ((), "198.51.100.{}", True),  # nobody is trusted: the header is anybody's word
        (("127.0.0.1",), "198.51.100.{}", False),
        (("127.0.0.0/8",), "203.0.113.9, 198.51.100.{}", False),
        (("127.0.0.1",), "198.51.100.{}, 203.0.113.9", True),  # what the visitor put in front does not count
        (("127.0.0.1", "203.0.113.9"), "198.51.100.{}, 203.0.113.9", False),
        (("127.0.0.1",), "2001:db8::{}", True),  # one network of 64 bits is one visitor
        (("127.0.0.1",), "2001:db8:0:{}::1", False),
        (("127.0.0.1",), "::ffff:198.51.100.{}", False),
        (("127.0.0.1",), "not an address {}", True),
        (("127.0.0.1",), "", True),
    ],
)
async def test_the_forwarded_address_counts_from_trusted_proxies_only(
    tmp_path: Path, trusted: tuple[str, ...], header: str, limited: bool
) -> None:
    async with open_site(tmp_path, trusted_proxies=trusted) as site, site.client() as browser:
        for number in range(21):
            async with browser.get(GUESS, headers={"X-Forwarded-For": header.format(number)}) as answer:
                status = answer.status
    assert (status == 429) == limited
