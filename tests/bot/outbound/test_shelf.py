"""One token for all instances: one fetch for each that dies, sealed where it lies."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.clock import ManualClock
from bot.outbound.shelf import TokenShelf
from bot.platforms import place_of
from bot.platforms.base import Outcome, Verdict
from bot.platforms.tokens import NoToken, Token, Tokens
from bot.schedule.leases import Leases
from storage.database import Database
from tests.tables import make_tables, open_database

SECRET = b"a secret for tests, long enough for the rule"


@pytest.mark.faults("TOK2", "TOK1", "TOK11")
async def test_instances_fetch_one_token_between_them(database_url: str) -> None:
    clock, fetched = ManualClock(datetime(2026, 11, 23, 1, tzinfo=UTC)), []
    databases = [Database(database_url) for _ in range(1 if database_url.startswith("sqlite") else 3)]
    await make_tables(database_url)

    async def fetch() -> Token:
        fetched.append(f"secret-token-{len(fetched) + 1}")
        await asyncio.sleep(0)
        return Token(fetched[-1], timedelta(hours=2))

    def instance(number: int, secret: bytes = SECRET) -> Tokens:
        database = databases[number % len(databases)]
        return Tokens(fetch, clock, shelf=TokenShelf(database, Leases(database), clock, secret, "wecom"))

    try:
        all_of_them = [instance(number) for number in range(3)]
        assert set(await asyncio.gather(*(each.get() for each in all_of_them * 5))) == {"secret-token-1"}
        assert await instance(0).get() == "secret-token-1", "a new instance finds it"
        refused = (each.renew("secret-token-1") for each in all_of_them * 5)
        assert set(await asyncio.gather(*refused)) == {"secret-token-2"}
        all_of_them[0].pause("secret-token-2", Outcome(Verdict.LATER, "token"))
        clock.advance(timedelta(minutes=2))
        assert await all_of_them[0].get() == "secret-token-3", "what was refused is not taken from the shelf again"
        clock.advance(timedelta(hours=2))
        assert set(await asyncio.gather(*(each.get() for each in all_of_them))) == {"secret-token-4"}
        async with databases[0].reader.connect() as connection:
            (row,) = (await connection.execute(text("SELECT * FROM token"))).all()
        assert "secret-token" not in str(row)
        assert await instance(1, b"another key, which opens nothing").get() == "secret-token-5"
    finally:
        for database in databases:
            await database.close()


async def test_what_goes_wrong_at_the_platform_is_told_to_who_asked(database_url: str) -> None:
    database, clock = await open_database(database_url), ManualClock(datetime(2026, 11, 23, 1, tzinfo=UTC))
    down = Outcome(Verdict.LATER, "secret", counted=False, hold=True)

    async def fetch() -> Token:
        raise NoToken(down)

    tokens = Tokens(fetch, clock, shelf=TokenShelf(database, Leases(database), clock, SECRET, "wecom"))
    with pytest.raises(NoToken) as caught:
        await tokens.get()
    assert caught.value.outcome == down
    async with database.reading() as tx:
        assert await tx.leases.holder("token:wecom") is None, "the next may try"
    await database.close()


@pytest.mark.faults("TOK10")
def test_apps_whose_secrets_begin_alike_have_places_of_their_own() -> None:
    apps = [("ww1", "1", "secret-a"), ("ww1", "1", "secret-b"), ("ww1", "2", "secret-a"), ("ww11", "", "secret-a")]
    places = [place_of("wecom", *app) for app in apps]
    assert len(set(places)) == len(apps)
    assert place_of("wecom", *apps[0]) == places[0]
    assert "secret" not in "".join(places)
