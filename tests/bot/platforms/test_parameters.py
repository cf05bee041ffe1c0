"""A callback's parameters: each exactly once, whether they have to be decoded or not."""

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.errors import ForgedRequest
from bot.platforms.parameters import Parameters


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=", {"a": ""}),
        ("a", {"a": ""}),
        ("a=1=2", {"a": "1=2"}),
        ("a=%2B&b=2+3", {"a": "+", "b": "2 3"}),
        ("a=1#b=2", {"a": "1"}),
        ("&a=1&", {"a": "1"}),
    ],
)
def test_what_stands_there(query: str, found: dict[str, str]) -> None:
    given = Parameters(make_mocked_request("POST", f"/callback?{query}"))
    assert {name: given[name] for name in found} == found
    with pytest.raises(ForgedRequest):
        given["other"]
    assert given.get("other", "raw") == "raw"


@pytest.mark.parametrize("query", ["", "b=1", "a=1&a=1", "a=1&a=2", "a=%31&a=2"])
def test_what_is_missing_or_doubled_is_forged(query: str) -> None:
    given = Parameters(make_mocked_request("POST", f"/callback?{query}"))
    with pytest.raises(ForgedRequest, match="missing"):
        given["a"]
