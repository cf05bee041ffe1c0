"""A resident's id and what stands for it."""

import pytest

from bot.platforms.official_account.seal import PREFIX, Seal

OPENID = "oAbc_resident_00000000000001"


def test_a_token_names_a_resident_and_tells_nothing() -> None:
    seal = Seal(b"one secret" * 4, "wx1")
    token = seal.close(OPENID)

    assert seal.close(OPENID) == token == token.casefold()
    assert token.startswith(PREFIX)
    assert len(token) <= 80
    assert "resident" not in token
    assert seal.open(token) == OPENID
    assert seal.close("oAbc_resident_00000000000002") != token


def test_another_key_or_account_has_other_tokens_and_opens_none() -> None:
    token = Seal(b"one secret" * 4, "wx1").close(OPENID)
    for other in (Seal(b"two secret" * 4, "wx1"), Seal(b"one secret" * 4, "wx2")):
        assert other.close(OPENID) != token
        with pytest.raises(ValueError, match="resident"):
            other.open(token)


@pytest.mark.parametrize("token", ["", "r.", "zhangsan", "r.aaaa", "r.0189", "r.党", OPENID, "r." + "a" * 71])
def test_what_is_no_token_is_not_opened(token: str) -> None:
    with pytest.raises(ValueError, match="resident"):
        Seal(b"one secret" * 4, "wx1").open(token)
