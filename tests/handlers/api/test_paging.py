"""Lists are read page by page, and a cursor belongs to its list."""

import base64

import pytest

from handlers.api.cursors import ForeignCursor, cursor, last_id_of
from storage.enums import ItemKind
from tests.handlers.api.system import Office


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
async def test_pages_make_up_the_list(office: Office, limit: int) -> None:
    numbers = [await office.publishes() for _ in range(6)]
    deliveries = f"/items/{numbers[0]}/deliveries"
    for path, noun, total in (
        ("/items", "items", 6),
        (deliveries, "deliveries", 6),
        ("/members", "members", 6),
        ("/branches", "branches", 3),
    ):
        pages = await office.system.turns(path, noun, {"limit": limit})
        whole = (await office.system.asks(path)).body[noun]
        assert [row for page in pages for row in page] == whole
        assert [len(page) for page in pages] == [limit] * (total // limit) + [total % limit] * (total % limit > 0)
    assert [item["number"] for item in (await office.system.asks("/items")).body["items"]] == numbers[::-1]


async def test_what_comes_meanwhile_moves_no_page(office: Office) -> None:
    numbers = [await office.drafts() for _ in range(4)]
    first = (await office.system.asks("/items", {"limit": 2})).body
    await office.drafts()

    second = (await office.system.asks("/items", {"limit": 2, "after": first["next"]})).body

    assert [item["number"] for item in second["items"]] == [numbers[1], numbers[0]]
    assert second["next"] is None


@pytest.mark.faults("WEB18")
async def test_a_cursor_of_another_list_is_refused(office: Office) -> None:
    one, other = await office.publishes(), await office.publishes()
    await office.drafts(kind=ItemKind.MATERIAL)
    lists = [
        ("/items", {}),
        ("/items", {"kind": "notice"}),
        ("/items", {"status": "published"}),
        (f"/items/{one}/deliveries", {}),
        (f"/items/{other}/deliveries", {}),
        (f"/items/{other}/deliveries", {"state": "sent"}),
        ("/members", {}),
        ("/branches", {}),
    ]
    cursors = [(await office.system.asks(path, {**query, "limit": 1})).body["next"] for path, query in lists]
    assert len(set(cursors)) == len(lists)

    for i, (path, query) in enumerate(lists):
        for j, after in enumerate(cursors):
            answer = await office.system.asks(path, {**query, "after": after})
            assert answer.status == (200 if i == j else 400), (path, query, j)
            assert i == j or answer.code == "bad_request"


@pytest.mark.faults("WEB18")
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "501"},
        {"limit": "1000000000"},
        {"limit": "9" * 400},
        {"limit": "ten"},
        {"limit": "1.0"},
        {"limit": " 1"},
        {"limit": "1_0"},
        {"limit": "１"},
        {"limit": ""},
        {"after": ""},
        {"after": "0"},
        {"after": "A" * 24},
        {"after": "-" * 24},
        {"after": "é" * 24},
        {"after": base64.urlsafe_b64encode(b"\xff" * 18).decode()},
        {"after": "' OR 1=1 --"},
        {"status": "dropped"},
        {"status": "PUBLISHED"},
        {"status": "published' OR '1'='1"},
        {"status": ""},
        {"kind": "letter"},
        {"state": "sent"},
        {"branch": "1"},
        {"\udcff": "1"},
    ],
)
async def test_nonsense_is_refused_with_a_sentence(office: Office, query: dict[str, str]) -> None:
    query = {name.encode(errors="surrogateescape").decode(errors="replace"): text for name, text in query.items()}
    answer = await office.system.asks("/items", query)

    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.faults("WEB18")
@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=%ff", "%ff=1", "after=%00", "status=%ed%a0%80"])
async def test_raw_nonsense_is_refused(office: Office, query: str) -> None:
    assert (await office.system.asks(f"/items?{query}")).status == 400


def test_a_changed_cursor_is_none() -> None:
    good = cursor("list", 12)
    assert last_id_of("list", good) == 12
    for place in range(len(good)):
        for letter in "AZaz09-_=é":
            changed = good[:place] + letter + good[place + 1 :]
            if changed != good:
                with pytest.raises(ForeignCursor):
                    last_id_of("list", changed)


def test_a_cursor_beyond_every_row_is_none() -> None:
    with pytest.raises(ForeignCursor):
        last_id_of("list", cursor("list", 2**63))
