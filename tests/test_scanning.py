"""The scan finds what it is there for."""

import logging
import urllib.parse

import pytest

from bot.log import get_logger
from tests.scanning import SCAN


@pytest.mark.faults("PRV4", "TOK9", "WEB4")
def test_a_name_a_secret_and_an_id_are_found() -> None:
    SCAN.watch(names=["郑十一"], secrets=["user2", "a-secret-of-the-app"])
    log = get_logger("tests")
    log.info("delivery.sent", delivery_id=17, member_id=2, user20="x")
    assert SCAN.hits == []
    log.info("delivery.sent", name="郑十一")
    logging.getLogger("aiohttp.client").warning("GET /x?secret=%s", "a-secret-of-the-app")
    try:
        raise ValueError("user2 is not there")
    except ValueError:
        log.exception("update.failed")
    SCAN.url("/i/abc?from=user2")
    SCAN.url("/cgi-bin/user/get?userid=user2")
    SCAN.url("/i/abc?name=" + urllib.parse.quote("郑十一"))
    assert [hit.split(" in ")[0] for hit in SCAN.hits] == [
        "log: '郑十一'",
        "log: 'a-secret-of-the-app'",
        "log: 'user2'",
        "url: 'user2'",
        "url: '郑十一'",
    ]
    SCAN.hits.clear()
